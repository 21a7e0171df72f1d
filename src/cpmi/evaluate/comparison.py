"""Two label sets, or two score sets, on the same rated chains: `cpmi compare` from Python.

How many chains would decide a difference follows from the normal approximation: with a standard error s on n
chains, a true difference d lies outside the 95 % interval of m chains with probability 0.8 where
|d| = (1.96 + 0.84) · s · sqrt(n / m).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

from cpmi.answers import Grading
from cpmi.arguments import checked
from cpmi.errors import ConfigError
from cpmi.evaluate.labels import DEFAULT_NUM_DRAWS, evaluate_labels
from cpmi.evaluate.result import Estimate, Evaluation, EvaluationRow

POWER = 0.8
_INTERVAL = 2 * NormalDist().inv_cdf(0.975)  # width of a 95 % interval in standard errors
_NEEDED = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(POWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedMeasure:
    """One measure of both, and their paired difference.

    Attributes:
        name: of the measure.
        first, second: the measure of each.
        difference: first minus second, on the same draws of problems.
        detectable: the least true difference, without sign, that this many chains show with probability
            `POWER`; None without an interval.
        num_chains_needed: rated chains, mixed as these, on which a true difference of the size seen would be
            shown with probability `POWER`; None without an interval or a difference.
    """

    name: str
    first: Estimate
    second: Estimate
    difference: Estimate
    detectable: float | None
    num_chains_needed: int | None

    @property
    def decided(self) -> bool:
        """Whether the interval of the difference excludes 0."""
        return self.difference.above_zero or self.difference.below_zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The result of `compare`.

    Attributes:
        first, second: rows of the two sets in `evaluation`.
        measures: concordance, first-error accuracy, first-error F1, and the F1 gated by the final answer.
        evaluation: everything measured on the way, the model-free baselines included.
    """

    first: EvaluationRow
    second: EvaluationRow
    measures: tuple[ComparedMeasure, ...]
    evaluation: Evaluation

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        measures = [{**asdict(measure), "decided": measure.decided} for measure in self.measures]
        return {
            "first": self.first.name,
            "second": self.second.name,
            "measures": measures,
            "evaluation": self.evaluation.to_json(),
        }


@checked
def compare(
    first: str | Path,
    second: str | Path,
    *,
    dev: Sequence[str | Path] = (),
    num_draws: int = DEFAULT_NUM_DRAWS,
    seed: int = 0,
    grading: Grading | None = None,
) -> Comparison:
    """Compare two sets of labels, targets or scores on the rated chains that both have.

    Args:
        first, second: folders by `cpmi label`, `calibrate`, `hybrid` or `score`, or a part of a run, as
            `DIR:part`.
        dev: two folders of the same methods on other problems, from which thresholds are taken; without them
            thresholds are cross-fitted.
        num_draws: draws of problems with replacement.
        seed: of these draws.
        grading: how answers are compared; None for as in the runs.

    Raises:
        ConfigError: the same folder twice, or fewer than 1 draw.
        CpmiError: as `evaluate_labels`.
    """
    if num_draws == 1:
        raise ConfigError("one draw has no interval", where="option draws", got="1", expected="100 or more")
    evaluation = evaluate_labels([first, second], dev=dev, num_draws=num_draws, seed=seed, grading=grading)
    a, b = evaluation.rows[:2]
    (difference,) = evaluation.differences
    num_chains = evaluation.ground.num_chains
    measures = (
        _compared("concordance", a.concordance, b.concordance, difference.concordance, num_chains),
        _compared(
            "first-error accuracy",
            a.first_error_accuracy,
            b.first_error_accuracy,
            difference.first_error_accuracy,
            num_chains,
        ),
        _compared("first-error F1", _f1(a), _f1(b), difference.f1, num_chains),
        _compared("F1 gated", a.f1_gated.f1, b.f1_gated.f1, difference.f1_gated, num_chains),
    )
    return Comparison(first=a, second=b, measures=measures, evaluation=evaluation)


def _f1(row: EvaluationRow) -> Estimate:
    if row.f1 is None:
        raise ValueError(f"{row.name} is a label and has no first-error F1")
    return row.f1.f1


def _compared(
    name: str, first: Estimate, second: Estimate, difference: Estimate, num_chains: int
) -> ComparedMeasure:
    detectable, needed = None, None
    if difference.low is not None and difference.high is not None:
        detectable = _NEEDED * (difference.high - difference.low) / _INTERVAL
        if difference.value and detectable:
            needed = math.ceil(num_chains * (detectable / difference.value) ** 2)
    return ComparedMeasure(
        name=name,
        first=first,
        second=second,
        difference=difference,
        detectable=detectable,
        num_chains_needed=needed,
    )
