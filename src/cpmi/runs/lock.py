"""One process at a time in an output folder.

The lock is flock(2) on `.cpmi.lock`: the kernel frees it when its process dies, however it dies; it keeps
threads of one process apart, and forked workers drop it at once. On a network file system that does not share
such locks, the owner that is written in the file still keeps processes of other machines out.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from cpmi.errors import RunError, StorageError
from cpmi.storage import refused, remove_file

LOCK_NAME = ".cpmi.lock"
_held: set[int] = set()


def _drop_inherited() -> None:
    """A forked worker that outlives a killed run must not keep its lock."""
    while _held:
        os.close(_held.pop())


os.register_at_fork(after_in_child=_drop_inherited)


@contextmanager
def locked(folder: Path, name: str = LOCK_NAME, *, wait: bool = False) -> Iterator[None]:
    """Have a folder, or the output that a lock of another name guards, to oneself.

    Raises:
        RunError: another process, or another part of this one, works there; with `wait`, only if it is of
            another machine.
        StorageError: the disk refused, or the file system has no locks.
    """
    path, process = folder / name, os.getpid()
    descriptor = _acquire(path, folder, wait)
    _held.add(descriptor)
    try:
        yield
    finally:
        if os.getpid() == process:
            _held.discard(descriptor)
            try:
                remove_file(path)
            finally:
                os.close(descriptor)


def remove_stale_lock(folder: Path) -> None:
    """Remove a lock that a process of this machine left because the disk refused; one that is held stays."""
    if os.path.lexists(folder / LOCK_NAME):
        with suppress(RunError, StorageError), locked(folder):  # it goes at the end of the block
            pass


def _acquire(path: Path, folder: Path, wait: bool) -> int:
    """The descriptor of the lock file, locked and with this process as its owner."""
    try:
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
            try:
                if _take(descriptor, path, folder, wait):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
    except OSError as error:
        raise refused(path, error) from error


def _take(descriptor: int, path: Path, folder: Path, wait: bool) -> bool:
    """Lock the file and write its owner; False if it was removed meanwhile, and another may be there now."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise _taken(folder, _owner(descriptor)) from None
    if not _is_still(path, descriptor):
        return False
    owner, host = _owner(descriptor), socket.gethostname()
    if owner.get("host") not in (None, host):
        raise _taken(folder, owner)
    me = {"pid": os.getpid(), "host": host, "since": datetime.now(UTC).isoformat("T", "seconds")}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(me).encode(), 0)
    return True


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
