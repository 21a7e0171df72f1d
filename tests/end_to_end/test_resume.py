"""A run that is interrupted, killed, sharded or short of disk ends with the bytes of a plain run."""

from __future__ import annotations

import errno
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny

from cpmi import storage
from cpmi.engines.fake import FakeEngine
from cpmi.errors import RunError, StorageError
from cpmi.requests import ScoreTree, TreeLogprobs
from cpmi.runs.chunk_store import num_finished
from cpmi.runs.merge import merge_runs
from cpmi.runs.table import TABLE_NAME, read_ids


class InterruptedRunError(Exception):
    """Not a CpmiError: it stands for whatever ends a process."""


class Breaking(FakeEngine):
    """Fails at its n-th call of score."""

    def __init__(self, at_call: int) -> None:
        super().__init__()
        self._num_left = at_call

    def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]:
        self._num_left -= 1
        if self._num_left < 0:
            raise InterruptedRunError
        return super().score(trees)


@pytest.fixture
def plain(tmp_path: Path) -> bytes:
    tiny.run(tmp_path / "plain")
    return table(tmp_path / "plain")


def table(out: Path) -> bytes:
    return (out / TABLE_NAME).read_bytes()


def test_a_plain_run_has_every_row_once(tmp_path: Path, plain: bytes) -> None:
    assert read_ids(tmp_path / "plain") == [f"chain-{index}" for index in range(tiny.NUM_CHAINS)]
    tiny.run(tmp_path / "again")
    assert table(tmp_path / "again") == plain


@pytest.mark.parametrize("seed", range(5))
def test_interrupted_runs_resume_to_the_same_bytes(tmp_path: Path, plain: bytes, seed: int) -> None:
    draw = random.Random(seed)
    out = tmp_path / "resumed"
    num_interrupted = 0
    while not (out / TABLE_NAME).exists():
        try:
            tiny.run(out, engine=Breaking(draw.randrange(1, 4)))
        except InterruptedRunError:
            num_interrupted += 1
    assert num_interrupted
    assert table(out) == plain


def test_a_finished_run_asks_the_model_nothing(tmp_path: Path, plain: bytes) -> None:
    seen = []
    totals = tiny.run(
        tmp_path / "plain", engine=Breaking(0), progress=seen.append, num_records=tiny.NUM_CHAINS
    )
    assert table(tmp_path / "plain") == plain
    assert totals.num_chains == tiny.NUM_CHAINS
    last = seen[-1]
    assert (last.num_kept, last.num_records, last.total, last.num_chains) == (45, 45, 45, 0)


def test_kill_9_at_random_moments(tmp_path: Path, plain: bytes) -> None:
    out = tmp_path / "killed"
    draw = random.Random(7)
    num_killed = 0
    program = [sys.executable, str(Path(tiny.__file__)), str(out), "0.02"]
    for _ in range(30):
        process = subprocess.Popen(program)
        while not (out / "manifest.json").exists() and process.poll() is None:
            time.sleep(0.005)
        try:
            process.wait(draw.uniform(0.0, 0.5) if num_killed < 6 else None)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            num_killed += 1
    assert process.returncode == 0
    assert num_killed >= 3
    assert table(out) == plain
    assert not list(out.rglob(f"*{storage.TEMPORARY_SUFFIX}"))


def test_shards_merge_to_the_same_bytes(tmp_path: Path, plain: bytes) -> None:
    folders = [tmp_path / f"shard-{index}" for index in range(3)]
    for index, folder in enumerate(folders):
        tiny.run(folder, shard=f"{index}/3")
    totals = merge_runs(folders[::-1], tmp_path / "merged")
    assert table(tmp_path / "merged") == plain
    assert totals.num_chains == tiny.NUM_CHAINS
    assert (tmp_path / "merged" / "rejects.jsonl").read_text() == ""
    merge_runs(folders, tmp_path / "merged")
    assert table(tmp_path / "merged") == plain
    tiny.run(tmp_path / "merged", engine=Breaking(0))
    assert table(tmp_path / "merged") == plain


def test_more_shards_than_units_merge_as_well(tmp_path: Path) -> None:
    folders = [tmp_path / f"shard-{index}" for index in range(3)]
    for index, folder in enumerate(folders):
        tiny.run(folder, shard=f"{index}/3", limit=10)
    assert read_ids(folders[2]) == []
    merge_runs([folders[2], *folders[:2]], tmp_path / "merged")
    tiny.run(tmp_path / "plain", limit=10)
    assert table(tmp_path / "merged") == table(tmp_path / "plain")


def test_merge_refuses_what_is_not_one_whole_run(tmp_path: Path) -> None:
    first, second, other, out = (tmp_path / name for name in ("first", "second", "other", "out"))
    tiny.run(first, shard="0/3")
    tiny.run(second, shard="1/3")
    tiny.run(other, shard="2/3", limit=40)
    with pytest.raises(RunError, match=r"2 of 6 chunks are missing .*no chunk 2, 5.*shards 2/3"):
        merge_runs([first, second], out)
    with pytest.raises(RunError, match=r"different limits \(got limit 40; expected no limit"):
        merge_runs([first, second, other], out)
    with pytest.raises(RunError, match="no manifest"):
        merge_runs([first, tmp_path], out)
    with pytest.raises(RunError, match="another --out"):
        merge_runs([first, second], second)
    (second / "usage.json").unlink()
    with pytest.raises(RunError, match="shard 1/3 is not finished"):
        merge_runs([first, second], out)
    assert not out.exists()


def test_a_changed_input_is_noticed(tmp_path: Path) -> None:
    records = tiny.all_chains()
    tiny.run(tmp_path, records)
    records[20] = tiny.chain(20, question="Another question?")
    with pytest.raises(RunError, match="input has changed since chunk 2"):
        tiny.run(tmp_path, records)
    records[20] = tiny.chain(20, meta={"generator": "another"})
    with pytest.raises(RunError, match="input has changed since chunk 2"):
        tiny.run(tmp_path, records)


def test_a_moved_input_is_resumed_and_gives_the_same_bytes(tmp_path: Path, plain: bytes) -> None:
    here = [tiny.chain(index) for index in range(tiny.NUM_CHAINS)]
    moved = [replace(chain, source=f"/other/folder/{chain.source}") for chain in here]
    with pytest.raises(InterruptedRunError):
        tiny.run(tmp_path / "run", moved, engine=Breaking(3))
    tiny.run(tmp_path / "run", here)
    assert table(tmp_path / "run") == plain


@pytest.mark.parametrize("num_renames", [1, 2, 3, 4])  # manifest, then table, rejects, usage, chunks
def test_a_full_disk_costs_no_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: bytes, num_renames: int
) -> None:
    out = tmp_path / "full"
    num_left = num_renames
    really = os.replace

    def replace(source: Path, target: Path) -> None:
        nonlocal num_left
        num_left -= 1
        if num_left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        really(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(storage.os, "replace", replace)
        with pytest.raises(StorageError, match="free space and run the same command again"):
            tiny.run(out)
    assert not list(out.rglob(f"*{storage.TEMPORARY_SUFFIX}"))
    assert num_finished(out) == 6
    tiny.run(out, engine=Breaking(0))
    assert table(out) == plain


@pytest.mark.parametrize("num_chunks", range(6))
def test_a_disk_that_is_full_in_the_middle_of_a_chunk_costs_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: bytes, num_chunks: int
) -> None:
    out = tmp_path / "full"

    class Full(io.BufferedWriter):
        def write(self, content: Any) -> int:
            if num_finished(out) < num_chunks:
                return super().write(content)
            super().write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def opened(path: Path, *args: Any, **named: Any) -> Any:
        file = really(path, *args, **named)
        return Full(file.detach()) if path.name == "work.jsonl" and "ab" in args else file

    really = Path.open
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        with pytest.raises(StorageError, match="free space and run the same command again"):
            tiny.run(out)
    assert num_finished(out) == num_chunks
    kept = []
    tiny.run(out, progress=kept.append)
    assert kept[-1].num_kept == num_chunks * 8
    assert table(out) == plain


def test_usage_keeps_the_timings_out_of_the_table(tmp_path: Path) -> None:
    tiny.run(tmp_path)
    usage = json.loads((tmp_path / "usage.json").read_text())
    assert usage["num_chunks_of_input"] == 6
    assert usage["totals"]["num_chains"] == tiny.NUM_CHAINS
    assert usage["totals"]["usage"]["calls"] == 2 * tiny.NUM_CHAINS
    assert [chunk["chunk"] for chunk in usage["chunks"]] == list(range(6))
