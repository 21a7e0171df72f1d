"""What the disk refuses to libraries that write models."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from cpmi.errors import StorageError
from cpmi.runs.folder import claim
from cpmi.runs.manifest import Manifest, read_manifest

torch = pytest.importorskip("torch")


def by_torch(folder: Path) -> None:
    torch.save({"a": torch.zeros(3)}, folder / "absent" / "optimizer.pt")


def by_safetensors(folder: Path) -> None:
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(3)}, folder / "absent" / "model.safetensors")


def by_python(folder: Path) -> None:
    del folder
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("write", [by_torch, by_safetensors, by_python])
def test_every_library_has_the_same_error(tmp_path: Path, write: Any) -> None:
    from cpmi.prm.saving import saving

    with pytest.raises(StorageError, match=str(tmp_path)), saving(tmp_path):
        write(tmp_path)


def test_other_errors_stay_themselves(tmp_path: Path) -> None:
    from cpmi.prm.saving import saving

    with pytest.raises(RuntimeError, match="shapes") as found, saving(tmp_path):
        _fail()
    assert not isinstance(found.value, StorageError)


def _fail() -> None:
    raise RuntimeError("shapes do not fit")


def test_a_finished_model_is_tidied_before_it_is_refused(tmp_path: Path) -> None:
    """As a kill right after the card leaves it."""
    from cpmi.api.train_folder import FILES, training_folder
    from cpmi.errors import RunError

    manifest = Manifest(determines={"stage": "train"}, circumstances={})

    with claim(tmp_path, manifest, files=FILES):
        pass
    (tmp_path / "prm.json").write_text("{}")
    (tmp_path / "checkpoints" / "checkpoint-7").mkdir(parents=True)
    (tmp_path / ".usage.json.77.cpmi-tmp").touch()
    refused = training_folder(tmp_path, manifest, resume=True, overwrite=False)
    with pytest.raises(RunError, match="finished reward model"), refused:
        pass
    assert sorted(os.listdir(tmp_path)) == ["manifest.json", "prm.json"]
    found = read_manifest(tmp_path)
    assert found is not None
    assert list(found.digests) == ["prm.json"]
