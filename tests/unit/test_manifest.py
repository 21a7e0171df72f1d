"""Manifests: what the fingerprint covers, and folders that hold another run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cpmi.errors import RunError
from cpmi.runs.checksum import checksum
from cpmi.runs.folder import open_folder
from cpmi.runs.manifest import MANIFEST_NAME, Manifest, differences, read_manifest, write_manifest
from cpmi.runs.table import TABLE_NAME

DETERMINES = {
    "method": "cpmi",
    "options": {"context": "prefix", "seed": 0},
    "input_sha256": "aa",
    "limit": None,
}


def manifest(shard: str = "0/1", **changes: object) -> Manifest:
    return Manifest(determines=DETERMINES | changes, circumstances={"shard": shard, "out": "somewhere"})


def test_the_fingerprint_covers_what_determines_the_bytes_and_nothing_else() -> None:
    assert manifest().fingerprint == manifest(shard="1/3").fingerprint
    assert manifest().fingerprint != manifest(limit=40).fingerprint
    reordered = Manifest(determines=dict(reversed(DETERMINES.items())), circumstances={})
    assert reordered.fingerprint == manifest().fingerprint


def test_a_manifest_comes_back(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None
    write_manifest(tmp_path, manifest())
    assert read_manifest(tmp_path) == manifest()
    stored = json.loads((tmp_path / MANIFEST_NAME).read_text())
    assert stored["fingerprint"] == manifest().fingerprint


def test_differences_are_named() -> None:
    now = {"method": "cpmi", "options": {"context": "single_step", "pool": "max"}, "input_sha256": "aa"}
    assert differences(DETERMINES, now) == [
        "limit is null there and absent now",
        'options.context is "prefix" there and "single_step" now',
        'options.pool is absent there and "max" now',
        "options.seed is 0 there and absent now",
    ]


def test_another_run_in_the_folder_is_refused(tmp_path: Path) -> None:
    store = open_folder(tmp_path, manifest())
    store.report_path(0).write_text("{}")
    open_folder(tmp_path, manifest())
    with pytest.raises(RunError, match="limit is null there and 40 now") as caught:
        open_folder(tmp_path, manifest(limit=40))
    assert "another --out" in str(caught.value)
    assert "--overwrite" in str(caught.value)


def test_another_shard_in_the_folder_is_refused(tmp_path: Path) -> None:
    store = open_folder(tmp_path, manifest(shard="0/3"))
    store.report_path(0).write_text("{}")
    with pytest.raises(RunError, match=r"got shard 0/3; expected shard 1/3"):
        open_folder(tmp_path, manifest(shard="1/3"))


def test_a_run_that_finished_no_unit_gives_way(tmp_path: Path) -> None:
    open_folder(tmp_path, manifest(shard="0/3"))
    open_folder(tmp_path, manifest(limit=40))
    assert read_manifest(tmp_path) == manifest(limit=40)


def test_overwrite_removes_the_run_and_nothing_else(tmp_path: Path) -> None:
    store = open_folder(tmp_path, manifest())
    store.report_path(0).write_text("{}")
    (tmp_path / TABLE_NAME).write_bytes(b"")
    (tmp_path / "notes.txt").write_text("mine")
    open_folder(tmp_path, manifest(limit=40), overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chunks", MANIFEST_NAME, "notes.txt"]
    assert not list((tmp_path / "chunks").iterdir())
    assert read_manifest(tmp_path) == manifest(limit=40)


def test_results_of_unknown_origin_are_refused(tmp_path: Path) -> None:
    (tmp_path / TABLE_NAME).write_bytes(b"")
    with pytest.raises(RunError, match="nobody knows"):
        open_folder(tmp_path, manifest())


def test_a_damaged_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_NAME).write_text("{")
    with pytest.raises(RunError, match="not the manifest"):
        open_folder(tmp_path, manifest())
    open_folder(tmp_path, manifest(), overwrite=True)


def test_checksums(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.jsonl").write_text("b")
    (folder / "sub" / "a.jsonl").write_text("aa")
    before = checksum(folder)
    assert before is not None
    assert before.num_bytes == 3
    moved = folder.rename(tmp_path / "moved")
    assert checksum(moved) == before
    (moved / "b.jsonl").write_text("c")
    assert checksum(moved) != before
    assert checksum("-") is None
    assert checksum("hf://owner/name") is None
