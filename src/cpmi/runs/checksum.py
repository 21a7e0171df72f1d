"""Checksums of the input of a run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cpmi.digests import digest_of_file
from cpmi.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum:
    """Of a file, or of a folder's files by their relative names and contents."""

    sha256: str
    num_bytes: int


def checksum(source: str | Path) -> Checksum | None:
    """The checksum of a local file or folder; None for what is neither ("-", a hub id).

    Raises:
        InputError: the file cannot be read.
    """
    path = Path(source)
    try:
        if path.is_file():
            return _of_file(path)
        return _of_folder(path) if path.is_dir() else None
    except OSError as error:
        raise InputError("cannot be read", where=str(path), got=error.strerror or str(error)) from error


def _of_file(path: Path) -> Checksum:
    return Checksum(sha256=digest_of_file(path), num_bytes=path.stat().st_size)


def _of_folder(folder: Path) -> Checksum:
    digest = hashlib.sha256()
    num_bytes = 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        part = _of_file(path)
        digest.update(f"{path.relative_to(folder).as_posix()}\0{part.sha256}\n".encode())
        num_bytes += part.num_bytes
    return Checksum(sha256=digest.hexdigest(), num_bytes=num_bytes)
