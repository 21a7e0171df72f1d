"""The journal of samples: batches, what is replayed, what is cut off."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cpmi.engines.fake import CharacterTokenizer, FakeEngine
from cpmi.errors import StorageError
from cpmi.flows import Flow, sample, score
from cpmi.requests import Branch, SampleRequest, Samples, ScoreTree, TreeLogprobs
from cpmi.runs import journal as journaling
from cpmi.runs import scheduler
from cpmi.runs.journal import Journal
from cpmi.runs.scheduler import Outcome, run_flows

ENCODE = CharacterTokenizer().encode


class KilledError(Exception):
    """Stands for whatever ends a process."""


class Killing(FakeEngine):
    """Fails at its n-th call of `sample`, and remembers what it was asked."""

    def __init__(self, num_calls: int = 99) -> None:
        super().__init__()
        self._num_left = num_calls
        self.batches: list[list[SampleRequest]] = []

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
        self._num_left -= 1
        if self._num_left < 0:
            raise KilledError
        self.batches.append(list(requests))
        return [
            replace(reply, usage=replace(reply.usage, wall_s=0.1 + len(self.batches)))
            for reply in super().sample(requests)
        ]


def request(text: str, **changes) -> SampleRequest:
    return replace(SampleRequest(prompt=ENCODE(text), num_samples=2, max_tokens=5), **changes)


def asks(name: str, num_rounds: int) -> Flow[list[str]]:
    """A score and a sample a round; the next prompt follows from the last reply."""
    told = [name]
    for _ in range(num_rounds):
        (reply,) = yield from sample([request(told[-1])])
        tree = ScoreTree(shared_prefix=ENCODE("q"), branches=(Branch(at=1, tokens=ENCODE(reply.texts[0])),))
        (scored,) = yield from score([tree])
        told.append(f"{reply.texts[0]}{scored.branches[0][0]:.3f}")
    return told


def work(engine: FakeEngine, journal: Journal | None = None, names: str = "abcd") -> list[Outcome[list[str]]]:
    return run_flows([(name, asks(name, 3)) for name in names], engine, journal=journal)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests a batch, so two batches a round and six in all."""
    monkeypatch.setattr(scheduler, "MAX_BATCH_SAMPLES", 5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "00007.journal.jsonl"


def num_lines(path: Path) -> int:
    return len(path.read_bytes().splitlines())


@pytest.mark.usefixtures("small_batches")
def test_batches_are_consecutive_and_bounded() -> None:
    engine = Killing()
    names = ["aa", "b", "cc", "d", "e"]
    flows = [(name, sample([request(name, num_samples=3 * len(name))])) for name in names]
    outcomes = run_flows(flows, engine)
    shown = [["".join(map(chr, r.prompt)) for r in batch] for batch in engine.batches]
    assert shown == [["aa"], ["b"], ["cc"], ["d"], ["e"]]
    engine = Killing()
    assert len(work(engine)) == 4
    assert [len(batch) for batch in engine.batches] == [2] * 6
    assert all(isinstance(outcome.result, tuple) for outcome in outcomes)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("num_calls", range(6))
def test_a_resumed_unit_asks_for_the_missing_batches_only(path: Path, num_calls: int) -> None:
    plain = Killing()
    expected = work(plain)
    killed = Killing(num_calls)
    with pytest.raises(KilledError):
        work(killed, Journal(path))
    assert (num_lines(path) if path.exists() else 0) == num_calls
    resumed, journal = Killing(), Journal(path)
    found = work(resumed, journal)
    assert killed.batches + resumed.batches == plain.batches
    assert [outcome.result for outcome in found] == [outcome.result for outcome in expected]
    assert [replace(o.usage, wall_s=0) for o in found] == [replace(o.usage, wall_s=0) for o in expected]
    assert journal.replayed_s == pytest.approx(sum(2 * (0.1 + n) for n in range(1, num_calls + 1)))
    assert num_lines(path) == 6
    again = Killing(0)
    assert [outcome.result for outcome in work(again, Journal(path))] == [o.result for o in expected]
    journal.remove()
    journal.remove()
    assert not path.exists()


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("torn", [b"{", b'{"digest": "x"}', b'{"digest": "x", "replies": [1]}\n', b"\xff\n"])
def test_a_torn_line_is_dropped_and_cut_off(path: Path, torn: bytes) -> None:
    expected = work(Killing())
    with pytest.raises(KilledError):
        work(Killing(3), Journal(path))
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    resumed = Killing()
    found = work(resumed, Journal(path))
    assert [outcome.result for outcome in found] == [outcome.result for outcome in expected]
    assert len(resumed.batches) == 3
    assert path.read_bytes().startswith(whole)
    assert num_lines(path) == 6
    assert all(json.loads(line)["replies"] for line in path.read_bytes().splitlines())


@pytest.mark.usefixtures("small_batches")
def test_a_line_without_its_end_is_a_torn_one(path: Path) -> None:
    work(Killing(), Journal(path))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    resumed = Killing()
    work(resumed, Journal(path))
    assert len(resumed.batches) == 1
    assert num_lines(path) == 6


@pytest.mark.usefixtures("small_batches")
def test_changed_requests_are_asked_and_all_after_them(path: Path) -> None:
    work(Killing(), Journal(path))
    changed = Killing()
    found = work(changed, Journal(path), names="abCd")
    assert [outcome.result for outcome in found] == [o.result for o in work(Killing(), names="abCd")]
    # The first batch (a, b) stands there; the second is another, so the rest is asked for as well.
    assert len(changed.batches) == 5
    assert num_lines(path) == 6
    none = Killing(0)
    work(none, Journal(path), names="abCd")


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"role": "prover"},
        {"max_tokens": 6},
        {"top_p": 0.5},
        {"stop": ("\n",)},
        {"num_samples": 1},
    ],
)
def test_every_field_of_a_request_counts(path: Path, change: dict) -> None:
    batch = [request("a"), request("b")]
    Journal(path).sample(batch, FakeEngine().sample)
    asked = Killing()
    Journal(path).sample([batch[0], replace(batch[1], **change)], asked.sample)
    assert len(asked.batches) == 1
    assert num_lines(path) == 1


def test_the_order_counts(path: Path) -> None:
    batch = [request("a"), request("b")]
    Journal(path).sample(batch, FakeEngine().sample)
    asked = Killing()
    Journal(path).sample(batch[::-1], asked.sample)
    assert len(asked.batches) == 1


def test_replies_come_back_as_they_went(path: Path) -> None:
    engine = FakeEngine(texts=["a\nb\u2028ü ", "\ud800 half a character", ""])
    batch = [request("a", num_samples=3, max_tokens=99)]
    given = Journal(path).sample(batch, engine.sample)
    assert Journal(path).sample(batch, Killing(0).sample) == given
    assert num_lines(path) == 1


def test_every_batch_is_flushed_before_the_work_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    really = os.fsync

    def fsync(descriptor: int) -> None:
        really(descriptor)
        flushed.append(num_lines(path))

    monkeypatch.setattr(journaling.os, "fsync", fsync)
    work(FakeEngine(), Journal(path))
    assert flushed == [1, 1, 2, 3]  # with the first line the folder


def test_a_full_disk_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(journaling.os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        work(FakeEngine(), Journal(path))


def test_trees_alone_leave_no_file(path: Path) -> None:
    def scores() -> Flow[int]:
        replies = yield from score([ScoreTree(shared_prefix=(1,), branches=(Branch(at=1, tokens=(2,)),))])
        assert isinstance(replies[0], TreeLogprobs)
        return len(replies)

    (outcome,) = run_flows([("s", scores())], FakeEngine(), journal=Journal(path))
    assert outcome.result == 1
    assert not path.exists()
