"""The modes of all files and folders that all commands write, under two umasks."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.fuzz.writers import WRITERS, Writer, command, fresh, in_fork

UMASKS = (0o027, 0o022)
BY_LIBRARIES = ("train", "export datasets", "label")
"""Commands whose files libraries write, and one of ours: for the second umask."""


def wrong_modes(base: Path) -> Iterator[str]:
    """A line for every file or folder that has not the mode of any new one, and a last one with the number.

    Args:
        base: one that is `prepared`.
    """
    num = 0
    for writer in WRITERS:
        for umask in UMASKS if writer.name in BY_LIBRARIES else UMASKS[:1]:
            place = fresh(base, writer)
            (place / "of the user.txt").unlink()
            status, said = in_fork(_under(umask, writer, base), place)()
            if status != 0:
                yield f"{writer.name}: {said[-500:]}"
            for path in place.rglob("*"):
                num += 1
                wanted = (0o777 if path.is_dir() else 0o666) & ~umask
                if (mode := stat.S_IMODE(path.stat().st_mode)) != wanted:
                    yield f"{writer.name}, {path.relative_to(place)}: {mode:o} instead of {wanted:o}"
    yield f"{num} files and folders"


def _under(umask: int, writer: Writer, base: Path) -> Callable[[], int]:
    def work() -> int:
        os.umask(umask)
        return command(writer, base)()

    return work
