"""The folder of a training: begin it, go on with it, or refuse it."""

from __future__ import annotations

from pathlib import Path

from cpmi.errors import ConfigError, RunError
from cpmi.prm.card import CARD_NAME
from cpmi.prm.checkpoints import CHECKPOINTS_FOLDER, last_checkpoint, remove_checkpoints
from cpmi.prm.train import is_main_process
from cpmi.runs.chunks import CHUNKS_FOLDER
from cpmi.runs.manifest import MANIFEST_NAME, Manifest, expect_same_run, read_manifest, write_manifest
from cpmi.runs.results import RESULT_NAMES
from cpmi.runs.storage import make_folder, remove_leftovers
from cpmi.runs.table import TARGETS_NAME


def open_training(out: Path, manifest: Manifest, *, resume: bool, overwrite: bool) -> Path | None:
    """The checkpoint to go on from; None to begin.

    Of several processes the first alone checks the folder and changes it; others would see it half changed.

    Raises:
        ConfigError: both `resume` and `overwrite`.
        RunError: the folder holds something else, a finished reward model, an unfinished training that nobody
            asked to go on with, or one with other settings.
        StorageError: the disk refused.
    """
    expect_not_both(resume=resume, overwrite=overwrite)
    if not is_main_process():
        return last_checkpoint(out) if resume else None
    there = _expect_no_other(out, overwrite=overwrite)
    if overwrite:
        _remove(out)
    elif (out / CARD_NAME).exists():
        raise RunError(
            "a finished reward model stands there",
            where=str(out),
            hint="Use another --out, or --overwrite to replace it.",
        )
    checkpoint = last_checkpoint(out)
    if checkpoint is not None and not resume:
        raise RunError(
            "an unfinished training stands there",
            where=str(out),
            got=checkpoint.name,
            hint="Use --resume to go on with it, or --overwrite to begin anew.",
        )
    if checkpoint is not None and there is not None:
        expect_same_run(
            there, manifest, where=out, hint="Repeat its settings to resume it, or --overwrite it."
        )
    elif checkpoint is not None:
        raise RunError(
            "checkpoints without a manifest, so nobody knows what made them",
            where=str(out),
            hint="Use another --out, or --overwrite to remove them.",
        )
    make_folder(out)
    remove_leftovers(out)
    write_manifest(out, manifest)
    return checkpoint


def expect_not_both(*, resume: bool, overwrite: bool) -> None:
    """Check that not both are asked for.

    Raises:
        ConfigError: they are.
    """
    if resume and overwrite:
        raise ConfigError(
            "contradicts overwrite",
            where="option resume",
            got="both",
            expected="one of them: overwriting removes what could be gone on with",
        )


def _remove(out: Path) -> None:
    """Remove a training, and last what it is known by: a kill in between leaves one that can be removed."""
    for old in (*out.glob("model*.safetensors*"), out / "config.json"):
        old.unlink(missing_ok=True)
    remove_checkpoints(out)
    (out / CARD_NAME).unlink(missing_ok=True)


def _expect_no_other(out: Path, *, overwrite: bool) -> Manifest | None:
    """The manifest of the training there, after a check that it is one."""
    foreign = [
        name for name in (*RESULT_NAMES.values(), TARGETS_NAME, CHUNKS_FOLDER) if (out / name).exists()
    ]
    if not any((out / name).exists() for name in (CARD_NAME, CHECKPOINTS_FOLDER)):
        # A model that is not ours, the base perhaps: never to be replaced, not even when asked.
        foreign += [
            path.name for path in (out / "config.json", *out.glob("model*.safetensors*")) if path.exists()
        ]
    if foreign:
        raise RunError(
            f"the folder holds something else ({foreign[0]})",
            where=str(out),
            hint="Use another --out: a reward model stands in a folder of its own.",
        )
    try:
        there = read_manifest(out)
    except RunError:
        if overwrite:
            return None
        raise
    if there is not None and there.stage != "train":
        raise RunError(
            "the folder holds a run of another kind",
            where=str(out / MANIFEST_NAME),
            got=there.stage,
            hint="Use another --out.",
        )
    return there
