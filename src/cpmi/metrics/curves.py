"""What plots are drawn from: points of an ROC curve and counts of a histogram.

Axes: N steps, K bins.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cpmi.metrics.layout import Bools, Floats, Ints

MAX_POINTS = 200
NUM_BINS = 40
_TAIL = 0.5  # percent of the values on each side that may lie beyond the edges


def roc(values_N: Floats, case_N: Bools) -> tuple[Floats, Floats]:
    """False and true positive rates of flagging the lowest values first, from (0, 0) to (1, 1).

    Equal values are flagged together. Of more than `MAX_POINTS` points, some are left out.

    Args:
        values_N: without NaN.
        case_N: which of them should be flagged; some, not all.
    """
    order = np.argsort(values_N, kind="stable")
    last_of_tie = np.append(np.diff(values_N[order]) != 0, True)
    num_flagged = np.arange(1, len(order) + 1)[last_of_tie]
    num_hit = np.cumsum(case_N[order])[last_of_tie]
    false_rate = np.concatenate([[0.0], (num_flagged - num_hit) / (~case_N).sum()])
    true_rate = np.concatenate([[0.0], num_hit / case_N.sum()])
    if len(false_rate) > MAX_POINTS:
        kept = np.unique(np.linspace(0, len(false_rate) - 1, MAX_POINTS).round().astype(np.int64))
        false_rate, true_rate = false_rate[kept], true_rate[kept]
    return false_rate, true_rate


def histogram(groups: Mapping[str, Floats]) -> tuple[Floats, dict[str, Ints], int]:
    """Counts of every group over common bins of equal width.

    The edges hold the middle 99 % of all values; what lies beyond is counted in the outermost bins.

    Returns:
        (K + 1 edges, counts by group, values beyond the edges); no edges if there is no value.
    """
    values = np.concatenate([np.zeros(0), *groups.values()])
    if not len(values):
        return np.zeros(0), {name: np.zeros(0, dtype=np.int64) for name in groups}, 0
    low, high = np.percentile(values, [_TAIL, 100 - _TAIL])
    if not low < high:
        low, high = values.min(), values.max()
    margin = 0.5 if low == high else 0.0
    edges = np.linspace(low - margin, high + margin, NUM_BINS + 1)
    counts = {
        name: np.histogram(np.clip(group, edges[0], edges[-1]), edges)[0] for name, group in groups.items()
    }
    num_clipped = int(((values < edges[0]) | (values > edges[-1])).sum())
    return edges, counts, num_clipped
