"""Expected calibration error and the reliability diagram, with bins of equal width.

Axes: N steps, K bins, G problems, D draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cpmi.metrics.bootstrap import Measured, Weights, by_problem, ratio, sums_of_draws
from cpmi.metrics.layout import Bools, Floats, Ints

NUM_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reliability:
    """How probabilities compare with what happened.

    Attributes:
        ece: Σ_k n_k/n · |mean probability − share of events|.
        edges: K + 1 edges from 0 to 1.
        num_K: steps a bin.
        mean_probability_K: NaN where the bin is empty.
        share_K: share of events, a bin.
    """

    ece: Measured
    edges: Floats
    num_K: Ints
    mean_probability_K: Floats
    share_K: tuple[Measured, ...]


def reliability(probability_N: Floats, event_N: Bools, problem_N: Ints, weights_GD: Weights) -> Reliability:
    """Compare probabilities in [0, 1] with events.

    The error is never negative, so its draws lie higher than the value itself on few data.
    """
    bin_N = np.minimum((probability_N * NUM_BINS).astype(np.int64), NUM_BINS - 1)

    def sums() -> Iterator[Floats]:
        yield by_problem(np.ones(len(bin_N)), problem_N, weights_GD)
        for k in range(NUM_BINS):
            in_bin = bin_N == k
            problem = problem_N[in_bin]
            for column in (event_N[in_bin], probability_N[in_bin], np.ones(len(problem))):
                yield by_problem(column, problem, weights_GD)

    total_D, *of_bins = sums_of_draws(sums(), weights_GD)
    gap_D = np.zeros(weights_GD.shape[1])
    shares = []
    for events_D, probability_D, num_D in zip(of_bins[::3], of_bins[1::3], of_bins[2::3], strict=True):
        gap_D += np.abs(events_D - probability_D)
        shares.append(ratio(events_D, num_D, "no step in this bin"))
    num_K = np.bincount(bin_N, minlength=NUM_BINS)
    total_K = np.bincount(bin_N, weights=probability_N, minlength=NUM_BINS)
    return Reliability(
        ece=ratio(gap_D, total_D, "no step with a label before or at a first error"),
        edges=np.linspace(0, 1, NUM_BINS + 1),
        num_K=num_K,
        mean_probability_K=np.divide(total_K, num_K, out=np.full(NUM_BINS, np.nan), where=num_K > 0),
        share_K=tuple(shares),
    )
