"""The result of `cpmi evaluate prmbench`, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cpmi.evaluate.processbench_result import RowKind, without_samples
from cpmi.evaluate.result import Estimate, LeftOut

FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScores:
    """A row on the items of one class, or on all.

    Attributes:
        name: of the class.
        num_items, num_steps, num_wrong_steps: what it holds.
        score: PRMScore, ½·F1(right steps) + ½·F1(wrong steps), counts pooled over its items; in [0, 1].
            Officially the class multi_solutions, which holds no error, has F1(right steps) alone.
        f1_right, f1_wrong: the two. The official code gives -1 for an F1 where no step of the kind was found
            and there are both misses and false alarms, or neither.
    """

    name: str
    num_items: int
    num_steps: int
    num_wrong_steps: int
    score: Estimate
    f1_right: Estimate
    f1_wrong: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectScore:
    """The plain mean of the scores of the classes of one aspect: simplicity, soundness, sensitivity."""

    name: str
    score: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PRMBenchRow:
    """One line of the table: over all items, by class, and by aspect.

    Attributes:
        name: of the row.
        kind: of the scores, or without a model.
        overall, classes: its scores.
        aspects: those whose classes are all there; none on well-formed items.
        note: what a baseline was given.
    """

    name: str
    kind: RowKind
    overall: ClassScores
    classes: tuple[ClassScores, ...]
    aspects: tuple[AspectScore, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutErrors:
    """Items that hold no error.

    Attributes:
        num_items, num_steps: of them.
        share_passed: share of their steps that are not flagged.
    """

    num_items: int
    num_steps: int
    share_passed: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class WellFormed:
    """PRMScore on the items that hold an error, without an empty step and without an error step that lies
    outside the chain.

    A step is predicted wrong if its score is below 0.5; a step without a score is predicted right.

    Attributes:
        num_items, num_problems: of them.
        rows: as those of `PRMBench`.
        without_errors: items without an error, apart; None if there is none.
    """

    num_items: int
    num_problems: int
    rows: tuple[PRMBenchRow, ...]
    without_errors: WithoutErrors | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the official reading and the well-formed one do differently.

    Attributes:
        what: kind of items or of steps.
        official, well_formed: what each does with them.
        num: how many were scored.
    """

    what: str
    official: str
    well_formed: str
    num: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PRMBenchSample:
    """One item of the official ones. Indices of steps are 0-based."""

    id: str
    classification: str
    wrong_steps: tuple[int, ...]
    flagged_steps: tuple[int, ...]
    scores: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PRMBench:
    """The whole result.

    Attributes:
        threshold: above it a step counts as right.
        num_items: items of the official reading.
        num_problems: original problems among them; intervals draw these.
        num_unscored_steps: steps without a score; officially they do not count.
        rows: the official scores, then what needs no model.
        well_formed: the same on well-formed items.
        differences: what the two readings do differently, counted.
        apart: official items that are not among the scores, by reason; None if the official files were not
            named.
        left_out: scored chains whose wrong steps are not known, by reason.
        num_draws, seed: of the draws of problems behind every interval.
        warnings: why the numbers prove less than they seem to.
        samples: one an item; not in `to_json`.
    """

    threshold: float
    num_items: int
    num_problems: int
    num_unscored_steps: int
    rows: tuple[PRMBenchRow, ...]
    well_formed: WellFormed
    differences: tuple[Difference, ...]
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
