"""Digests of what was written, so that a reader sees what has changed on the disk since.

The manifest of a folder lists the SHA-256 of every result there, and ends with one of its own content; a
JSON file that is a product of its own carries the latter alone, and a file of lines without a folder of its
own has its digest beside it, in `NAME.sha256`. Names, times and places of files do not matter. Where no
digest is recorded (by a former version, or because of a kill just before), files are read with a
`NoDigestWarning`.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cpmi.errors import RunError
from cpmi.json_files import parse_json

MANIFEST_NAME = "manifest.json"
DIGESTS, OWN = "digests", "sha256"
"""In a manifest: the digests of the results by their names; in any JSON: that of its other content."""

_OURS = ("determines", "circumstances")
_AGAIN = (
    "Restore it from a copy, or run the command that made it again; if the change is yours, delete {what}."
)


class NoDigestWarning(UserWarning):
    """No digest of a result is recorded: it cannot be checked."""


def digest_of_bytes(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of_file(path: Path) -> str:
    """SHA-256 in hexadecimal; an OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_value(value: object) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys and the white space of its file."""
    plain = json.loads(json.dumps(value))
    return digest_of_bytes(json.dumps(plain, sort_keys=True).encode())


def sealed(value: Mapping[str, Any]) -> dict[str, Any]:
    """The value with the digest of its content."""
    return {**value, OWN: digest_of_value(value)}


def is_intact(value: Mapping[str, Any]) -> bool:
    """Whether the content is that of which `sealed` took the digest; False without one."""
    return value.get(OWN) == _digest_of_content(value)


def expect_sealed(value: Mapping[str, Any], path: Path) -> None:
    """Check JSON that was read from `path`; one without a digest is let pass with a notice.

    Raises:
        RunError: its content is not what was written.
    """
    if OWN not in value:
        _notice(path)
    elif not is_intact(value):
        raise _changed(path, _digest_of_content(value), str(value[OWN]), f'its entry "{OWN}"')


def expect_sealed_manifest(value: Mapping[str, Any], path: Path) -> None:
    """As `expect_sealed` for a manifest: one of a former version has neither entry, and passes."""
    if (OWN in value or DIGESTS in value) and not is_intact(value):
        entries = f'its entries "{DIGESTS}" and "{OWN}"'
        raise _changed(path, _digest_of_content(value), str(value.get(OWN)), entries)


def expect_intact(path: Path, *, is_input: bool = False) -> None:
    """Check a result against the manifest of its folder; one without a digest is let pass with a notice.

    Args:
        path: of the result.
        is_input: it may as well be a file of the user, of which no manifest has to know.

    Raises:
        FileNotFoundError: it does not exist.
        RunError: it or the manifest is not what was written.
    """
    manifest = read_sealed_manifest(path.parent)
    listed = manifest is not None and path.name in manifest.get("files", ())
    if is_input and not listed:
        return
    expected = (manifest or {}).get(DIGESTS, {}).get(path.name)
    if expected is not None:
        _expect_digest(path, expected, path.with_name(MANIFEST_NAME))
    elif path.stat():
        _notice(path.parent)


def beside(path: Path) -> Path:
    """Where the digest of a file is that has no manifest and is no JSON: in the form of `sha256sum`."""
    return path.with_name(f"{path.name}.sha256")


def expect_as_beside(path: Path) -> None:
    """Check a file against the digest beside it, if there is one.

    Raises:
        RunError: it is not what was written.
    """
    try:
        expected = beside(path).read_text("utf-8", errors="replace").partition(" ")[0]
    except (FileNotFoundError, NotADirectoryError):
        return
    _expect_digest(path, expected, beside(path))


def expect_folder_intact(folder: Path) -> None:
    """Check all results that the manifest of a folder lists, if it has one; errors as `expect_intact`."""
    manifest = read_sealed_manifest(folder)
    for name, expected in (manifest or {}).get(DIGESTS, {}).items():
        if (folder / name).exists():
            _expect_digest(folder / name, expected, folder / MANIFEST_NAME)


def read_sealed_manifest(folder: Path) -> Mapping[str, Any] | None:
    """The manifest of a folder as JSON; None if there is none of ours.

    Raises:
        RunError: it is not what was written, or cannot be read.
    """
    path = folder / MANIFEST_NAME
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise RunError(
            "cannot be read",
            where=str(path),
            got=error.strerror or str(error),
            hint="Check the path and its permissions.",
        ) from error
    try:
        value = parse_json(content)
    except ValueError as error:
        if not any(f'"{name}"'.encode() in content for name in _OURS):
            return None
        raise RunError(
            "the manifest has changed since it was written",
            where=str(path),
            got=str(error),
            hint="Restore it from a copy, or run the command again with another --out.",
        ) from error
    if not isinstance(value, dict) or not any(name in value for name in _OURS):
        return None
    expect_sealed_manifest(value, path)
    return value


def _expect_digest(path: Path, expected: str, record: Path) -> None:
    if (found := digest_of_file(path)) != expected:
        raise _changed(path, found, expected, str(record))


def _digest_of_content(value: Mapping[str, Any]) -> str:
    return digest_of_value({name: item for name, item in value.items() if name != OWN})


def _changed(path: Path, found: str, expected: str, record: str) -> RunError:
    return RunError(
        "the file has changed since it was written",
        where=str(path),
        got=f"sha256 {found}",
        expected=f"sha256 {expected}",
        hint=_AGAIN.format(what=record),
    )


def _notice(where: Path) -> None:
    message = f"{where}: no digest is recorded, so whether it has changed since it was written is not known"
    warnings.warn(message, NoDigestWarning, stacklevel=3)
