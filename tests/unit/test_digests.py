"""What changes on the disk is seen: every kind of file, moved folders, former versions, resumed runs."""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from cpmi.digests import NoDigestWarning, expect_sealed, sealed
from cpmi.errors import RecordError, RunError
from cpmi.prm.checkpoints import DamagedCheckpointWarning, last_checkpoint, seal_checkpoint
from cpmi.runs.manifest import read_manifest
from cpmi.runs.merge import merge_runs
from cpmi.runs.table import read_labels
from cpmi.weights import Weights
from tests.end_to_end import tiny
from tests.fuzz.bit_flips import campaign

CHAINS = [tiny.chain(index) for index in range(20)]


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_no_flipped_bit_is_read_without_a_word() -> None:
    found = campaign(12)
    assert len(found) == 21
    assert {name: counts["silent"] + counts["harmless"] for name, counts in found.items()} == dict.fromkeys(
        found, 0
    )
    assert all(counts.total() == 12 for counts in found.values())


def test_the_error_names_file_digests_and_remedy(tmp_path: Path) -> None:
    tiny.run(tmp_path, CHAINS)
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert set(manifest.digests) == {"labels.parquet", "usage.json", "rejects.jsonl", "chunks.jsonl"}
    table = tmp_path / "labels.parquet"
    intact = table.read_bytes()
    damage(table)
    with pytest.raises(RunError) as error:
        next(iter(read_labels(tmp_path)))
    assert str(table) in str(error.value)
    assert f"expected sha256 {manifest.digests[table.name]}" in str(error.value)
    assert "run the command that made it again" in str(error.value)
    with pytest.raises(RunError, match=r"has changed since it was written.*--overwrite"):
        tiny.run(tmp_path, CHAINS)  # its chunks are not kept twice, so nothing is made anew without a word
    tiny.run(tmp_path, CHAINS, overwrite=True)
    assert table.read_bytes() == intact
    assert len(list(read_labels(tmp_path))) == len(CHAINS)


@pytest.mark.parametrize("name", ["labels.parquet", "chunks.jsonl"])
@pytest.mark.parametrize("change", [damage, Path.unlink])
def test_a_finished_run_is_not_made_anew_without_a_word(
    tmp_path: Path, name: str, change: Callable[[Path], None]
) -> None:
    tiny.run(tmp_path, CHAINS)
    change(tmp_path / name)
    with pytest.raises(RunError, match=rf"{name}: the file .*--overwrite"):
        tiny.run(tmp_path, [*CHAINS, tiny.chain(20)])


def test_a_folder_that_was_moved_and_touched_is_read_without_a_word(tmp_path: Path) -> None:
    tiny.run(tmp_path / "here", CHAINS)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    for file in (tmp_path / "there").iterdir():
        os.utime(file, (0, 0))
    with warnings.catch_warnings(action="error"):
        assert list(read_labels(tmp_path / "there")) == list(read_labels(tmp_path / "here"))


def test_plain_resumed_and_merged_runs_have_equal_bytes_and_digests(tmp_path: Path) -> None:
    plain, resumed, merged = (tmp_path / name for name in ("plain", "resumed", "merged"))
    tiny.run(plain, CHAINS)
    with pytest.raises(RecordError):
        tiny.run(resumed, [*CHAINS[:16], RecordError("torn")])
    damage(resumed / "work.jsonl")
    tiny.run(resumed, CHAINS)
    shards = [tmp_path / "0", tmp_path / "1"]
    for index, shard in enumerate(shards):
        tiny.run(shard, CHAINS, shard=f"{index}/2")
    merge_runs(shards, merged)
    manifests = [read_manifest(folder) for folder in (plain, resumed, merged)]
    assert len({manifest.digests["labels.parquet"] for manifest in manifests if manifest is not None}) == 1
    assert len({(folder / "labels.parquet").read_bytes() for folder in (plain, resumed, merged)}) == 1


def test_a_merge_refuses_a_damaged_shard(tmp_path: Path) -> None:
    shards = [tmp_path / "0", tmp_path / "1"]
    for index, shard in enumerate(shards):
        tiny.run(shard, CHAINS, shard=f"{index}/2")
    damage(shards[1] / "labels.parquet")
    with pytest.raises(RunError, match="has changed"):
        merge_runs(shards, tmp_path / "merged")


def test_without_digests_there_is_a_notice(tmp_path: Path) -> None:
    tiny.run(tmp_path, CHAINS)
    path = tmp_path / "manifest.json"
    facts = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({k: v for k, v in facts.items() if k not in ("digests", "sha256")}), "utf-8")
    with pytest.warns(NoDigestWarning, match=str(tmp_path)):
        assert len(list(read_labels(tmp_path))) == len(CHAINS)


def test_a_file_that_was_changed_on_purpose_can_be_used_again(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    made = sealed({"made_by": "cpmi 0", "bias": 0.5, "least_number": 1.0, "mean": 0.0, "gain": 2.0})
    path.write_text(json.dumps(made | {"bias": 0.75}), "utf-8")
    with pytest.raises(RunError, match='delete its entry "sha256"'):
        Weights.read(path)
    del made["sha256"]
    path.write_text(json.dumps(made | {"bias": 0.75}), "utf-8")
    with pytest.warns(NoDigestWarning):
        assert Weights.read(path).bias == 0.75
    del made["made_by"]  # written by hand
    path.write_text(json.dumps(made), "utf-8")
    with warnings.catch_warnings(action="error"):
        assert Weights.read(path).bias == 0.5


def test_a_digest_depends_on_the_content_alone(tmp_path: Path) -> None:
    value = {"b": [1.5, None], "a": {"é": (True, "x")}}
    written = json.loads(json.dumps(sealed(value), indent=4, sort_keys=True))
    expect_sealed(written, tmp_path)
    with pytest.raises(RunError, match="has changed"):
        expect_sealed(written | {"b": [1.5, 0]}, tmp_path)


def test_a_damaged_checkpoint_is_passed_over_with_a_warning(tmp_path: Path) -> None:
    for number in (1, 2):
        checkpoint = tmp_path / "checkpoints" / f"checkpoint-{number}"
        checkpoint.mkdir(parents=True)
        (checkpoint / "trainer_state.json").write_text("{}", "utf-8")
        (checkpoint / "optimizer.pt").write_bytes(b"state")
        seal_checkpoint(checkpoint)
    damage(tmp_path / "checkpoints" / "checkpoint-2" / "optimizer.pt")
    with pytest.warns(DamagedCheckpointWarning, match="checkpoint-2"):
        found = last_checkpoint(tmp_path)
    assert found is not None
    assert found.name == "checkpoint-1"
