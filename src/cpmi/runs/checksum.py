"""Checksums of the input of a run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cpmi.data.sources.datasets_library import saved_split
from cpmi.data.sources.files import files_of, is_pattern
from cpmi.data.sources.pipes import kept
from cpmi.digests import digest_of_file
from cpmi.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum:
    """Of a file, or of several files by their relative names and contents."""

    sha256: str
    num_bytes: int


def checksum(source: str | Path) -> Checksum | None:
    """The checksum of local files, or of a pipe that is at rest; None for all else (a hub id).

    Raises:
        InputError: a file cannot be read.
    """
    if (held := kept(source)) is not None:
        return Checksum(sha256=held.sha256, num_bytes=held.num_bytes)
    split = saved_split(source)
    path = Path(source) if split is None else split[0]
    try:
        if path.is_file():
            return _of_file(path)
        if path.is_dir():
            found = _of_files(path, [path for path in path.rglob("*") if path.is_file()])
            # Of one folder, another split is another input.
            return found if split is None else _with_name(found, split[1])
        if is_pattern(source):
            paths = [file.path for file in files_of(source)]
            return _of_files(Path(os.path.commonpath([path.parent for path in paths])), paths)
    except OSError as error:
        raise InputError("cannot be read", where=str(path), got=error.strerror or str(error)) from error
    return None


def _of_file(path: Path) -> Checksum:
    return Checksum(sha256=digest_of_file(path), num_bytes=path.stat().st_size)


def _of_files(root: Path, paths: Iterable[Path]) -> Checksum:
    digest = hashlib.sha256()
    num_bytes = 0
    for path in sorted(paths):
        part = _of_file(path)
        digest.update(f"{path.relative_to(root).as_posix()}\0{part.sha256}\n".encode())
        num_bytes += part.num_bytes
    return Checksum(sha256=digest.hexdigest(), num_bytes=num_bytes)


def _with_name(found: Checksum, name: str) -> Checksum:
    digest = hashlib.sha256(f"{name}\0{found.sha256}\n".encode())
    return Checksum(sha256=digest.hexdigest(), num_bytes=found.num_bytes)
