"""Two runs on one scale without ratings: from the labels of one to the success rates of the other.

Both label the first K steps of the same chains; there the map is fitted that the labels of one run get
everywhere. Axes: N steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cpmi.calibration import overlap
from cpmi.calibration.maps import Floats, Isotonic
from cpmi.errors import InputError
from cpmi.targets.fitting import FittedMap, Fitting, Rows, is_flat
from cpmi.targets.rated import isotonic_curve

OVERLAP = "overlap"
MIN_STEPS = 20
"""Fewer labels of both runs make a curve of chance."""

HOW = "from the second run's labels to the first's success rates, on the first steps that both label"
_RATED_MAPS = "use --map platt or isotonic, which use ratings"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverlapFit:
    """The map of the second run's labels.

    Attributes:
        fitting: one map for all chains, and what it was fitted on.
        low, high: the smallest and the greatest label that it was fitted on; it is flat beyond them.
    """

    fitting: Fitting
    low: float
    high: float


def fit_overlap(first: Rows, rest: Rows, num_first: int, *, first_where: str, rest_where: str) -> OverlapFit:
    """The best curve that does not fall, from the second run's labels to the first run's success rates.

    Args:
        first, rest: the same chains in the same order, under either run.
        num_first: K, the steps of every chain that it is fitted on.
        first_where, rest_where: the folders, for messages.

    Raises:
        InputError: the first run's labels are no probabilities, too few steps have a label of both, or the
            labels of one run are all the same there.
        MissingDependencyError: scikit-learn is not installed.
    """
    _expect_probabilities(first, first_where)
    found = [
        overlap(mine.labels.values, theirs.labels.values, num_first)
        for mine, theirs in zip(first, rest, strict=True)
    ]
    pairs_N2 = np.array([pair for chain in found for pair in chain], dtype=np.float64).reshape(-1, 2)
    rest_N, first_N = pairs_N2[:, 0], pairs_N2[:, 1]
    if len(rest_N) < MIN_STEPS:
        raise InputError(
            "too few steps have a label of both runs to put them on one scale",
            where=f"{first_where} and {rest_where}",
            got=f"{len(rest_N):,} among the first {num_first:,} of every chain",
            expected=f"{MIN_STEPS} or more",
            hint=f"Raise --first, label more chains, or {_RATED_MAPS}.",
        )
    _expect_variation(first_N, first_where)
    _expect_variation(rest_N, rest_where)
    curve = isotonic_curve(rest_N, first_N)
    fitted = FittedMap(map=curve, num_chains=sum(map(bool, found)), num_steps=len(rest_N))
    fitting = Fitting(name=OVERLAP, how=HOW, maps={None: fitted}, notes=_notes(curve))
    return OverlapFit(fitting=fitting, low=float(rest_N.min()), high=float(rest_N.max()))


def _expect_probabilities(rows: Rows, where: str) -> None:
    units = sorted({row.labels.unit for row in rows})
    values = [value for row in rows for value in row.labels.values if value is not None]
    outside = next((value for value in values if not 0 <= value <= 1), None)
    if units == ["probability"] and outside is None:
        return
    got: Any = f"unit {', '.join(units)}" if units != ["probability"] else f"the label {outside:g}"
    raise InputError(
        "the first run's labels are no probabilities",
        where=where,
        got=got,
        expected="unit probability, every label from 0 to 1",
        hint=f"Give a run by monte_carlo first, or {_RATED_MAPS}.",
    )


def _expect_variation(values_N: Floats, where: str) -> None:
    if np.ptp(values_N) == 0:
        raise InputError(
            "labels that are all the same give nothing to fit a map on",
            where=where,
            got=f"{values_N[0]:g} on all {len(values_N):,} steps that both runs label",
            hint=f"Label more chains, or {_RATED_MAPS}.",
        )


def _notes(curve: Isotonic) -> tuple[str, ...]:
    if not is_flat(curve):
        return ()
    return (
        "greater labels of the second run do not go with greater success rates, so all of them get the same "
        "target",
    )
