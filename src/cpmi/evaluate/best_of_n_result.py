"""The result of `cpmi evaluate best-of-n`, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cpmi.answers import Percent
from cpmi.evaluate.processbench_result import RowKind, without_samples
from cpmi.evaluate.record import from_record
from cpmi.evaluate.result import Estimate, LeftOut

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AtN:
    """A row with N chains a problem.

    Attributes:
        n: N.
        accuracy: share of problems whose chosen answer is right, averaged over the disjoint runs of N chains.
        to_majority: accuracy minus majority vote's, on the same draws; None for majority vote itself.
    """

    n: int
    accuracy: Estimate
    to_majority: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOfNRow:
    """One line of the table.

    Attributes:
        name: unique among the rows.
        kind: "model" for what reads the scores, "baseline" for what does not.
        at: one entry an N, ascending.
    """

    name: str
    kind: RowKind
    at: tuple[AtN, ...]

    def accuracy(self, n: int) -> Estimate:
        """With N chains; a KeyError if that was not measured."""
        return {item.n: item.accuracy for item in self.at}[n]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOfNSample:
    """One chain: its answer, whether that is right, and its score by every reduction."""

    problem: int
    id: str
    answer: str | None
    verdict: str
    vote: int | None
    chain_scores: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOfN:
    """The whole result.

    Attributes:
        num_problems: problems that every number is measured on.
        ns: the N.
        rows: what reads the scores, then majority vote, random pick and the like; "pass@N" is the ceiling.
        verdicts: chains by their answer against the gold: "same", "different", "undecided", "no answer". Only
            "same" counts as right.
        left_out: chains that are not used, by reason.
        num_draws, seed: of the draws of problems behind every interval.
        percent, answer_check: how final answers are compared, as `cpmi.answers.Grading`.
        warnings: why the numbers prove less than they seem to.
        samples: one per chain; not in `to_json`.
    """

    num_problems: int
    ns: tuple[int, ...]
    rows: tuple[BestOfNRow, ...]
    verdicts: Mapping[str, int]
    left_out: tuple[LeftOut, ...]
    num_draws: int
    seed: int
    warnings: tuple[str, ...]
    samples: tuple[BestOfNSample, ...]
    benchmark: str = "best-of-n"
    percent: Percent = "undecided"
    answer_check: str = "math"
    format: int = FORMAT

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> BestOfN:
        """What `to_json` was made from, without the samples.

        Raises:
            InputError: not the record of a best-of-N.
        """
        marks = {"benchmark": "best-of-n", "format": FORMAT}
        whole = {**facts, "samples": ()} if isinstance(facts, Mapping) else facts
        return from_record(cls, whole, what="a best-of-N", marks=marks, expected="best-of-n.json")

    def row(self, name: str) -> BestOfNRow:
        """The row of this name; a KeyError if there is none."""
        return {row.name: row for row in self.rows}[name]

    def to_json(self) -> dict[str, Any]:
        """As JSON values, without the samples."""
        return without_samples(asdict(self))
