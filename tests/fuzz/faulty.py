"""A disk that refuses one chosen call: opening to write, writing, flushing, renaming, removing, and more.

Installed for good in the process, which has to be a fork. Libraries that write past Python are not reached;
for them there is a limit on the size of files (`limit_size`).
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES)
_NAMED = {
    "os.rename": "rename", "os.remove": "remove", "os.mkdir": "make folder", "os.rmdir": "remove folder",
    "os.truncate": "cut", "os.chmod": "change mode", "os.link": "link", "os.symlink": "link",
    "fcntl.flock": "lock",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may be refused: what it does, and to which file."""

    what: str
    path: str


class Disk:
    """Counts the calls that change something below a folder, and refuses one of them.

    Args:
        root: the folder.
        refused: the index of the call; None for none.
        error: its errno.
    """

    def __init__(self, root: Path, refused: int | None = None, error: int = errno.ENOSPC) -> None:
        self._root = f"{root}{os.sep}"
        self._refused, self._error = refused, error
        self.calls: list[Call] = []

    def install(self) -> None:
        """For this process, for good."""
        sys.addaudithook(self._audit)
        os.fsync = self._counted("flush to disk", os.fsync)
        os.pwrite = self._counted("write", os.pwrite)
        os.write = self._counted("write", os.write)
        builtins.open = io.open = self._opener(io.open)

    def ask(self, what: str, named: object, dir_fd: int = -1) -> None:
        """Raises: OSError for the call that is refused."""
        path = _path(named, dir_fd)
        if path is None or not path.startswith(self._root):
            return
        self.calls.append(Call(what, path))
        if len(self.calls) - 1 == self._refused:
            raise OSError(self._error, os.strerror(self._error), path)

    def _audit(self, event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = given
            if not isinstance(path, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.ask("open", path)
        elif event in _NAMED:
            at = given[-1] if event in ("os.remove", "os.rmdir", "os.mkdir") else -1
            self.ask(_NAMED[event], given[0], at)

    def _counted(self, what: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(descriptor: int, *args: Any) -> Any:
            self.ask(what, descriptor)
            return call(descriptor, *args)

        return counted

    def _opener(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        """`open` whose files ask the disk before they write."""

        def opened(
            file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None,
            newline: Any = None, closefd: bool = True, opener: Any = None,
        ) -> Any:  # fmt: skip
            path = _path(file, -1)
            writes = set(mode) & set("wax")
            if not writes or "+" in mode or path is None or not path.startswith(self._root):
                return plain(file, mode, buffering, encoding, errors, newline, closefd, opener)
            raw = _AskingFile(file, mode.replace("t", "").replace("b", ""), closefd, opener, disk=self)
            buffer = io.BufferedWriter(raw)
            return buffer if "b" in mode else io.TextIOWrapper(buffer, encoding, errors, newline)

        return opened


class _AskingFile(io.FileIO):
    """A file that asks the disk before it writes."""

    def __init__(self, *args: Any, disk: Disk) -> None:
        super().__init__(*args)
        self._disk = disk

    def write(self, content: Any) -> int:
        self._disk.ask("write", self.fileno())
        return super().write(content)


def limit_size(num_bytes: int) -> None:
    """Let no file of this process grow beyond so many bytes, whoever writes it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, num_bytes))


def _path(named: object, dir_fd: int) -> str | None:
    try:
        if isinstance(named, int):
            return os.readlink(f"/proc/self/fd/{named}")
        name = os.fspath(named)  # type: ignore[call-overload]
        name = name.decode() if isinstance(name, bytes) else name
        folder = os.readlink(f"/proc/self/fd/{dir_fd}") if dir_fd >= 0 else os.getcwd()
    except (OSError, TypeError):
        return None
    return os.path.join(folder, name)
