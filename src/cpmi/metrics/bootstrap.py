"""Draws of problems with replacement, and measures computed on all of them at once.

Chains on one problem are not independent, so problems are drawn, not chains. All methods are measured on the
same draws, so differences between them are paired.

Axes: C chains, G problems, D = 1 + draws (column 0 is the data as they are), K columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cpmi.metrics.layout import Bools, Floats, Ints

Weights = npt.NDArray[np.uint16]

_BLOCK = 256  # draws made at a time, to bound memory


def draw_problems(num_problems: int, num_draws: int, seed: int) -> Weights:
    """How often each problem is drawn, [G, D]; column 0 holds ones: the data as they are."""
    generator = np.random.default_rng(seed)
    weights_GD = np.ones((num_problems, 1 + num_draws), dtype=np.uint16)
    if num_problems == 0:
        return weights_GD
    shares = np.full(num_problems, 1 / num_problems)
    for first in range(1, 1 + num_draws, _BLOCK):
        size = min(_BLOCK, 1 + num_draws - first)
        weights_GD[:, first : first + size] = generator.multinomial(num_problems, shares, size=size).T
    return weights_GD


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
    sum_G = np.bincount(problem_C, weights=column_C, minlength=len(weights_GD))
    return np.concatenate(
        [
            sum_G @ weights_GD[:, first : first + _BLOCK].astype(np.float64)
            for first in range(0, weights_GD.shape[1], _BLOCK)
        ]
    )


def weighted_mean(
    column_C: Floats | Bools, of_C: Bools, problem_C: Ints, weights_GD: Weights, reason: str
) -> Measured:
    """Mean of a column over the chains (or steps) chosen by `of_C`; no value, for this reason, if none is."""
    return ratio(
        weighted_sums(column_C[of_C], problem_C[of_C], weights_GD),
        weighted_sums(np.ones(int(of_C.sum())), problem_C[of_C], weights_GD),
        reason,
    )
