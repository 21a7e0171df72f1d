"""The result of `cpmi evaluate prmbench`, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cpmi.evaluate.processbench_result import RowKind, without_samples
from cpmi.evaluate.result import Estimate, LeftOut

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScores:
    """A row on the items of one class, or on all.

    Attributes:
        name: of the class.
        num_items, num_steps, num_wrong_steps: what it holds.
        score: PRMScore, ½·F1(right steps) + ½·F1(wrong steps), counts pooled over its items; in [0, 1].
        f1_right, f1_wrong: the two.
    """

    name: str
    num_items: int
    num_steps: int
    num_wrong_steps: int
    score: Estimate
    f1_right: Estimate
    f1_wrong: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PRMBenchRow:
    """One line of the table: over all items, and by class."""

    name: str
    kind: RowKind
    overall: ClassScores
    classes: tuple[ClassScores, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutErrors:
    """Items that hold no error, which the benchmark scores apart.

    Attributes:
        num_items, num_steps: of them.
        share_passed: share of their steps that are not flagged.
    """

    num_items: int
    num_steps: int
    share_passed: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PRMBenchSample:
    """One item. Indices of steps are 0-based."""

    id: str
    classification: str
    wrong_steps: tuple[int, ...]
    flagged_steps: tuple[int, ...]
    scores: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PRMBench:
    """The whole result.

    Attributes:
        threshold: below it a step counts as wrong.
        num_items: modified items with an error, which PRMScore is pooled over.
        num_problems: original problems among them; intervals draw these.
        num_unscored_steps: steps without a score; they count as passed.
        rows: the scores, then what needs no model.
        without_errors: items without an error; None if there is none.
        apart: official items that are not among the scores, by reason ("'error_steps' points outside the
            chain", ...); None if the official files were not named.
        left_out: scored chains that are no usable items, by reason.
        num_draws, seed: of the draws of problems behind every interval.
        warnings: why the numbers prove less than they seem to.
        samples: one an item; not in `to_json`.
    """

    threshold: float
    num_items: int
    num_problems: int
    num_unscored_steps: int
    rows: tuple[PRMBenchRow, ...]
    without_errors: WithoutErrors | None
    apart: Mapping[str, int] | None
    left_out: tuple[LeftOut, ...]
    num_draws: int
    seed: int
    warnings: tuple[str, ...]
    samples: tuple[PRMBenchSample, ...]
    benchmark: str = "prmbench"
    format: int = FORMAT

    def row(self, name: str) -> PRMBenchRow:
        """The row of this name; a KeyError if there is none."""
        return {row.name: row for row in self.rows}[name]

    def to_json(self) -> dict[str, Any]:
        """As JSON values, without the samples."""
        return without_samples(asdict(self))
