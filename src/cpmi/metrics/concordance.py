"""Concordance: how often a first error has a lower value than a step that is none. Greater is better.

A pair (first error, other step) scores 1 if the other step's value is greater, 1/2 if both are equal or one
has no value, else 0. Which pairs count is said by strata:

- risk-set concordance: a first error at index L_a of chain a against step L_a of every chain b with
  L_b > L_a; both steps stand at the same place, so position alone scores exactly 1/2;
- the same over pairs of chains with equally many steps;
- fair AUROC: first errors against all other steps that are read. One stratum.

Counting sorts the steps of a stratum once; every draw then costs one running sum, and several draws share
one: their weights are packed into one 64-bit number, in lanes too wide to overflow. A loop over all pairs,
which it equals, is in the tests.

Axes: A first errors, B other steps, N steps of all chains, G problems, D draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cpmi.metrics.bootstrap import Measured, Weights, ratio
from cpmi.metrics.layout import Bools, Floats, Ints, StepLayout

_BLOCK_CELLS = 250_000  # running sums held at a time: about what a cache holds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairCounts:
    """Twice the score of all pairs, and the pairs, on every draw; a pair weighs w_a·w_b.

    Attributes:
        doubled_score_D: twice the sum of the scores: whole numbers, so no rounding enters.
        num_pairs_D: the sum of the weights.
    """

    doubled_score_D: Ints
    num_pairs_D: Ints

    def mean(self, reason: str) -> Measured:
        """The concordance; no value, for this reason, where there is no pair."""
        return ratio(self.doubled_score_D.astype(np.float64), 2 * self.num_pairs_D.astype(np.float64), reason)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairing:
    """Which pairs count: those of a first error and another step of the same stratum.

    Attributes:
        case_A: the first errors, as positions among the N steps.
        case_stratum_A: their strata.
        control_B: the other steps, likewise.
        control_stratum_B: their strata.
    """

    case_A: Ints
    case_stratum_A: Ints
    control_B: Ints
    control_stratum_B: Ints

    def without(self, marked_N: Bools) -> Pairing:
        """Only the pairs in which neither step is marked."""
        keep_A, keep_B = ~marked_N[self.case_A], ~marked_N[self.control_B]
        return Pairing(
            case_A=self.case_A[keep_A],
            case_stratum_A=self.case_stratum_A[keep_A],
            control_B=self.control_B[keep_B],
            control_stratum_B=self.control_stratum_B[keep_B],
        )

    def has_pair(self) -> tuple[Bools, Bools]:
        """Which first errors and which other steps are in any pair."""
        return (
            np.isin(self.case_stratum_A, self.control_stratum_B),
            np.isin(self.control_stratum_B, self.case_stratum_A),
        )


def risk_sets(layout: StepLayout, *, equal_count: bool = False) -> Pairing:
    """Pairs of wrong chains (a, b) with L_b > L_a, compared at L_a; `equal_count`: and S_a = S_b."""
    stratum_N = layout.index_N
    if equal_count:
        stratum_N = stratum_N + layout.num_steps_C[layout.chain_N] * (int(stratum_N.max(initial=0)) + 1)
    return _pairing(layout.is_first_error_N, layout.at_risk_N & ~layout.is_first_error_N, stratum_N)


def fair(layout: StepLayout) -> Pairing:
    """First errors against steps before a first error and all steps of right chains."""
    others_N = layout.read_N & ~layout.is_first_error_N
    return _pairing(layout.is_first_error_N, others_N, np.zeros(len(others_N), dtype=np.int64))


def count_pairs(values_N: Floats, pairing: Pairing, problem_N: Ints, weights_GD: Weights) -> PairCounts:
    """Score every pair on every draw.

    Args:
        values_N: greater is better; NaN for none.
        pairing: which pairs count.
        problem_N: every step's problem.
        weights_GD: how often each problem is drawn.
    """
    ranges = _Ranges.of(values_N, pairing)
    num_draws = weights_GD.shape[1]
    doubled_D = np.zeros(num_draws, dtype=np.int64)
    num_pairs_D = np.zeros(num_draws, dtype=np.int64)
    problem_A = problem_N[pairing.case_A[ranges.order_A]]
    problem_B = problem_N[pairing.control_B[ranges.order_B]]
    lanes = _Lanes.of(max(len(problem_A), len(problem_B)) * int(weights_GD.max(initial=0)))
    size = max(1, _BLOCK_CELLS // (len(problem_B) + 1)) * lanes.num
    for first in range(0, num_draws if len(problem_A) else 0, size):
        packed = lanes.pack(weights_GD[:, first : first + size].T)
        running = np.zeros((len(packed), len(problem_B) + 1), dtype=np.int64)
        np.cumsum(packed.take(problem_B, axis=1), axis=1, out=running[:, 1:])
        weight_A = packed.take(problem_A, axis=1)
        # First errors with the same ends, all of one stratum, are taken together.
        weight_M = np.add.reduceat(weight_A, ranges.first_M, axis=1)
        begin, labeled_end, end = (
            running.take(place_A[ranges.first_M], axis=1)
            for place_A in (ranges.begin_A, ranges.labeled_end_A, ranges.end_A)
        )
        low, high = (running.take(place_A, axis=1) for place_A in (ranges.low_A, ranges.high_A))
        for lane in range(min(lanes.num, num_draws - first)):
            draws = slice(first + lane, first + size, lanes.num)
            of = lanes.reader(lane, num_rows=len(doubled_D[draws]))
            # Twice (wins + 1/2 ties + 1/2 pairs without a value), as differences of running sums.
            doubled_D[draws] = _products(of(weight_M), of(end) + of(labeled_end)) - _products(
                of(weight_A), of(low) + of(high)
            )
            num_pairs_D[draws] = _products(of(weight_M), of(end) - of(begin))
    return PairCounts(doubled_score_D=doubled_D, num_pairs_D=num_pairs_D)


def _products(first_DA: Ints, second_DA: Ints) -> Ints:
    """Row by row the sum of the products."""
    return np.asarray(np.einsum("da,da->d", first_DA, second_DA))


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Several whole numbers in one of 64 bits, so that one addition adds all of them.

    Attributes:
        num: lanes.
        bits: of a lane.
    """

    num: int
    bits: int

    @classmethod
    def of(cls, largest: int) -> _Lanes:
        """Lanes that hold numbers up to `largest`, and no sign."""
        bits = max(1, largest.bit_length())
        return cls(num=max(1, 63 // bits), bits=bits)

    def pack(self, weights_DG: Weights) -> Ints:
        """Of D rows the first `num` in the first row, and so on."""
        packed = np.zeros((-(-len(weights_DG) // self.num), weights_DG.shape[1]), dtype=np.int64)
        for lane in range(self.num):
            of_lane = weights_DG[lane :: self.num]
            packed[: len(of_lane)] |= of_lane.astype(np.int64) << (self.bits * lane)
        return packed

    def reader(self, lane: int, *, num_rows: int) -> Callable[[Ints], Ints]:
        """What reads a lane of packed rows, the first `num_rows` of them."""
        shift, mask = self.bits * lane, (1 << self.bits) - 1
        return lambda packed: (packed[:num_rows] >> shift) & mask


def _pairing(case_N: Bools, control_N: Bools, stratum_N: npt.NDArray[np.int64]) -> Pairing:
    case_A, control_B = np.flatnonzero(case_N), np.flatnonzero(control_N)
    return Pairing(
        case_A=case_A,
        case_stratum_A=stratum_N[case_A],
        control_B=control_B,
        control_stratum_B=stratum_N[control_B],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ranges:
    """Where, among the sorted other steps, the partners of every first error lie.

    Sorted by stratum, then value, those without a value last: [begin, low) are lower than the first error,
    [low, high) equal, [high, labeled_end) greater, [labeled_end, end) without a value. Of a first error
    without a value, low, high and labeled_end are begin, so that each partner scores 1/2.

    First errors are sorted too: those at first_M and behind, up to the next, differ in low and high only.
    """

    order_A: Ints
    first_M: Ints
    order_B: Ints
    begin_A: Ints
    low_A: Ints
    high_A: Ints
    labeled_end_A: Ints
    end_A: Ints

    @classmethod
    def of(cls, values_N: Floats, pairing: Pairing) -> _Ranges:
        value_A, value_B = values_N[pairing.case_A], values_N[pairing.control_B]
        null_A, null_B = np.isnan(value_A), np.isnan(value_B)
        # One whole number a (stratum, rank of value), so that one sorted array answers every question.
        distinct = np.unique(np.concatenate([value_A[~null_A], value_B[~null_B]]))
        num_ranks = len(distinct) + 1
        rank_A = np.where(null_A, 0, np.searchsorted(distinct, value_A))
        rank_B = np.where(null_B, num_ranks - 1, np.searchsorted(distinct, value_B))
        base_A = pairing.case_stratum_A * num_ranks
        key_B = pairing.control_stratum_B * num_ranks + rank_B
        order_B = np.argsort(key_B, kind="stable")
        sorted_B = key_B[order_B]
        begin_A = np.searchsorted(sorted_B, base_A)
        high_A = np.where(null_A, begin_A, np.searchsorted(sorted_B, base_A + rank_A, side="right"))
        labeled_end_A = np.where(null_A, begin_A, np.searchsorted(sorted_B, base_A + num_ranks - 1))
        order_A = np.lexsort((high_A, labeled_end_A, pairing.case_stratum_A))
        groups = np.stack([labeled_end_A, pairing.case_stratum_A])[:, order_A]
        is_first_A = np.append(True, (np.diff(groups) != 0).any(axis=0))[: len(order_A)]
        return cls(
            order_A=order_A,
            first_M=np.flatnonzero(is_first_A),
            order_B=order_B,
            begin_A=begin_A[order_A],
            low_A=np.where(null_A, begin_A, np.searchsorted(sorted_B, base_A + rank_A))[order_A],
            high_A=high_A[order_A],
            labeled_end_A=labeled_end_A[order_A],
            end_A=np.searchsorted(sorted_B, base_A + num_ranks)[order_A],
        )
