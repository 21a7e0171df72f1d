"""The Trainer's checkpoints of an unfinished training."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import suppress
from pathlib import Path

CHECKPOINTS_FOLDER = "checkpoints"
_NAME = re.compile(r"checkpoint-(\d+)")


def last_checkpoint(out: Path) -> Path | None:
    """The latest whole checkpoint in a folder of training; None if there is none.

    A kill may leave one that is half written. The Trainer writes `trainer_state.json` after weights,
    optimizer, schedule and generators; where it can be read, the checkpoint is whole.
    """
    found = [(int(match[1]), path) for path in _folders(out) if (match := _NAME.fullmatch(path.name))]
    for _, path in sorted(found, reverse=True):
        if _is_whole(path):
            return path
    return None


def remove_checkpoints(out: Path) -> None:
    """Remove them: they are of use to an unfinished training only, and hold the optimizer's state too."""
    for path in _folders(out):
        shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):  # not there, or it holds something of somebody else
        (out / CHECKPOINTS_FOLDER).rmdir()


def _folders(out: Path) -> list[Path]:
    folder = out / CHECKPOINTS_FOLDER
    found = folder.iterdir() if folder.is_dir() else ()
    return [path for path in found if path.is_dir() and _NAME.fullmatch(path.name)]


def _is_whole(path: Path) -> bool:
    try:
        json.loads((path / "trainer_state.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return True
