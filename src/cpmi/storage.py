"""Write files so that a name is either absent, old or complete, whenever the process dies.

The content goes to a temporary file beside the target, is flushed to the disk, and is then renamed, which
the file system does at once or not at all.
"""

from __future__ import annotations

import errno
import glob
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cpmi.errors import CpmiError, PlaceTakenError, StorageError

TEMPORARY_SUFFIX = ".cpmi-tmp"
_NO_PLACE = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; it takes the place of `path` when the block ends well, else it is removed.

    Raises:
        StorageError: the disk refused; `path` is then as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except CpmiError:  # of what is written, and some are OSErrors too
        raise
    except OSError as error:
        raise refused(path, error) from error
    finally:
        with suppress(OSError):  # after the rename there is nothing to remove
            temporary.unlink()


def write_text(path: Path, text: str) -> None:
    """Store a text under `path` at once or not at all; errors as `replacing`."""
    with replacing(path) as file:
        file.write(text.encode())


def write_json(path: Path, value: object) -> None:
    """Store a value as JSON, readable by people; errors as `replacing`."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def make_folder(path: Path) -> None:
    """Create a folder and its parents.

    Raises:
        StorageError: it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused(path, error) from error


def remove_leftovers(folder: Path, name: str | None = None) -> None:
    """Remove the temporary files that a killed process of this program left in a folder.

    Args:
        folder: that this process has to itself.
        name: of the one file whose temporary files are meant; None for all.

    Raises:
        StorageError: one cannot be removed.
    """
    of_name = "*" if name is None else f"{glob.escape(name)}.*"
    for leftover in folder.glob(f".{of_name}{TEMPORARY_SUFFIX}"):
        remove_file(leftover)


def remove_file(path: Path) -> None:
    """Remove a file, if there is one.

    Raises:
        StorageError: it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise refused(path, error) from error


def remove_tree(path: Path) -> None:
    """Remove a folder and all that is in it, if there is one; errors as `remove_file`."""
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise refused(path, error) from error


def settle(path: Path) -> None:
    """Give a file that a library wrote the mode of any new file, and flush it to the disk.

    safetensors and tempfile make files that nobody else may read, whatever the umask.

    Raises:
        StorageError: the disk refused.
    """
    try:
        path.chmod(0o666 & ~_umask())
        with path.open("rb") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise refused(path, error) from error


def _umask() -> int:
    """Of this process; asking for it without changing it is possible on Linux alone."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        status = ""
    if found := re.search(r"^Umask:\s*([0-7]+)$", status, re.MULTILINE):
        return int(found[1], 8)
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def refused(path: Path, error: OSError) -> StorageError:
    """The StorageError that says what the disk refused and what to do."""
    hints = {
        errno.ENOSPC: "The disk is full. Finished chunks are safe: free space and "
        "run the same command again.",
        errno.EDQUOT: "Your quota is used up. Finished chunks are safe: free space and run the same "
        "command again.",
        errno.EROFS: "The disk is read-only. Choose another --out.",
        errno.EACCES: "Writing there is not permitted. Choose another --out or change its permissions.",
        errno.EEXIST: "A file stands where a folder is needed. Choose another --out.",
        errno.ENOTDIR: "A file stands where a folder is needed. Choose another --out.",
        errno.EISDIR: "A folder stands where a file is needed. Choose another --out.",
        errno.ELOOP: "Links lead in a circle. Choose another --out.",
        errno.ENAMETOOLONG: "The name is too long. Choose another --out.",
        errno.ENOENT: "A folder is not there any more, or a link leads nowhere. Choose another --out.",
    }
    kind = StorageError if error.errno not in _NO_PLACE else PlaceTakenError
    return kind(
        "cannot be written",
        where=str(path),
        got=error.strerror or str(error),
        hint=hints.get(
            error.errno or 0, "Finished chunks are safe: when it is repaired, run the same command again."
        ),
    )


def sync_folder(folder: Path) -> None:
    """Make a rename itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
