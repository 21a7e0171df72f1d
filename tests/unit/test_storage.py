"""What reaches the disk, with which mode, and what is said when it refuses."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from cpmi.errors import InputError, StorageError
from cpmi.runs.lock import LOCK_NAME, locked
from cpmi.runs.products import write_json_product
from cpmi.storage import remove_file, remove_leftovers, remove_tree, replacing, settle


def test_only_leftovers_of_a_name_are_removed(tmp_path: Path) -> None:
    names = [".a[1].json.77.cpmi-tmp", ".a1.json.77.cpmi-tmp", ".a[1].json", "a[1].json"]
    for name in names:
        (tmp_path / name).touch()
    remove_leftovers(tmp_path, "a[1].json")
    assert sorted(os.listdir(tmp_path)) == sorted(names[1:])
    remove_leftovers(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted(names[2:])


def test_a_product_removes_its_own_leftovers(tmp_path: Path) -> None:
    for name in ("found.json", "other.json"):
        (tmp_path / f".{name}.77.cpmi-tmp").touch()
    write_json_product(tmp_path / "found.json", {"a": 1})
    assert sorted(os.listdir(tmp_path)) == [".other.json.77.cpmi-tmp", "found.json"]


@pytest.mark.parametrize("error", [InputError("of the rows"), StorageError("of another file")])
def test_an_error_of_what_is_written_stays_itself(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(type(error)) as found, replacing(tmp_path / "file"):
        raise error
    assert found.value is error
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_settled_file_has_the_mode_of_a_new_one(tmp_path: Path, umask: int, mode: int) -> None:
    path = tmp_path / "model.safetensors"
    path.touch()
    path.chmod(0o600)
    before = os.umask(umask)
    try:
        settle(path)
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_what_cannot_be_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    (tmp_path / "folder").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        patch.setattr(os, "rmdir", refuse)
        for remove, name in ((remove_file, "file"), (remove_tree, "folder")):
            with pytest.raises(StorageError, match=rf"{name}: cannot be written \(got Read-only file system"):
                remove(tmp_path / name)
        with pytest.raises(StorageError, match=LOCK_NAME), locked(tmp_path):
            pass
    remove_tree(tmp_path / "folder")
    remove_tree(tmp_path / "folder")
    with locked(tmp_path):  # nobody holds it any more
        pass
    assert os.listdir(tmp_path) == []
