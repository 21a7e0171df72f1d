"""Manifests: what the fingerprint covers, and folders that hold another run."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from cpmi.digests import digest_of_bytes
from cpmi.errors import RunError
from cpmi.runs.checksum import checksum
from cpmi.runs.chunk_store import ChunkStore
from cpmi.runs.chunk_store import open_run as open_run_of
from cpmi.runs.chunks import ChunkReport
from cpmi.runs.folder import STAGED, adopt, claim
from cpmi.runs.lock import LOCK_NAME
from cpmi.runs.manifest import (
    FORMAT,
    MANIFEST_NAME,
    Manifest,
    differences,
    read_manifest,
    write_manifest,
)
from cpmi.runs.results import ChainLines
from cpmi.runs.table import TABLE_NAME
from cpmi.usage import Usage

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


def open_run(folder: Path, made: Manifest, *, overwrite: bool = False) -> AbstractContextManager[ChunkStore]:
    return open_run_of(folder, made, ChainLines(), overwrite=overwrite)


def leave(folder: Path, made: Manifest) -> None:
    """A run that works on its first chunk."""
    with open_run(folder, made) as store:
        store.take_up()


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_another_run_in_the_folder_is_refused(tmp_path: Path) -> None:
    leave(tmp_path, manifest())
    leave(tmp_path, manifest())
    with pytest.raises(RunError, match="limit is null there and 40 now") as caught:
        leave(tmp_path, manifest(limit=40))
    assert "another --out" in str(caught.value)
    assert "--overwrite" in str(caught.value)


def test_another_shard_in_the_folder_is_refused(tmp_path: Path) -> None:
    leave(tmp_path, manifest(shard="0/3"))
    with pytest.raises(RunError, match=r"got shard 0/3; expected shard 1/3"):
        leave(tmp_path, manifest(shard="1/3"))


def test_a_run_that_finished_no_chunk_gives_way(tmp_path: Path) -> None:
    with open_run(tmp_path, manifest(shard="0/3")):
        pass
    leave(tmp_path, manifest(limit=40))
    found = read_manifest(tmp_path)
    assert found is not None
    assert found.fingerprint == manifest(limit=40).fingerprint
    assert found.files[0] == TABLE_NAME


def test_overwrite_removes_the_run_and_nothing_else(tmp_path: Path) -> None:
    leave(tmp_path, manifest())
    (tmp_path / TABLE_NAME).write_bytes(b"")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "chunks").mkdir()
    (tmp_path / "chunks" / "notes.txt").write_text("mine")
    with open_run(tmp_path, manifest(limit=40), overwrite=True):
        assert names(tmp_path) == [LOCK_NAME, "chunks", "chunks/notes.txt", MANIFEST_NAME, "notes.txt"]
    assert LOCK_NAME not in names(tmp_path)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", [TABLE_NAME, "usage.json", "rejects.jsonl", "journal-00007.jsonl"])
def test_files_of_unknown_origin_are_refused_and_kept(tmp_path: Path, name: str, overwrite: bool) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"theirs")
    before = names(tmp_path)
    with (
        pytest.raises(RunError, match=f"contains {name}, which no run of cpmi listed"),
        open_run(tmp_path, manifest(), overwrite=overwrite),
    ):
        pass
    assert names(tmp_path) == before
    assert (tmp_path / name).read_bytes() == b"theirs"


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_manifest_of_somebody_else_is_refused_and_kept(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / MANIFEST_NAME).write_text("{")
    with (
        pytest.raises(RunError, match="not the manifest"),
        open_run(tmp_path, manifest(), overwrite=overwrite),
    ):
        pass
    assert (tmp_path / MANIFEST_NAME).read_text() == "{"


def test_a_run_of_another_kind_is_not_overwritten(tmp_path: Path) -> None:
    leave(tmp_path, manifest(stage="sample"))
    with (
        pytest.raises(RunError, match=r"another kind .*sample"),
        open_run(tmp_path, manifest(), overwrite=True),
    ):
        pass


def test_a_folder_of_format_0_is_not_continued(tmp_path: Path) -> None:
    facts = {"fingerprint": "", "determines": DETERMINES, "circumstances": {"shard": "0/1"}}
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(facts))
    (tmp_path / "units").mkdir()
    (tmp_path / "units" / "00000.json").write_text("{}")
    with pytest.raises(RunError, match=r"another version .*format 0"), open_run(tmp_path, manifest()):
        pass
    with open_run(tmp_path, manifest(), overwrite=True):
        assert names(tmp_path) == [LOCK_NAME, MANIFEST_NAME]


def adopted(folder: Path, text: str, *files: str) -> None:
    for name in files:
        (folder / STAGED / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / STAGED / name).write_text(text)
    adopt(folder)


def test_files_of_any_name_are_adopted_and_owned(tmp_path: Path) -> None:
    with claim(tmp_path, manifest(), files=("prm.json",)):
        adopted(tmp_path, "first", "model.safetensors", "templates/a.txt")
        adopted(tmp_path, "second", "model.safetensors")
        assert (tmp_path / "model.safetensors").read_text() == "second"
        (tmp_path / "config.json").write_text("mine")
        with pytest.raises(RunError, match=r"contains config\.json, which no run"):
            adopted(tmp_path, "third", "config.json")
    for name in ("model.safetensors.bak/a.bin", "tokenizer-notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    with claim(tmp_path, manifest(limit=40), files=("prm.json",), overwrite=True):
        pass
    mine = ["config.json", "model.safetensors.bak", "model.safetensors.bak/a.bin", "tokenizer-notes.txt"]
    assert names(tmp_path) == sorted([*mine, MANIFEST_NAME])


def test_numbered_files_alone_are_ours(tmp_path: Path) -> None:
    leave(tmp_path, manifest())
    theirs = ["journal-00000-copy.jsonl", "journal-notes.jsonl"]
    for name in theirs:
        (tmp_path / name).write_text("mine")
    with open_run(tmp_path, manifest(limit=40), overwrite=True):
        pass
    assert names(tmp_path) == sorted([*theirs, MANIFEST_NAME])


@pytest.mark.parametrize("path", ["../precious.txt", "/precious.txt"])
def test_a_manifest_owns_nothing_outside_of_its_folder(tmp_path: Path, path: str) -> None:
    leave(tmp_path, manifest())
    facts = json.loads((tmp_path / MANIFEST_NAME).read_text())
    facts["files"].append(path)
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(facts))
    with pytest.raises(RunError, match="not the manifest"), open_run(tmp_path, manifest(), overwrite=True):
        pass


def test_a_resumed_run_keeps_its_manifest(tmp_path: Path) -> None:
    leave(tmp_path, manifest())
    before = (tmp_path / MANIFEST_NAME).read_bytes()
    leave(tmp_path, replace(manifest(), circumstances={"shard": "0/1", "out": "elsewhere"}))
    assert (tmp_path / MANIFEST_NAME).read_bytes() == before


def test_a_finished_training_of_format_0_is_named_as_such(tmp_path: Path) -> None:
    facts = {"fingerprint": "", "determines": {"stage": "train"}, "circumstances": {}}
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(facts))
    with (
        pytest.raises(RunError, match=r"another version .*format 0"),
        claim(tmp_path, manifest(stage="train"), files=("prm.json",), overwrite=True),
    ):
        pass


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    leave(tmp_path, manifest())
    facts = json.loads((tmp_path / MANIFEST_NAME).read_text()) | {"format": FORMAT + 1}
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(facts))
    with pytest.raises(RunError, match="newer version"):
        read_manifest(tmp_path)


def test_chunks_of_another_run_are_never_taken(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, result="chains.jsonl", results=ChainLines(), fingerprint="one")
    report = ChunkReport(
        chunk_index=0, num_records=1, num_chains=1, num_steps=1, num_tokenization_mismatches=0, abstained={},
        rejects=(), usage=Usage(), wall_s=0.0, records_sha256="", rows_sha256=digest_of_bytes(b"rows"),
    )  # fmt: skip
    store.save(report, b"rows")
    assert store.finished(0) is not None
    with pytest.raises(RunError, match="chunk 0 was made by another run"):
        ChunkStore(tmp_path, result="chains.jsonl", results=ChainLines(), fingerprint="other").finished(0)


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


def test_a_model_is_named_with_its_quantization() -> None:
    def named(circumstances: dict[str, str], **determines: object) -> str | None:
        return Manifest(determines=determines, circumstances=circumstances).model

    assert named({"model": "a.gguf"}, model={"quantization": "Q4_K_M"}) == "a.gguf (Q4_K_M)"
    assert named({"model": "a"}, model={"dtype": "float32"}) == "a"
    assert named({"model": "a"}) == "a"
    assert named({}, model={"quantization": "Q4_K_M"}) is None
