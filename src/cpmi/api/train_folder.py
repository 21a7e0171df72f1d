"""The folder of a training run: begin, continue, or refuse it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cpmi.errors import RunError
from cpmi.prm.card import CARD_NAME
from cpmi.prm.checkpoints import CHECKPOINTS_FOLDER, last_checkpoint, remove_checkpoints
from cpmi.prm.train import is_main_process
from cpmi.runs.folder import claim, expect_claimable, seal
from cpmi.runs.lock import locked
from cpmi.runs.manifest import Manifest, read_manifest
from cpmi.storage import remove_leftovers

FILES = (CARD_NAME, "README.md", "training.jsonl", "usage.json", f"{CHECKPOINTS_FOLDER}/checkpoint-#")
"""What a training run writes, beside the files of the model and the tokenizer, which are adopted."""

_MODEL_FILES = (
    "config.json", "generation_config.json", "model.safetensors", "model.safetensors.index.json",
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.model",
)  # fmt: skip


@contextmanager
def training_folder(out: Path, manifest: Manifest, *, resume: bool, overwrite: bool) -> Iterator[Path | None]:
    """Have the folder to oneself; gives the checkpoint to continue from, or None to begin.

    Of several processes only the first checks and changes the folder; others would see it half changed.

    Raises:
        RunError: another process works there, or the folder contains something else, a finished reward model,
            an unfinished training run without `resume`, or one with other settings.
        StorageError: the disk refused.
    """
    if not is_main_process():
        yield last_checkpoint(out) if resume else None
        return
    expect_claimable(out, (*FILES, *_MODEL_FILES))
    if not overwrite and read_manifest(out) is not None:
        _expect_unfinished(out, resume=resume)
    with claim(out, manifest, files=FILES, overwrite=overwrite):
        yield last_checkpoint(out)


def _expect_unfinished(out: Path, *, resume: bool) -> None:
    if (out / CARD_NAME).exists():
        _tidy(out)
        raise RunError(
            "the output folder contains a finished reward model",
            where=str(out),
            hint="Use another --out, or --overwrite to replace it.",
        )
    checkpoint = last_checkpoint(out)
    if checkpoint is not None and not resume:
        raise RunError(
            "the output folder contains an unfinished training run",
            where=str(out),
            got=checkpoint.name,
            hint="--resume continues it, --overwrite begins anew.",
        )


def _tidy(out: Path) -> None:
    """What a kill after the card has left to do in the folder of a finished model."""
    with locked(out):
        remove_leftovers(out)
        remove_checkpoints(out)
        seal(out)
