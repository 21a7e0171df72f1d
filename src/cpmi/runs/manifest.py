"""The manifest of a run: what its numbers come from, and the guard against mixing two runs in one folder.

It has three parts. `determines` holds exactly what the bytes of the results follow from; its digest is the
fingerprint that a resumed run and the shards of one run share. `circumstances` holds the rest (paths, shard,
machine), kept for people. `digests` holds the SHA-256 of every result, `sha256` that of the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cpmi.digests import DIGESTS, digest_of_bytes, expect_sealed_manifest, sealed
from cpmi.digests import MANIFEST_NAME as MANIFEST_NAME
from cpmi.errors import RunError
from cpmi.json_files import parse_json
from cpmi.storage import refused, write_json

FORMAT = 2
"""Of the folders that this version writes. Format 0 had no such number, format 1 kept every chunk in files of
its own; both can be read, not resumed."""
_ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a folder of results comes from.

    Attributes:
        determines: exactly what the bytes of the results follow from; JSON values, nested at will.
        circumstances: the rest, for people and later stages.
        files: what the run writes below its folder, "#" for a number; nothing else there is ours.
        format: of the folder.
        digests: of the results by their names, once they are written; see `cpmi.runs.folder.claim`.
    """

    determines: Mapping[str, Any]
    circumstances: Mapping[str, Any]
    files: tuple[str, ...] = ()
    format: int = FORMAT
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return digest_of_bytes(json.dumps(self.determines, sort_keys=True, allow_nan=False).encode())

    @property
    def shard(self) -> str:
        """Which part of the run the folder holds, as "i/n"."""
        return str(self.circumstances.get("shard", "0/1"))

    @property
    def limit(self) -> int | None:
        """How many records the results were asked for at most; None for all."""
        found = self.circumstances.get("limit", self.determines.get("limit"))  # former versions: the latter
        return None if found is None else int(found)

    @property
    def model(self) -> str | None:
        """The model as it was named, with its quantization; None if there was none."""
        named = self.circumstances.get("model")
        if not named:
            return None
        facts = self.determines.get("model")
        quantization = facts.get("quantization") if isinstance(facts, Mapping) else None
        return f"{named} ({quantization})" if quantization else str(named)

    @property
    def stage(self) -> str:
        """What kind of run it is: "label" or "sample"."""
        return str(self.determines.get("stage", "label"))

    def to_json(self) -> dict[str, Any]:
        """JSON values, as they are stored."""
        content: dict[str, Any] = {
            "format": self.format,
            "fingerprint": self.fingerprint,
            "files": list(self.files),
            "determines": dict(self.determines),
            "circumstances": dict(self.circumstances),
        }
        return sealed({**content, DIGESTS: dict(self.digests)} if self.digests else content)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Store it in a run folder.

    Raises:
        StorageError: the disk refused.
    """
    write_json(folder / MANIFEST_NAME, manifest.to_json())


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a run folder, or None if it has none.

    Raises:
        RunError: what is there is not a manifest.
        StorageError: it cannot be read.
    """
    path = folder / MANIFEST_NAME
    try:
        facts = parse_json(path.read_bytes())
        found = Manifest(
            determines=_mapping(facts, "determines"),
            circumstances=_mapping(facts, "circumstances"),
            files=tuple(map(_inside, facts.get("files", ()))),
            format=int(facts.get("format", 0)),
            digests=_mapping(facts, DIGESTS) if DIGESTS in facts else {},
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise RunError(
            "not the manifest of a cpmi run",
            where=str(path),
            got=repr(error),
            hint="Use another --out; nothing of others is replaced, with --overwrite neither.",
        ) from error
    except OSError as error:
        raise refused(path, error) from error
    if found.format > FORMAT:
        raise RunError(
            "the folder was written by a newer version of cpmi",
            where=str(path),
            got=f"format {found.format}",
            expected=f"at most {FORMAT}",
            hint="Use that version, or another --out.",
        )
    expect_sealed_manifest(facts, path)
    return found


def _mapping(facts: Any, name: str) -> Mapping[str, Any]:
    """Raises: KeyError or TypeError unless it is an entry with entries."""
    found = facts[name]
    if not isinstance(found, Mapping):
        raise TypeError(f"{name} is a {type(found).__name__}")
    return found


def _inside(name: str) -> str:
    """Raises: ValueError for a path that leads out of the folder."""
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"the file {name}")
    return name


def expect_format(there: Manifest, folder: Path) -> None:
    """Check that a run can be continued by this version.

    Raises:
        RunError: its folder has another format.
    """
    if there.format != FORMAT:
        raise RunError(
            "the folder contains a run by another version of cpmi, which cannot be continued or merged",
            where=str(folder),
            got=f"format {there.format}",
            expected=f"format {FORMAT}",
            hint="evaluate, report, export, calibrate and train read it; for new results use another --out.",
        )


def expect_same_run(there: Manifest, now: Manifest, *, where: Path, hint: str) -> None:
    """Check that results made under `now` may stand beside those made under `there`.

    Raises:
        RunError: they would differ; the message lists the entries and ends with the hint.
    """
    if there.fingerprint == now.fingerprint:
        return
    raise RunError(
        "the folder holds results made with other settings",
        where=str(where),
        got="; ".join(differences(there.determines, now.determines)),
        hint=hint,
    )


def differences(there: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """One line per entry that differs, by its dotted name."""
    before, after = dict(_flat(there)), dict(_flat(now))
    return [
        f"{name} is {_show(before.get(name, _ABSENT))} there and {_show(after.get(name, _ABSENT))} now"
        for name in sorted({*before, *after})
        if before.get(name, _ABSENT) != after.get(name, _ABSENT)
    ]


def _flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _show(value: object) -> str:
    if value is _ABSENT:
        return "absent"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:36]}..."
