"""One process at a time in an output folder.

The lock is a POSIX record lock on `.cpmi.lock`: the kernel frees it when its process dies, however it dies,
and children do not inherit it. On a network file system that does not share such locks, the owner that is
written in the file still keeps processes of other machines out.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cpmi.errors import RunError
from cpmi.runs.storage import refused

LOCK_NAME = ".cpmi.lock"
_held: set[Path] = set()  # record locks belong to the process, so they do not keep its own threads apart


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have a folder to oneself.

    Raises:
        RunError: another process, or another part of this one, works there.
        StorageError: the disk refused.
    """
    path = folder.resolve() / LOCK_NAME
    if path in _held:
        raise _taken(folder, {"pid": os.getpid(), "host": socket.gethostname()})
    descriptor = _acquire(path, folder)
    _held.add(path)
    try:
        yield
    finally:
        _held.discard(path)
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _acquire(path: Path, folder: Path) -> int:
    """The descriptor of the lock file, locked and with this process as its owner."""
    now = datetime.now(UTC).isoformat("T", "seconds")
    me = {"pid": os.getpid(), "host": socket.gethostname(), "since": now}
    try:
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                owner = _owner(descriptor)
                os.close(descriptor)
                raise _taken(folder, owner) from None
            if _is_still(path, descriptor):
                break
            os.close(descriptor)  # its owner removed it in between: lock the one that is there now
        owner = _owner(descriptor)
        if owner.get("host") not in (None, me["host"]):
            os.close(descriptor)
            raise _taken(folder, owner)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(me).encode(), 0)
    except OSError as error:
        raise refused(path, error) from error
    return descriptor


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _owner(descriptor: int) -> dict[str, object]:
    """What the lock file says of its owner; nothing while it is being written."""
    try:
        owner = json.loads(os.pread(descriptor, 4096, 0))
    except ValueError:
        return {}
    return owner if isinstance(owner, dict) else {}


def _taken(folder: Path, owner: dict[str, object]) -> RunError:
    return RunError(
        "another process works in this folder",
        where=str(folder),
        got=f"process {owner.get('pid', 'unknown')} on {owner.get('host', 'this machine')}",
        hint=f"Wait for it, or use another --out. If it died on another machine, remove {LOCK_NAME} there.",
    )
