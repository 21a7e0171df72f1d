"""Maps fitted on labels alone, without ratings.

Axes: N labels.
"""

from __future__ import annotations

import numpy as np

from cpmi.calibration.maps import Floats, Quantile, RobustSigmoid
from cpmi.errors import InputError

DEFAULT_CLIP = 5.0
"""Robust standard deviations; targets then lie in [0.0067, 0.9933]. The source clips, its bound is not known
to us."""

_OTHER_MAPS = "Use --map quantile, or ratings with --map platt or isotonic."


def fit_robust(values_N: Floats, *, clip: float = DEFAULT_CLIP) -> RobustSigmoid:
    """The robust sigmoid of labels (arXiv 2604.10660).

    Args:
        values_N: finite labels, of any unit.
        clip: in robust standard deviations.

    Raises:
        InputError: there is no label, or half of them or more are equal, so that their MAD is 0.
    """
    _expect_some(values_N)
    median = float(np.median(values_N))
    mad = float(np.median(np.abs(values_N - median)))
    if mad == 0:
        num_equal = int((values_N == median).sum())
        raise InputError(
            "the labels have no spread to scale by: their median absolute deviation (MAD) is 0",
            where="map robust",
            got=f"{num_equal:,} of {len(values_N):,} labels equal to the median {median:g}",
            expected="a MAD above 0",
            hint=_OTHER_MAPS,
        )
    return RobustSigmoid(median=median, mad=mad, clip=clip)


def fit_quantile(values_N: Floats) -> Quantile:
    """The empirical distribution function of labels.

    Raises:
        InputError: there is no label.
    """
    _expect_some(values_N)
    knots_K, num_K = np.unique(values_N, return_counts=True)
    return Quantile(knots_K=knots_K, count_K=np.cumsum(num_K).astype(np.int64))


def _expect_some(values_N: Floats) -> None:
    if not np.isfinite(values_N).all():
        raise ValueError("a map is fitted on finite labels; leave out what has none")
    if not len(values_N):
        raise InputError("no step has a label to fit a map on", where="calibrate")
