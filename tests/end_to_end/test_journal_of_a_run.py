"""A run that is killed inside a chunk goes on with the samples that it has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

from cpmi.engines.fake import FakeEngine
from cpmi.errors import RunError
from cpmi.requests import SampleRequest, Samples, ScoreTree, TreeLogprobs
from cpmi.runs import scheduler
from cpmi.runs.table import TABLE_NAME

# Two chains a batch: four batches a full unit, and three in the last one of five chains.
NUM_BATCHES = 5 * 4 + 3


class KilledError(Exception):
    """Not a CpmiError: it stands for whatever ends a process."""


class Killing(FakeEngine):
    """Fails at its n-th call of `sample` or, with `in_trees`, of `score`; every reply takes a second."""

    def __init__(self, num_calls: int = 10**6, *, in_trees: bool = False) -> None:
        super().__init__()
        self._num_left = num_calls
        self._in_trees = in_trees
        self.num_samplings = 0

    def _count(self) -> None:
        self._num_left -= 1
        if self._num_left < 0:
            raise KilledError

    def score(self, trees: Sequence[ScoreTree]) -> list[TreeLogprobs]:
        if self._in_trees:
            self._count()
        return super().score(trees)

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
        if not self._in_trees:
            self._count()
        self.num_samplings += 1
        return [replace(reply, usage=replace(reply.usage, wall_s=1.0)) for reply in super().sample(requests)]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "MAX_BATCH_SAMPLES", 2)


@pytest.fixture
def plain(tmp_path: Path) -> bytes:
    engine = Killing()
    tiny.run(tmp_path / "plain", engine=engine)
    assert engine.num_samplings == NUM_BATCHES
    return (tmp_path / "plain" / TABLE_NAME).read_bytes()


def totals(folder: Path) -> dict:
    """The totals of a run but for its wall time."""
    found = json.loads((folder / "usage.json").read_text())["totals"]
    return {name: fact for name, fact in found.items() if "wall" not in name and "_per_" not in name}


def journals(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*journal*"))


def test_kills_inside_units_cost_no_batch_twice(tmp_path: Path, plain: bytes) -> None:
    out = tmp_path / "killed"
    num_killed = num_samplings = 0
    while not (out / TABLE_NAME).exists():
        engine = Killing(3)
        try:
            tiny.run(out, engine=engine)
        except KilledError:
            num_killed += 1
            assert len(journals(out)) <= 1
        num_samplings += engine.num_samplings
    assert num_killed == (NUM_BATCHES - 1) // 3
    assert num_samplings == NUM_BATCHES
    assert (out / TABLE_NAME).read_bytes() == plain
    assert journals(out) == []
    found, expected = totals(out), totals(tmp_path / "plain")
    assert found["usage"].pop("peak_bytes") == expected["usage"].pop("peak_bytes")
    assert found == expected
    # What an earlier session sampled has taken its time: a second a chain, seen whole in every unit.
    units = json.loads((out / "usage.json").read_text())["chunks"]
    assert units[0]["wall_s"] >= 6.0


def test_trees_are_scored_again(tmp_path: Path, plain: bytes) -> None:
    out = tmp_path / "killed"
    with pytest.raises(KilledError):
        tiny.run(out, engine=Killing(0, in_trees=True))
    assert journals(out) == ["journal-00000.jsonl"]
    engine = Killing()
    tiny.run(out, engine=engine)
    assert engine.num_samplings == NUM_BATCHES - 4
    assert (out / TABLE_NAME).read_bytes() == plain


def test_a_journal_beside_a_finished_unit_is_removed(tmp_path: Path, plain: bytes) -> None:
    (tmp_path / "plain" / "journal-00003.jsonl").write_text("left by a kill")
    tiny.run(tmp_path / "plain", engine=Killing(0))
    assert journals(tmp_path / "plain") == []
    assert (tmp_path / "plain" / TABLE_NAME).read_bytes() == plain


def test_another_run_does_not_begin_over_samples_that_were_paid_for(tmp_path: Path) -> None:
    with pytest.raises(KilledError):
        tiny.run(tmp_path, engine=Killing(1))
    with pytest.raises(RunError, match="seed is 0 there and 1 now"):
        tiny.run(tmp_path, seed=1)
    tiny.run(tmp_path, seed=1, overwrite=True)
    assert journals(tmp_path) == []


def test_a_run_without_a_batch_makes_way_for_another(tmp_path: Path) -> None:
    with pytest.raises(KilledError):
        tiny.run(tmp_path, engine=Killing(0))
    tiny.run(tmp_path, seed=1)
