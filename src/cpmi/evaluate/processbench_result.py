"""The result of `cpmi evaluate processbench`, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cpmi.answers import Percent
from cpmi.evaluate.result import Estimate, LeftOut

RowKind = Literal["model", "baseline"]
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFacts:
    """One split that is reported.

    Attributes:
        name: of the split.
        source: where its scores were read.
        num_chains, num_wrong, num_right, num_problems, num_steps: of its chains with known first errors.
        num_unscored_steps: steps without a score (longer than the model's context); they never fire.
        num_answers_settled: chains whose final answer is undecided, settled in favor of the
            baselines that use it; None if no final answer is known.
        left_out: chains that are not used, by reason.
    """

    name: str
    source: str
    num_chains: int
    num_wrong: int
    num_right: int
    num_problems: int
    num_steps: int
    num_unscored_steps: int
    num_answers_settled: int | None
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitScores:
    """A row on one split; all in [0, 1].

    Attributes:
        split: its name.
        f1: harmonic mean of the two accuracies, 0 if both are 0.
        acc_err: share of wrong chains whose first error is predicted exactly.
        acc_corr: share of right chains predicted to have none.
        note: what a baseline was given on this split.
    """

    split: str
    f1: Estimate
    acc_err: Estimate
    acc_corr: Estimate
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessBenchRow:
    """One line of the table.

    Attributes:
        name: unique among the rows.
        kind: "model" for the scores, "baseline" for what needs no model.
        knows_answer: whether it uses final-answer correctness; never to be compared with rows that
            are not.
        splits: on every split that is reported; a row that uses it lacks those where it is not known.
        mean_f1: plain mean over the reported splits; the headline of the benchmark if these are its four.
    """

    name: str
    kind: RowKind
    knows_answer: bool
    splits: tuple[SplitScores, ...]
    mean_f1: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessBenchSample:
    """One chain: what was predicted, and what is so. Indices are 0-based, -1 for no error."""

    split: str
    id: str
    label: int
    prediction: int
    hit: bool
    scores: tuple[float | None, ...]
    final_answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessBench:
    """The whole result.

    Attributes:
        threshold: below it a step counts as wrong.
        threshold_source: "official: 0.5", or what it was tuned on.
        splits: those reported.
        missing_splits: splits of the benchmark that were not given, or must not be reported.
        rows: the scores, the scores gated by the final answer where that is known, then the baselines.
        num_draws, seed: of the draws of problems behind every interval.
        percent, answer_check: how final answers are compared, as `cpmi.answers.Grading`.
        warnings: why the numbers prove less than they seem to.
        samples: one per chain; not in `to_json`.
    """

    threshold: float
    threshold_source: str
    splits: tuple[SplitFacts, ...]
    missing_splits: tuple[str, ...]
    rows: tuple[ProcessBenchRow, ...]
    num_draws: int
    seed: int
    warnings: tuple[str, ...]
    samples: tuple[ProcessBenchSample, ...]
    benchmark: str = "processbench"
    percent: Percent = "undecided"
    answer_check: str = "math"
    format: int = FORMAT

    def row(self, name: str) -> ProcessBenchRow:
        """The row of this name; a KeyError if there is none."""
        return {row.name: row for row in self.rows}[name]

    def to_json(self) -> dict[str, Any]:
        """As JSON values, without the samples."""
        return without_samples(asdict(self))


def without_samples(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a result but for its sample-level records."""
    return {name: value for name, value in facts.items() if name != "samples"}
