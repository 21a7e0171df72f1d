"""The result of `cpmi evaluate labels`, as values: what evaluation.json holds and reports are drawn from.

A number that cannot be had is None with a reason beside it; there is no NaN. Every share, score and
difference is an `Estimate`, whose interval comes from drawing problems with replacement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cpmi.answers import Percent
from cpmi.evaluate.record import from_record

EvaluationKind = Literal["label", "baseline", "combination"]
FORMAT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number and its 95 % interval.

    Attributes:
        value: on the chains as they are; None if it cannot be had.
        low, high: percentiles 2.5 and 97.5 over the draws; None if too few draws have a value.
        note: why there is no value or no interval; "" if nothing is to say.

    Raises:
        ValueError: a number is not finite, or value is None without a note.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for number in (self.value, self.low, self.high):
            if number is not None and not math.isfinite(number):
                raise ValueError(f"an estimate holds {number}")
        if self.value is None and not self.note:
            raise ValueError("an estimate without a value needs a reason")

    @property
    def above_zero(self) -> bool:
        return self.low is not None and self.low > 0

    @property
    def below_zero(self) -> bool:
        return self.high is not None and self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Chains that were read and not used: how many, and why."""

    reason: str
    num_chains: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """One folder of labels or targets that was evaluated, or from which thresholds were taken.

    Attributes:
        folder: as it was given.
        method: the labeling method; of targets with their map.
        model: the labeling model, or several; None without a manifest.
        fingerprint: of the run's manifest; None without one.
        num_chains: chains in the run, the unused ones included.
        role: "evaluated" or "dev".
        knows_answer: whether the labels read whether the chain's own final answer is right.
        cost_reference: whether the costs of the other runs are given as a share of this one's.
    """

    folder: str
    method: str
    model: str | None
    fingerprint: str | None
    num_chains: int
    role: Literal["evaluated", "dev"]
    knows_answer: bool = False
    cost_reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the labels are held against.

    Attributes:
        num_chains: chains used: num_wrong + num_right.
        num_wrong: chains with an error whose first wrong step is known.
        num_right: chains whose every step is judged and none wrong.
        num_problems: different problems (runs of white space made one space) among them.
        num_steps: all their steps.
        num_judged_steps: steps that are read: up to the first error, and all of right chains.
        num_pairs: ordered pairs of wrong chains (a, b) with L_b > L_a: what concordance counts.
        num_pairs_equal_count: those with equally many steps.
        num_chains_with_pair: wrong chains that take part in a pair.
        num_answers_same: chains whose final answer equals the gold beyond doubt.
        num_answers_different: chains whose final answer differs beyond doubt.
        num_answers_undecided: the others.
        answers_undecided: how many of these, by reason.
        left_out: chains not used, by reason.
    """

    num_chains: int
    num_wrong: int
    num_right: int
    num_problems: int
    num_steps: int
    num_judged_steps: int
    num_pairs: int
    num_pairs_equal_count: int
    num_chains_with_pair: int
    num_answers_same: int
    num_answers_different: int
    num_answers_undecided: int
    answers_undecided: Mapping[str, int]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What wins without any label, for scale.

    Attributes:
        mean_inverse_steps: mean of 1/S over wrong chains: of a blind guess.
        best_fixed_index: first_error_accuracy of always naming one index, chosen on other problems.
        fixed_indices: that index, one a fold (or one, from dev).
        fixed_index_from: "dev" or "cross-fitted over 5 folds".
        outcome_fixed_index_f1: gated F1 of naming the fixed index wherever the final answer is wrong.
    """

    mean_inverse_steps: Estimate
    best_fixed_index: Estimate
    fixed_indices: tuple[int, ...]
    fixed_index_from: str
    outcome_fixed_index_f1: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstErrorF1:
    """Harmonic mean of two accuracies: of the first error in wrong chains, of "none" in right ones.

    Attributes:
        f1: in [0, 1].
        acc_err: share of wrong chains whose first error is predicted exactly.
        acc_corr: share of right chains predicted to have none.
        thresholds: below which a step counts as wrong, one a fold or one from dev; None where there was
            nothing to choose from, so that no step fires.
        threshold_from: "dev" or "cross-fitted over 5 folds"; "" if no threshold is used.
    """

    f1: Estimate
    acc_err: Estimate
    acc_corr: Estimate
    thresholds: tuple[float | None, ...]
    threshold_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What a label adds to the combined baseline: the hazard model with it, and without.

    Attributes:
        concordance_without: of the combined baseline.
        concordance_with: of the same model with the label among its features.
        concordance: the difference, on the same draws. The claim of a label stands or falls with it.
        f1_without, f1_with, f1: the same for F1 gated by the final answer: where it is DIFFERENT both
            models name argmax_j h_j·Π_{t<j}(1−h_t), elsewhere none.
    """

    concordance_without: Estimate
    concordance_with: Estimate
    concordance: Estimate
    f1_without: Estimate
    f1_with: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralAnswers:
    """Concordance with and without the steps that print a candidate answer.

    Attributes:
        all_pairs: concordance over all pairs.
        without_printed: over the pairs in which neither compared step prints a candidate.
        share_removed: share of the pairs that this leaves out.
    """

    all_pairs: Estimate
    without_printed: Estimate
    share_removed: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Steps whose probability lies in [low, high).

    Attributes:
        num_steps: how many.
        mean_probability: their mean probability; None if there is none.
        share: the share of them that is not the first error.
    """

    low: float
    high: float
    num_steps: int
    mean_probability: float | None
    share: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How far a probability that a step is not the first error is from the truth.

    On steps 0..L of wrong chains that have a label.

    Attributes:
        of: "platt": of the label passed through a logistic curve that was fitted on other folds of
            problems; "raw": of the label as it is, where its unit is "probability" or "log-odds".
        ece: expected calibration error, equal-width bins; never negative, so its draws lean upward.
        bins: the reliability diagram.
        num_steps: steps used.
    """

    of: Literal["platt", "raw"]
    ece: Estimate
    bins: tuple[ReliabilityBin, ...]
    num_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRatios:
    """Cost per labeled step as a multiple of Monte Carlo's; None where Monte Carlo's is 0 or unknown."""

    wall_s: float | None
    generated_tokens: float | None
    computed_tokens: float | None
    unshared_tokens: float | None
    flops: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run cost, or the runs that targets are made from, all their chains included.

    Attributes:
        num_steps: steps labeled for it.
        flops, wall_s: of labeling, without loading the model; None where no usage.json tells.
        steps_per_s: None if no time was measured.
        to_monte_carlo: None if no Monte Carlo run is among the evaluated ones.
    """

    num_steps: int
    generated_tokens: int
    computed_tokens: int
    unshared_tokens: int
    flops: int | None
    wall_s: float | None
    steps_per_s: float | None
    to_monte_carlo: CostRatios | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """ROC of "this step is the first error", flagging low values first; at most 200 points.

    On the steps of the fair AUROC that have a label; `auroc` counts the others half, so its area may differ.
    Both tuples begin with 0 and end with 1; empty, with a note, if one kind of step is missing.
    """

    false_positive_rate: tuple[float, ...]
    true_positive_rate: tuple[float, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How many values lie where, by rating.

    Attributes:
        edges: B + 1 edges of equal width; empty if there is no value.
        counts: "right", "neutral", "wrong" (first errors only) -> B counts, over the steps that are read.
        num_clipped: values beyond the edges, counted in the outermost bins.
    """

    edges: tuple[float, ...]
    counts: Mapping[str, tuple[int, ...]]
    num_clipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRow:
    """One line of the table: a label, or what does without a model.

    Attributes:
        name: unique among the rows.
        kind: "label", "baseline" or "combination" (the combined baseline, fitted).
        folder: the run folder of a label.
        unit: of its values.
        auroc: fair AUROC: first errors against steps before them and all steps of right chains.
        concordance: risk-set concordance over all pairs of wrong chains.
        concordance_equal_count: over pairs with equally many steps.
        null_share: share of the read steps without a label.
        first_error_accuracy: share of wrong chains whose lowest step is the first error.
        f1: ungated; None for rows that know the final answer.
        f1_gated: by the final answer. Never to be compared with `f1`.
        gain: over the combined baseline; None for rows that are no label.
        literal: None for rows that compare no candidates.
        calibration: () for rows that are no label.
        cost: None for rows that are no label, and for runs without usage.json.
        roc, histogram: of the values.
        knows_answer: whether it uses final-answer correctness. Its first-error accuracy and F1 compare with
            those of rows that use it too, and with gated F1, only.
    """

    name: str
    kind: EvaluationKind
    folder: str | None
    unit: str
    auroc: Estimate
    concordance: Estimate
    concordance_equal_count: Estimate
    null_share: Estimate
    first_error_accuracy: Estimate
    f1: FirstErrorF1 | None
    f1_gated: FirstErrorF1
    gain: Gain | None
    literal: LiteralAnswers | None
    calibration: tuple[Calibration, ...]
    cost: Cost | None
    roc: Curve
    histogram: Histogram
    knows_answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """First minus second label, on the same draws."""

    first: str
    second: str
    concordance: Estimate
    first_error_accuracy: Estimate
    f1: Estimate
    f1_gated: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The whole result.

    Attributes:
        runs: the folders, dev ones included.
        num_draws: draws of problems behind every interval.
        seed: of these draws.
        percent, answer_check: how final answers are compared, as `cpmi.answers.Grading`.
        ground, references: what the labels were held against, and what wins without any label.
        rows: labels in the order given, then the model-free baselines, then the combined one.
        differences: every pair of labels.
        findings: what follows, as sentences, label by label.
        warnings: why to trust it less than it looks.
    """

    runs: tuple[RunFacts, ...]
    num_draws: int
    seed: int
    ground: Ground
    references: References
    rows: tuple[EvaluationRow, ...]
    differences: tuple[Difference, ...]
    findings: tuple[str, ...]
    warnings: tuple[str, ...]
    percent: Percent = "undecided"
    answer_check: str = "math"
    format: int = FORMAT

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Evaluation:
        """What `to_json` was made from.

        Raises:
            InputError: not the record of an evaluation.
        """
        return from_record(
            cls, facts, what="an evaluation", marks={"format": FORMAT}, expected="evaluation.json"
        )

    def row(self, name: str) -> EvaluationRow:
        """The row of this name; a KeyError if there is none."""
        return {row.name: row for row in self.rows}[name]
