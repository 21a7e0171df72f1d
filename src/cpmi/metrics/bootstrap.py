"""Draws of problems with replacement, and measures computed on all of them at once.

Chains on one problem are not independent, so problems are drawn, not chains. All methods are measured on the
same draws, so differences between them are paired.

Draws are kept as one byte per problem and draw. Sums over draws are products of matrices: of many columns at
once where they are sums of whole numbers, which are exact in any order, and else of one after the other.

Axes: C chains, G problems, D = 1 + draws (column 0 is the data as they are), K columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from cpmi.metrics.layout import Bools, Floats, Ints
from cpmi.metrics.one_thread import one_thread

Weights = npt.NDArray[np.unsignedinteger[Any]]

_COLUMNS = 8  # that are summed at a time
_BLOCK = 16  # draws that are multiplied at a time
_CELLS = 1_000_000  # drawn at a time: what bounds memory beside the draws that are kept
_WHOLE = 2**53  # float64 adds whole numbers below it without rounding


def draw_problems(num_problems: int, num_draws: int, seed: int) -> Weights:
    """How often each problem is drawn, [G, D]; column 0 holds ones: the data as they are.

    A draw is contiguous in memory. A number takes one byte, or four if a problem is drawn 256 times.
    """
    generator = np.random.default_rng(seed)
    weights_DG: Weights = np.ones((1 + num_draws, num_problems), dtype=np.uint8)
    if num_problems == 0:
        return weights_DG.T
    shares = np.full(num_problems, 1 / num_problems)
    size = max(1, _CELLS // num_problems)  # without effect on the draws
    for first in range(1, 1 + num_draws, size):
        num = min(size, 1 + num_draws - first)
        drawn = generator.multinomial(num_problems, shares, size=num)
        if drawn.max() > np.iinfo(weights_DG.dtype).max:
            weights_DG = weights_DG.astype(np.uint32)
        weights_DG[first : first + num] = drawn
    return weights_DG.T


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """One measure on the data and on every draw.

    Attributes:
        values_D: its values, the first on the data as they are; NaN where a draw has none.
        reason: why there is no value, if the first is NaN.
    """

    values_D: Floats
    reason: str

    @property
    def value(self) -> float | None:
        """On the data as they are."""
        return float(self.values_D[0]) if np.isfinite(self.values_D[0]) else None

    @property
    def num_missing(self) -> int:
        """Draws without a value."""
        return int(np.isnan(self.values_D[1:]).sum())

    def interval(self) -> tuple[float, float] | None:
        """Percentiles 2.5 and 97.5 of the draws with a value; None if fewer than half have one."""
        drawn = self.values_D[1:]
        finite = drawn[np.isfinite(drawn)]
        if not len(finite) or 2 * len(finite) < len(drawn):
            return None
        low, high = np.percentile(finite, [2.5, 97.5])
        return float(low), float(high)

    def __sub__(self, other: Measured) -> Measured:
        """The paired difference, on the same draws."""
        return Measured(
            values_D=self.values_D - other.values_D,
            reason=self.reason if self.value is None else other.reason,
        )


def ratio(numerator_D: Floats, denominator_D: Floats, reason: str) -> Measured:
    """numerator / denominator; where the denominator is 0 there is no value, for this reason."""
    values_D = np.full(len(numerator_D), np.nan)
    np.divide(numerator_D, denominator_D, out=values_D, where=denominator_D != 0)
    return Measured(values_D=values_D, reason=reason)


def harmonic_mean(first: Measured, second: Measured) -> Measured:
    """Of two measures in [0, 1]; 0 if both are 0."""
    total_D = first.values_D + second.values_D
    with np.errstate(divide="ignore", invalid="ignore"):
        values_D = np.where(total_D == 0, 0.0, 2 * first.values_D * second.values_D / total_D)
    reason = first.reason if first.value is None else second.reason
    return Measured(values_D=values_D, reason=reason)


def weighted_sums(column_C: Floats | Bools, problem_C: Ints, weights_GD: Weights) -> Floats:
    """Sum of a column over the chains (or steps) of every draw, [D]."""
    return np.asarray(sums_of_draws([by_problem(column_C, problem_C, weights_GD)], weights_GD)[0])


def by_problem(column_C: Floats | Bools, problem_C: Ints, weights_GD: Weights) -> Floats:
    """Sum of a column over the chains (or steps) of each problem, [G]: what `sums_of_draws` takes."""
    return np.asarray(np.bincount(problem_C, weights=column_C, minlength=len(weights_GD)), dtype=np.float64)


def sums_of_draws(sums: Iterable[Floats], weights_GD: Weights) -> Floats:
    """Of K columns, given as their sums `by_problem`, the sum over every draw, [K, D]; bits as one by one."""
    columns = iter(sums)
    found = []
    with one_thread():
        while some := list(islice(columns, _COLUMNS)):
            found.append(_sums_of_some(np.stack(some), weights_GD))
    return np.concatenate(found)


def _sums_of_some(sums_KG: Floats, weights_GD: Weights) -> Floats:
    max_weight = int(weights_GD.max(initial=0))
    whole_K = (sums_KG == np.rint(sums_KG)).all(axis=1)
    whole_K &= np.abs(sums_KG).sum(axis=1) * max_weight < _WHOLE
    found_KD = np.empty((len(sums_KG), weights_GD.shape[1]))
    for first in range(0, weights_GD.shape[1], _BLOCK):
        block = slice(first, first + _BLOCK)
        # Rounding depends on the layout, so there is one.
        weights = weights_GD[:, block].astype(np.float64, order="C")
        found_KD[whole_K, block] = sums_KG[whole_K] @ weights
        for k in np.flatnonzero(~whole_K):
            found_KD[k, block] = sums_KG[k] @ weights
        del weights  # before the next ones are made
    return found_KD


def weighted_mean(
    column_C: Floats | Bools, of_C: Bools, problem_C: Ints, weights_GD: Weights, reason: str
) -> Measured:
    """Mean of a column over the chains (or steps) chosen by `of_C`; no value, for this reason, if none is."""
    return weighted_means(column_C, {reason: of_C}, problem_C, weights_GD)[0]


def weighted_means(
    column_C: Floats | Bools, chosen: Mapping[str, Bools], problem_C: Ints, weights_GD: Weights
) -> list[Measured]:
    """`weighted_mean` over several choices of chains (or steps), each under its reason."""
    sums = []
    for of_C in chosen.values():
        problem = problem_C[of_C]
        sums.append(by_problem(column_C[of_C], problem, weights_GD))
        sums.append(by_problem(np.ones(len(problem)), problem, weights_GD))
    found_KD = sums_of_draws(sums, weights_GD)
    return [
        ratio(total_D, num_D, reason)
        for total_D, num_D, reason in zip(found_KD[::2], found_KD[1::2], chosen, strict=True)
    ]
