"""A run whose limit grows ends with the bytes of a run that had this limit from the start."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import tiny

import cpmi
from cpmi.engines.fake import FakeEngine
from cpmi.errors import RunError
from cpmi.requests import ScoreTree, TreeLogprobs
from cpmi.runs.manifest import read_manifest
from cpmi.runs.merge import merge_runs
from cpmi.runs.table import TABLE_NAME, read_ids


class InterruptedRunError(Exception):
    """Not a CpmiError: it stands for whatever ends a process."""


class Counting(FakeEngine):
    """Counts the trees that it scores; fails at its n-th call of score."""

    def __init__(self, at_call: int = 10**6) -> None:
        super().__init__()
        self.num_trees = 0
        self._num_left = at_call

    def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]:
        self._num_left -= 1
        if self._num_left < 0:
            raise InterruptedRunError
        self.num_trees += len(trees)
        return super().score(trees)


def results(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in (TABLE_NAME, "rejects.jsonl")]


def limit_of(out: Path) -> int | None:
    manifest = read_manifest(out)
    assert manifest is not None
    return manifest.limit


@pytest.fixture
def of_20(tmp_path: Path) -> Path:
    tiny.run(tmp_path / "run", limit=20)
    return tmp_path / "run"


@pytest.mark.parametrize(("limit", "num_trees"), [(21, 5), (24, 8), (25, 9), (45, 29), (None, 29)])
def test_whole_chunks_are_kept_and_the_last_one_is_made_anew(
    tmp_path: Path, of_20: Path, limit: int | None, num_trees: int
) -> None:
    engine = Counting()
    totals = tiny.run(of_20, limit=limit, engine=engine)
    assert engine.num_trees == num_trees  # chunks of 8: 16 chains of 20 are kept
    plain = tiny.run(tmp_path / "plain", limit=limit)
    assert results(of_20) == results(tmp_path / "plain")
    assert totals.num_records == plain.num_records == (limit or tiny.NUM_CHAINS)
    assert limit_of(of_20) == limit
    usage = [json.loads((out / "usage.json").read_text()) for out in (of_20, tmp_path / "plain")]
    assert usage[0]["num_chunks_of_input"] == usage[1]["num_chunks_of_input"]
    assert usage[0]["totals"]["usage"]["calls"] == usage[1]["totals"]["usage"]["calls"]


def test_a_limit_at_the_end_of_a_chunk_keeps_all(tmp_path: Path) -> None:
    tiny.run(tmp_path / "run", limit=16)
    engine = Counting()
    tiny.run(tmp_path / "run", limit=24, engine=engine)
    assert engine.num_trees == 8


@pytest.mark.parametrize("seed", range(4))
def test_interrupted_growth_ends_with_the_same_bytes(tmp_path: Path, of_20: Path, seed: int) -> None:
    tiny.run(tmp_path / "plain", limit=41)
    before = results(of_20)
    draw = random.Random(seed)
    num_interrupted = 0
    while limit_of(of_20) != 41:
        assert results(of_20) == before  # what is there stays readable, and says how much was read
        assert limit_of(of_20) == 20
        assert len(read_ids(of_20)) == 20
        try:
            tiny.run(of_20, limit=41, engine=Counting(draw.randrange(1, 3)))
        except InterruptedRunError:
            num_interrupted += 1
    assert num_interrupted
    assert results(of_20) == results(tmp_path / "plain")


def test_kill_9_while_it_grows(tmp_path: Path, of_20: Path) -> None:
    tiny.run(tmp_path / "plain", limit=43)
    before = results(of_20)
    program = [sys.executable, tiny.__file__, str(of_20), "0.2", "43"]
    num_killed = 0
    for seconds in (0.9, 1.2, 1.5, None):
        process = subprocess.Popen(program)
        try:
            process.wait(seconds)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            num_killed += 1
            assert limit_of(of_20) == 43 or results(of_20) == before
    assert process.returncode == 0
    assert num_killed
    assert results(of_20) == results(tmp_path / "plain")
    assert limit_of(of_20) == 43


def test_a_kill_before_the_manifest_is_written_is_mended_by_the_same_command(
    tmp_path: Path, of_20: Path
) -> None:
    tiny.run(tmp_path / "plain", limit=41)
    manifest = (of_20 / "manifest.json").read_bytes()
    tiny.run(of_20, limit=41)
    (of_20 / "manifest.json").write_bytes(manifest)  # the results are new already
    with pytest.raises(RunError, match="has changed since it was written"):
        read_ids(of_20)
    tiny.run(of_20, limit=41)
    assert results(of_20) == results(tmp_path / "plain")
    assert limit_of(of_20) == 41


def test_a_smaller_limit_is_refused_where_it_would_drop_what_is_finished(of_20: Path) -> None:
    before = results(of_20)
    with pytest.raises(RunError, match=r"got --limit 19; expected --limit 20 or more, or none"):
        tiny.run(of_20, limit=19)
    assert results(of_20) == before
    assert limit_of(of_20) == 20


def test_an_unfinished_run_may_end_earlier(tmp_path: Path) -> None:
    with pytest.raises(InterruptedRunError):
        tiny.run(tmp_path / "run", engine=Counting(2))
    tiny.run(tmp_path / "run", limit=20)
    tiny.run(tmp_path / "plain", limit=20)
    assert results(tmp_path / "run") == results(tmp_path / "plain")
    assert limit_of(tmp_path / "run") == 20


def test_a_changed_beginning_is_noticed(of_20: Path) -> None:
    records = tiny.all_chains()
    records[17] = tiny.chain(17, question="Another question?")
    with pytest.raises(RunError, match="input has changed since chunk 2"):
        tiny.run(of_20, records, limit=30)


def test_shards_grow_one_by_one_and_merge_when_all_have(tmp_path: Path) -> None:
    folders = [tmp_path / f"shard-{index}" for index in range(3)]
    for index, folder in enumerate(folders):
        tiny.run(folder, shard=f"{index}/3", limit=20)
    for index, folder in enumerate(folders[:2]):
        tiny.run(folder, shard=f"{index}/3", limit=41)
    with pytest.raises(RunError, match=r"shard-2: the shards were made with different limits"):
        merge_runs(folders, tmp_path / "merged")
    with pytest.raises(InterruptedRunError):
        tiny.run(folders[2], shard="2/3", limit=44, engine=Counting(1))
    with pytest.raises(RunError, match="different limits"):
        merge_runs(folders, tmp_path / "merged")
    tiny.run(folders[2], shard="2/3", limit=41)
    merge_runs(folders, tmp_path / "merged")
    tiny.run(tmp_path / "plain", limit=41)
    assert results(tmp_path / "merged") == results(tmp_path / "plain")
    assert limit_of(tmp_path / "merged") == 41
    tiny.run(tmp_path / "merged")
    tiny.run(tmp_path / "whole")
    assert results(tmp_path / "merged") == results(tmp_path / "whole")
    for index, folder in enumerate(folders):
        tiny.run(folder, shard=f"{index}/3", limit=20, overwrite=True)
    with pytest.raises(RunError, match="holds more of the run than the shards"):
        merge_runs(folders, tmp_path / "merged")


def test_a_growing_shard_is_not_finished(tmp_path: Path) -> None:
    folders = [tmp_path / "shard-0", tmp_path / "shard-1"]
    for index, folder in enumerate(folders):
        tiny.run(folder, shard=f"{index}/2", limit=20)
    with pytest.raises(InterruptedRunError):
        tiny.run(folders[0], shard="0/2", engine=Counting(1))  # its last chunk is whole now, its table is not
    with pytest.raises(RunError, match="shard 0/2 is not finished"):
        merge_runs(folders, tmp_path / "merged")


def test_samples_grow_too(tmp_path: Path) -> None:
    problems = [
        {"id": f"p{index}", "question": f"{index} + 1?", "gold": str(index + 1)} for index in range(9)
    ]

    def sample(out: Path, limit: int | None) -> bytes:
        cpmi.sample(problems, model=FakeEngine(), out=out, limit=limit, chunk_size=2, num_samples=2)
        return (out / "chains.jsonl").read_bytes()

    sample(tmp_path / "run", 5)
    assert sample(tmp_path / "run", None) == sample(tmp_path / "plain", None)
