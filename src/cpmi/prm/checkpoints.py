"""The Trainer's checkpoints of an unfinished training.

Each has the digests of its files in `digests.json`, written last: a checkpoint that has changed since is not
used.
"""

from __future__ import annotations

import json
import re
import warnings
from contextlib import suppress
from pathlib import Path

from cpmi.digests import digest_of_file
from cpmi.prm.saving import saving
from cpmi.storage import remove_tree, settle, write_json

CHECKPOINTS_FOLDER = "checkpoints"
DIGESTS_NAME = "digests.json"
_NAME = re.compile(r"checkpoint-(\d+)")


class DamagedCheckpointWarning(UserWarning):
    """A checkpoint is not what the Trainer wrote."""


def last_checkpoint(out: Path) -> Path | None:
    """The latest whole checkpoint in a folder of training; None if there is none.

    A kill may leave one that is half written. The Trainer writes `trainer_state.json` after weights,
    optimizer, schedule and generators; where it can be read, and no file differs from its digest, the
    checkpoint is whole. One that has changed since it was written is passed over with a warning.
    """
    found = [(int(match[1]), path) for path in _folders(out) if (match := _NAME.fullmatch(path.name))]
    for _, path in sorted(found, reverse=True):
        if _is_whole(path):
            return path
    return None


def seal_checkpoint(path: Path) -> None:
    """Give its files the mode of any new file, and store their digests.

    Raises:
        StorageError: the disk refused.
    """
    with saving(path):
        files = [file for file in sorted(path.iterdir()) if file.is_file()]
        for file in files:
            settle(file)
        write_json(path / DIGESTS_NAME, {file.name: digest_of_file(file) for file in files})


def remove_checkpoints(out: Path) -> None:
    """Remove them: they are of use to an unfinished training only, and hold the optimizer's state too.

    Raises:
        StorageError: the disk refused.
    """
    for path in _folders(out):
        remove_tree(path)
    with suppress(OSError):  # not there, or it holds something of somebody else
        (out / CHECKPOINTS_FOLDER).rmdir()


def _folders(out: Path) -> list[Path]:
    folder = out / CHECKPOINTS_FOLDER
    found = folder.iterdir() if folder.is_dir() else ()
    return [path for path in found if path.is_dir() and _NAME.fullmatch(path.name)]


def _is_whole(path: Path) -> bool:
    try:
        json.loads((path / "trainer_state.json").read_text("utf-8"))
        if not (path / DIGESTS_NAME).exists():  # of a former version, or killed just before
            return True
        digests = json.loads((path / DIGESTS_NAME).read_text("utf-8"))
        damaged = [name for name, digest in digests.items() if digest_of_file(path / name) != digest]
    except (OSError, ValueError, AttributeError):
        return False
    if damaged:
        message = f"{path / damaged[0]} has changed since it was written: this checkpoint is not used"
        warnings.warn(message, DamagedCheckpointWarning, stacklevel=2)
    return not damaged
