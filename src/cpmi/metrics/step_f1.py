"""F1 over single steps, of the right ones and of the wrong ones: PRMScore.

Source: Song et al., "PRMBench" (arXiv 2501.03124).

Axes: N steps of all chains, G problems, D draws, T thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpmi.metrics.bootstrap import Measured, Weights, by_problem, sums_of_draws
from cpmi.metrics.layout import Bools, Floats, Ints

NO_STEP = "no step of this kind, and none predicted"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepF1:
    """Of pooled counts, all in [0, 1].

    Attributes:
        score: the mean of the two F1s, PRMScore.
        f1_right, f1_wrong: with right, or wrong, as the positive class.
    """

    score: Measured
    f1_right: Measured
    f1_wrong: Measured


def step_f1(
    flagged_N: Bools, wrong_N: Bools, problem_N: Ints, weights_GD: Weights, *, official: bool = False
) -> StepF1:
    """F1s of predicting the flagged steps to be wrong and all others right, on every draw.

    Args:
        flagged_N, wrong_N: predicted to be wrong; wrong.
        problem_N, weights_GD: of every step its problem; how often each draw holds a problem.
        official: an F1 without any hit is what the benchmark's code gives: 0 if there are either misses or
            false alarms, -1 if there are both or neither. Otherwise it is 0, and has no value if there are
            neither.
    """
    cells = (flagged_N & wrong_N, flagged_N & ~wrong_N, ~flagged_N & wrong_N, ~flagged_N & ~wrong_N)
    hits, false_alarms, missed, passed = sums_of_draws(
        [by_problem(cell_N, problem_N, weights_GD) for cell_N in cells], weights_GD
    )
    f1 = _official_f1 if official else _f1
    f1_wrong = f1(hits, false_alarms, missed)
    f1_right = f1(passed, false_alarms, missed)
    return StepF1(
        score=Measured(
            values_D=(f1_wrong.values_D + f1_right.values_D) / 2,
            reason=f1_wrong.reason if f1_wrong.value is None else f1_right.reason,
        ),
        f1_right=f1_right,
        f1_wrong=f1_wrong,
    )


def _official_f1(true_D: Floats, one_D: Floats, other_D: Floats) -> Measured:
    """The harmonic mean of precision and recall, where a quotient by 0 is -1: of each, and of the mean."""
    without_hits_D = np.where((one_D > 0) == (other_D > 0), -1.0, 0.0)
    values_D = np.where(true_D > 0, _f1(true_D, one_D, other_D).values_D, without_hits_D)
    return Measured(values_D=values_D, reason=NO_STEP)


def _f1(true_D: Floats, one_D: Floats, other_D: Floats) -> Measured:
    total_D = 2 * true_D + one_D + other_D
    values_D = np.full(len(total_D), np.nan)
    np.divide(2 * true_D, total_D, out=values_D, where=total_D > 0)
    return Measured(values_D=values_D, reason=NO_STEP)


def best_step_threshold(values_N: Floats, wrong_N: Bools) -> float | None:
    """The threshold with the best mean of the two F1s, the lowest on ties; a step below it is flagged.

    Candidates are the values themselves, so that the lowest value is never below and nothing may be flagged.

    Args:
        values_N: finite values.
        wrong_N: whether the steps are wrong.

    Returns:
        None if there is no step.
    """
    if not len(values_N):
        return None
    threshold_T = np.unique(values_N)
    num_wrong, num_right = int(wrong_N.sum()), int((~wrong_N).sum())
    hits_T = np.searchsorted(np.sort(values_N[wrong_N]), threshold_T, side="left")
    alarms_T = np.searchsorted(np.sort(values_N[~wrong_N]), threshold_T, side="left")
    errors_T = alarms_T + num_wrong - hits_T
    score_T = _share(2 * hits_T, errors_T) + _share(2 * (num_right - alarms_T), errors_T)
    return float(threshold_T[np.argmax(score_T)])


def _share(twice_true_T: Ints, errors_T: Ints) -> Floats:
    total_T = (twice_true_T + errors_T).astype(np.float64)
    return np.divide(twice_true_T, total_T, out=np.zeros_like(total_T), where=total_T > 0)
