"""The folder of a training: who may remove what."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cpmi.api.train_folder import FILES, training_folder
from cpmi.errors import RunError
from cpmi.runs.manifest import Manifest, write_manifest


def open_training(out: Path, manifest: Manifest, *, resume: bool, overwrite: bool) -> Path | None:
    with training_folder(out, manifest, resume=resume, overwrite=overwrite) as checkpoint:
        return checkpoint


MANIFEST = Manifest(determines={"stage": "train", "seed": 0}, circumstances={})


def leave_training(out: Path, *, finished: bool) -> Path:
    """What a training leaves."""
    checkpoint = out / "checkpoints" / "checkpoint-3"
    checkpoint.mkdir(parents=True)
    (checkpoint / "trainer_state.json").write_text("{}")
    for name in ("config.json", "model.safetensors", *(["prm.json"] if finished else [])):
        (out / name).write_text("{}")
    write_manifest(out, replace(MANIFEST, files=(*FILES, "config.json", "model.safetensors")))
    return checkpoint


def test_other_processes_remove_nothing_and_do_not_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    leave_training(tmp_path, finished=True)
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setenv("RANK", "1")
    assert open_training(tmp_path, MANIFEST, resume=False, overwrite=True) is None
    assert sorted(tmp_path.rglob("*")) == before


def test_other_processes_resume_where_the_first_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    checkpoint = leave_training(tmp_path, finished=False)
    for rank in ("0", "1"):
        monkeypatch.setenv("RANK", rank)
        assert open_training(tmp_path, MANIFEST, resume=True, overwrite=False) == checkpoint


def test_after_overwriting_the_folder_is_free(tmp_path: Path):
    """A training that is killed before its first checkpoint must not leave a folder that nothing opens."""
    leave_training(tmp_path, finished=True)
    other = Manifest(determines={"stage": "train", "seed": 1}, circumstances={})
    assert open_training(tmp_path, other, resume=False, overwrite=True) is None
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
    assert json.loads((tmp_path / "manifest.json").read_text())["determines"]["seed"] == 1
    assert open_training(tmp_path, other, resume=False, overwrite=False) is None


def test_what_overwriting_left_half_removed_can_be_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Killed anywhere on the way, the folder is still known as a training's."""
    leave_training(tmp_path, finished=True)
    unlink, removed = Path.unlink, []

    def stop_at_the_third(path: Path, missing_ok: bool = False) -> None:
        if len(removed) == 2:
            raise KeyboardInterrupt
        removed.append(path)
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", stop_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            open_training(tmp_path, MANIFEST, resume=False, overwrite=True)
    other = Manifest(determines={"stage": "train", "seed": 1}, circumstances={})
    with pytest.raises(RunError, match="other settings"):
        open_training(tmp_path, other, resume=False, overwrite=False)
    assert open_training(tmp_path, other, resume=False, overwrite=True) is None
