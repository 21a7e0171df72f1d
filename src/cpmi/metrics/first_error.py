"""Finding the first error: first_error_accuracy, and first-error F1 with its threshold.

A credit is 1 if a chain is predicted exactly, 0 if not, and 1/k for a k-way tie.

Axes: C chains, N steps of all chains, W wrong chains, T thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpmi.metrics.bootstrap import Measured, Weights, harmonic_mean, weighted_means
from cpmi.metrics.layout import Bools, Floats, Ints, StepLayout

NO_WRONG = "no wrong chain"
NO_RIGHT = "no right chain"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Accuracies:
    """F1 and the two accuracies that it is the harmonic mean of."""

    f1: Measured
    acc_err: Measured
    acc_corr: Measured


def is_lowest(values_N: Floats, layout: StepLayout) -> Bools:
    """Which steps have the lowest value of their chain, [N]; several on ties, steps without a value last."""
    filled_N = np.where(np.isnan(values_N), np.inf, values_N)
    return np.asarray(filled_N == np.minimum.reduceat(filled_N, layout.begin_C)[layout.chain_N])


def lowest_step_credit(values_N: Floats, layout: StepLayout) -> Floats:
    """Credit of naming the lowest step, [C]; 0 for right chains.

    The lowest is sought over all S steps; k-way ties count 1/k, steps without a value rank last, and a
    chain without any value counts 1/S.
    """
    is_lowest_N = is_lowest(values_N, layout)
    num_lowest_C = np.add.reduceat(is_lowest_N.astype(np.int64), layout.begin_C)
    hit_C = np.logical_or.reduceat(is_lowest_N & layout.is_first_error_N, layout.begin_C)
    return np.asarray(hit_C / num_lowest_C)


def first_below(values_N: Floats, layout: StepLayout, threshold_C: Floats) -> Ints:
    """Index of every chain's first step with value < threshold, else -1, [C].

    A step without a value never fires, nor does any under a NaN threshold.
    """
    fires_N = values_N < threshold_C[layout.chain_N]
    index_N = np.where(fires_N, layout.index_N, np.iinfo(np.int64).max)
    first_C = np.minimum.reduceat(index_N, layout.begin_C)
    return np.where(first_C == np.iinfo(np.int64).max, -1, first_C)


def best_threshold(values_N: Floats, layout: StepLayout, of_C: Bools) -> float | None:
    """The threshold with the best first-error F1 on the chains `of_C`, the lowest on ties.

    Candidates are the midpoints of neighboring values of the steps that are read.

    Returns:
        None if these chains give no choice: without two different values, a wrong chain and a right one.
    """
    read_N = layout.read_N & of_C[layout.chain_N] & ~np.isnan(values_N)
    distinct = np.unique(values_N[read_N])
    wrong_C, right_C = of_C & layout.wrong_C, of_C & ~layout.wrong_C
    if len(distinct) < 2 or not wrong_C.any() or not right_C.any():
        return None
    threshold_T = _midpoints(distinct)
    filled_N = np.where(np.isnan(values_N), np.inf, values_N)
    first_C = filled_N[layout.begin_C + np.maximum(layout.first_error_C, 0)]
    before_N = layout.read_N & ~layout.is_first_error_N
    before_C = np.minimum.reduceat(np.where(before_N, filled_N, np.inf), layout.begin_C)
    # A wrong chain is hit by value[L] < t <= all values before; a right one by t <= all its values.
    hit_C = wrong_C & (first_C < before_C)
    num_hit_T = _num_below(first_C[hit_C], threshold_T) - _num_below(before_C[hit_C], threshold_T)
    acc_err_T = num_hit_T / wrong_C.sum()
    acc_corr_T = 1 - _num_below(before_C[right_C], threshold_T) / right_C.sum()
    total_T = acc_err_T + acc_corr_T
    f1_T = np.divide(2 * acc_err_T * acc_corr_T, total_T, out=np.zeros_like(total_T), where=total_T > 0)
    return float(threshold_T[np.argmax(f1_T)])


def cross_fitted_thresholds(values_N: Floats, layout: StepLayout, num_folds: int) -> tuple[float | None, ...]:
    """For every fold the best threshold on the chains of the other folds."""
    return tuple(best_threshold(values_N, layout, layout.fold_C != fold) for fold in range(num_folds))


def exact_credit(predicted_C: Ints, layout: StepLayout) -> Floats:
    """1 where the prediction is the first error, or -1 in a right chain, [C]."""
    return np.asarray(predicted_C == layout.first_error_C, dtype=np.float64)


def gated_credit(lowest_C: Floats, ungated_C: Floats, outcome_C: Ints, layout: StepLayout) -> Floats:
    """Credit when the final answer decides first, [C].

    Args:
        lowest_C: credit of naming the lowest step, used where the answer is DIFFERENT.
        ungated_C: credit of the prediction by threshold, used where it is UNDECIDED.
        outcome_C: 1 final answer SAME as the gold (none is named), 0 DIFFERENT, -1 UNDECIDED.
    """
    by_outcome_C = np.where(outcome_C == 1, (~layout.wrong_C).astype(np.float64), lowest_C)
    return np.where(outcome_C == -1, ungated_C, by_outcome_C)


def accuracies(credit_C: Floats, layout: StepLayout, weights_GD: Weights) -> Accuracies:
    """acc_err over wrong chains, acc_corr over right ones, and their harmonic mean, on every draw."""
    acc_err, acc_corr = weighted_means(
        credit_C, {NO_WRONG: layout.wrong_C, NO_RIGHT: ~layout.wrong_C}, layout.problem_C, weights_GD
    )
    return Accuracies(f1=harmonic_mean(acc_err, acc_corr), acc_err=acc_err, acc_corr=acc_corr)


def most_probable_first(logit_N: Floats, layout: StepLayout) -> Ints:
    """argmax_j h_j·Π_{t<j}(1−h_t) of every chain, for hazards h = sigmoid(logit), [C]; the first on ties."""
    log_hazard_N = -np.logaddexp(0, -logit_N)
    log_none_N = -np.logaddexp(0, logit_N)
    before_N = np.cumsum(log_none_N) - log_none_N
    log_first_N = log_hazard_N + before_N - before_N[layout.begin_C][layout.chain_N]
    best_C = np.maximum.reduceat(log_first_N, layout.begin_C)
    index_N = np.where(log_first_N == best_C[layout.chain_N], layout.index_N, np.iinfo(np.int64).max)
    return np.asarray(np.minimum.reduceat(index_N, layout.begin_C))


def _midpoints(distinct: Floats) -> Floats:
    """Of neighbors in a sorted array; the upper one where rounding leaves nothing between them."""
    low, high = distinct[:-1], distinct[1:]
    middle = low / 2 + high / 2
    return np.where((middle > low) & (middle <= high), middle, high)


def _num_below(values: Floats, threshold_T: Floats) -> Floats:
    return np.searchsorted(np.sort(values), threshold_T, side="left").astype(np.float64)
