"""Labels chains of odd contents by every method, and samples chains for odd problems, all done twice.

    python -m tests.fuzz.chains --count 10000

The second time is another way to the same result (`WAYS`): chunks of another size, a kill in between, shards
merged, the records in another order, the golds in a file of their own. A record ends as *labeled* (its steps
may abstain) or *rejected*. The fault *silent* is one that is neither, *different* a second result that is not
the first, or a label outside its unit. Half of the files are chains made by hand, the others records of the
readers' layouts, most of them mutated.
"""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

import cpmi
from cpmi.data import read_chains, read_problems
from cpmi.data.problems import RepeatedProblemsWarning
from cpmi.engines.fake import FakeEngine
from cpmi.languages.noticed import LanguageWarning
from cpmi.methods import METHODS
from cpmi.runs.merge import merge_runs
from cpmi.types import LOG_ODDS, PROBABILITY
from tests.fuzz.campaign import FAULTS, Campaign, drawn, run_campaign
from tests.fuzz.record_mutations import (
    GROUPED,
    LAYOUTS,
    ODD_TEXTS,
    layout_record,
    line_of,
    mutated_record,
)

COUNT = 10_000
PER_RUN = 30
SAMPLE = "sample"
KINDS = (*METHODS, SAMPLE)
SIZE = 16  # of a chunk
_STEPS = ("It is 2.", "答案是2。", "So 12 * 3 = 36.", "The answer is 2.", "الجواب هو 2", "a" * 2_000)
_BUDGETS = ("50%", "400%")
_MOST_LOG_ODDS = 20.0
_LAYOUTS = [name for name in LAYOUTS if name not in GROUPED]


class Killed(BaseException):
    """What an engine raises in the place of a kill; no code may catch it."""


class DyingEngine(FakeEngine):
    """A `FakeEngine` that is killed at one of its calls."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self._left = calls

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed

    def score(self, trees):  # type: ignore[no-untyped-def]
        self._count()
        return super().score(trees)

    def sample(self, requests):  # type: ignore[no-untyped-def]
        self._count()
        return super().sample(requests)


class _Try:
    """One file, and what is done with it."""

    def __init__(self, kind: str, lines: Sequence[bytes], random: Random, folder: Path) -> None:
        self.kind, self.lines, self.random, self.folder = kind, lines, random, folder
        self.budget = random.choice(_BUDGETS)
        self.input = self.written("records.jsonl", lines)
        self.runs = 0

    def written(self, name: str, lines: Sequence[bytes]) -> Path:
        path = self.folder / name
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    def run(self, source: Path | None = None, *, engine: FakeEngine | None = None, **options: object):  # type: ignore[no-untyped-def]
        """A run in a folder of its own, unless `out` names one."""
        self.runs += 1
        given: dict[str, object] = {
            "model": engine or FakeEngine(),
            "out": self.folder / f"out-{self.runs}",
            "chunk_size": SIZE,
            "on_error": "skip",
            **options,
        }
        source = source or self.input
        if self.kind == SAMPLE:
            return cpmi.sample(source, **given)  # type: ignore[arg-type]
        if self.kind == "adaptive":
            given["budget"] = self.budget
        return cpmi.label(source, method=self.kind, **given)  # type: ignore[arg-type]

    def result(self, out: Path) -> bytes:
        """The bytes that a run promises to repeat."""
        return (out / ("chains.jsonl" if self.kind == SAMPLE else "labels.parquet")).read_bytes()


def _by_chunks(given: _Try, plain) -> bool:  # type: ignore[no-untyped-def]
    other = given.run(chunk_size=given.random.choice((1, 7, 33)))
    return _rows(other) == _rows(plain)


def _by_resuming(given: _Try, plain) -> bool:  # type: ignore[no-untyped-def]
    out = given.folder / "killed"
    with suppress(Killed):
        given.run(engine=DyingEngine(given.random.choice((0, 1, 1, 2, 3, 5))), out=out)
    given.run(out=out)
    return given.result(out) == given.result(plain.out)


def _by_shards(given: _Try, plain) -> bool:  # type: ignore[no-untyped-def]
    number = given.random.choice((2, 3))
    outs = [given.run(shard=f"{index}/{number}").out for index in range(number)]
    given.random.shuffle(outs)
    merge_runs(outs, given.folder / "merged")
    return given.result(given.folder / "merged") == given.result(plain.out)


def _by_shuffling(given: _Try, plain) -> bool:  # type: ignore[no-untyped-def]
    """The first record stays: it says how the others are read."""
    rest = list(given.lines[1:])
    given.random.shuffle(rest)
    other = given.run(given.written("shuffled.jsonl", [given.lines[0], *rest]))
    return sorted(_rows(other)) == sorted(_rows(plain))


def _by_gold_file(given: _Try, plain) -> bool:  # type: ignore[no-untyped-def]
    records = [json.loads(line) for line in given.lines]
    golds = [{"question": record["question"], "gold": record.pop("gold")} for record in records]
    lines = [json.dumps(record).encode() for record in records]
    gold = given.written("golds.jsonl", [json.dumps(record).encode() for record in golds])
    other = given.run(given.written("without.jsonl", lines), gold=gold)
    return _rows(other) == _rows(plain)


WAYS: dict[str, Callable[[_Try, object], bool]] = {
    "chunks": _by_chunks,
    "resumed": _by_resuming,
    "shards": _by_shards,
    "shuffled": _by_shuffling,
    "gold file": _by_gold_file,
}


def campaign(count: int, seed: int) -> Campaign:
    """Files of about `PER_RUN` records by the methods in turn; the ways take turns with every round."""
    found = Campaign("chains")
    per_run = min(PER_RUN, max(6, count // (2 * len(KINDS))))
    ways = list(WAYS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RepeatedProblemsWarning)
        warnings.simplefilter("ignore", LanguageWarning)
        for turn in range(max(1, count // per_run)):
            at, its_round = turn % len(KINDS), turn // len(KINDS)
            way = ways[(at + its_round) % len(ways)]
            if way == "gold file" and KINDS[at] == SAMPLE:
                way = "chunks"
            with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
                _try(found, KINDS[at], way, drawn(seed, turn), per_run, Path(folder))
    return found


def _try(found: Campaign, kind: str, way: str, random: Random, number: int, folder: Path) -> None:
    layout = "" if way == "gold file" or random.random() < 0.5 else random.choice(_LAYOUTS)
    # Whose ids are their places in the file has other ids, and so other draws, at another place.
    by_hand = not layout or way == "shuffled"
    lines = (
        _made_by_hand(random, number, plain=way == "gold file")
        if by_hand
        else _of_layout(layout, random, number)
    )
    given = _Try(kind, lines, random, folder)
    counted = {"labeled": 0, "rejected": 0}

    def work() -> str:
        plain = given.run()
        counted["labeled"] = plain.totals.num_chains
        counted["rejected"] = sum(plain.totals.rejected.values())
        read = (read_problems if kind == SAMPLE else read_chains)(given.input)
        if sum(counted.values()) != sum(1 for _ in read) or len(_rows(plain)) != counted["labeled"]:
            return "silent"
        if kind != SAMPLE and not all(map(_within_unit, plain)):
            return "different"
        return "read" if WAYS[way](given, plain) else "different"

    word = found.attempt(kind, f"{way}, {layout or 'by hand'}: {lines[0]!r}", work)
    if word in (*FAULTS, "refused"):
        return
    del found.outcomes[kind, word]
    for name, records in counted.items():
        found.count(kind, name, number=records)


def _rows(run) -> list[tuple[object, ...]]:  # type: ignore[no-untyped-def]
    """What may not differ: a chain and what came of it."""
    if isinstance(run, cpmi.Run):
        return [(row.chain.id, row.chain.question, repr(row.labels.values)) for row in run]
    return [(chain.id, chain.question, chain.steps) for chain in run]


def _within_unit(row) -> bool:  # type: ignore[no-untyped-def]
    labels = row.labels
    values = [value for value in labels.values if value is not None]
    probabilities = [value for value in labels.probabilities or () if value is not None]
    if labels.unit == PROBABILITY:
        probabilities += values
    if (
        labels.unit == LOG_ODDS
        and labels.method == "adaptive"
        and max(map(abs, values), default=0) > _MOST_LOG_ODDS
    ):
        return False
    return len(labels.values) == len(row.chain.steps) and all(0 <= value <= 1 for value in probabilities)


def _made_by_hand(random: Random, number: int, *, plain: bool) -> list[bytes]:
    """Chains in cpmi's own form, without options where these are `plain`."""

    def text() -> str:
        return random.choice((random.choice(ODD_TEXTS), random.choice(_STEPS), random.choice(_STEPS)))

    lines: list[bytes] = []
    for index in range(number):
        record: dict[str, object] = {
            "id": str(index),
            "question": f"{index}? {text()}",
            "steps": [text() for _ in range(random.choice((1, 2, 3, 8)))],
            "gold": random.choice(("2", "1/2", "A", "x+1", text())),
        }
        if plain and not str(record["gold"]).strip():
            record["gold"] = "2"  # a gold file says by a blank one that it has none
        if not plain and random.random() < 0.3:
            record["options"] = ["2", "3", text()]
        if not plain and random.random() < 0.3:
            record["distractors"] = ["5", text()]
        lines.append(json.dumps(record).encode())
    return lines


def _of_layout(layout: str, random: Random, number: int) -> list[bytes]:
    """Records of a layout; the first says how the others are read, and stays as it is."""
    records = [layout_record(layout, index + 2) for index in range(number)]
    return [json.dumps(records[0]).encode()] + [
        line_of(mutated_record(record, random) if random.random() < 0.7 else record, random)
        for record in records[1:]
    ]


if __name__ == "__main__":
    sys.exit(run_campaign(__doc__, campaign, count=COUNT))
