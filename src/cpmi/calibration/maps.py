"""Maps from labels to targets, as values: applied, and written as JSON and back.

Every map is non-decreasing, also in floating point: what has the greater label has at least as great a
target. All arrays are finite; what has no label is kept out by `targets_of`.

Axes: N labels, K knots.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from cpmi.errors import InputError

Floats = npt.NDArray[np.float64]

MAD_TO_DEVIATION = 1.4826
"""The standard deviation of a normal distribution by its median absolute deviation."""

_LARGEST_LOGIT = 500.0  # beyond, exp overflows and the sigmoid is 0 or 1 all the same


class Map(Protocol):
    """What all maps have in common."""

    @property
    def name(self) -> str:
        """As the option --map says it."""
        ...

    def apply(self, values_N: Floats) -> Floats:
        """The targets of labels, [N] in [0, 1]."""
        ...

    def to_json(self) -> dict[str, Any]:
        """JSON values from which `map_from_json` makes the same map."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustSigmoid:
    """sigmoid(clip((x − median) / (1.4826·MAD), −clip, clip)), the target of arXiv 2604.10660.

    Half of the labels it was fitted on lie above 0.5, whatever share of steps is right: a rank in disguise,
    not a probability.

    Attributes:
        median, mad: of the labels it was fitted on, in their unit.
        clip: in robust standard deviations.

    Raises:
        InputError: the MAD is not above 0, or a number is not finite.
    """

    name: ClassVar[str] = "robust"
    median: float
    mad: float
    clip: float

    def __post_init__(self) -> None:
        _expect(math.isfinite(self.median), "median", self.median, "a finite number")
        _expect(0 < self.mad * MAD_TO_DEVIATION < math.inf, "mad", self.mad, "a finite number above 0")
        _expect(0 < self.clip < math.inf, "clip", self.clip, "a finite number above 0")

    def apply(self, values_N: Floats) -> Floats:
        with np.errstate(over="ignore"):  # what overflows is clipped
            z_N = (values_N - self.median) / (MAD_TO_DEVIATION * self.mad)
        return _sigmoid(np.clip(z_N, -self.clip, self.clip))

    def to_json(self) -> dict[str, Any]:
        return {"map": self.name, "median": self.median, "mad": self.mad, "clip": self.clip}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quantile:
    """The empirical distribution function: the share of the fitted labels that are not above x.

    Attributes:
        knots_K: the distinct labels it was fitted on, rising.
        count_K: labels not above each.

    Raises:
        InputError: no knots, or they or the counts do not rise.
    """

    name: ClassVar[str] = "quantile"
    knots_K: Floats
    count_K: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        _expect_rising("knots", self.knots_K)
        _expect(len(self.count_K) == len(self.knots_K), "counts", len(self.count_K), "one per knot")
        _expect(bool((np.diff(self.count_K, prepend=0) > 0).all()), "counts", self.count_K, "rising from 1")

    def apply(self, values_N: Floats) -> Floats:
        count = np.concatenate([[0], self.count_K])
        return np.asarray(count[np.searchsorted(self.knots_K, values_N, side="right")] / count[-1])

    def to_json(self) -> dict[str, Any]:
        return {"map": self.name, "knots": self.knots_K.tolist(), "counts": self.count_K.tolist()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Platt:
    """sigmoid(slope·x + intercept), a probability of being right (Platt 1999).

    Attributes:
        slope: 1 / unit of the labels, >= 0.
        intercept: in logits.

    Raises:
        InputError: the slope is below 0, or a number is not finite.
    """

    name: ClassVar[str] = "platt"
    slope: float
    intercept: float

    def __post_init__(self) -> None:
        _expect(0 <= self.slope < math.inf, "slope", self.slope, "a finite number, 0 or above")
        _expect(math.isfinite(self.intercept), "intercept", self.intercept, "a finite number")

    def apply(self, values_N: Floats) -> Floats:
        with np.errstate(over="ignore"):  # what overflows is clipped
            return _sigmoid(self.slope * values_N + self.intercept)

    def to_json(self) -> dict[str, Any]:
        return {"map": self.name, "slope": self.slope, "intercept": self.intercept}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Isotonic:
    """The best rising curve, a probability of being right: lines between knots, flat beyond them.

    Attributes:
        knots_K: labels, rising.
        level_K: the target at each, in [0, 1], not falling.

    Raises:
        InputError: no knots, or one of these does not hold.
    """

    name: ClassVar[str] = "isotonic"
    knots_K: Floats
    level_K: Floats

    def __post_init__(self) -> None:
        _expect_rising("knots", self.knots_K)
        _expect(len(self.level_K) == len(self.knots_K), "levels", len(self.level_K), "one per knot")
        within = np.all((self.level_K >= 0) & (self.level_K <= 1)) and np.all(np.diff(self.level_K) >= 0)
        _expect(bool(within), "levels", self.level_K, "numbers in [0, 1] that do not fall")

    def apply(self, values_N: Floats) -> Floats:
        """The targets of (N,) values, by interpolation between knots."""
        last = len(self.knots_K) - 1
        if last == 0:
            return np.full(len(values_N), self.level_K[0])
        values_N = np.clip(values_N, self.knots_K[0], self.knots_K[-1])
        low_N = np.clip(np.searchsorted(self.knots_K, values_N, side="right") - 1, 0, last - 1)
        from_N, to_N = self.level_K[low_N], self.level_K[low_N + 1]
        # Halves first: the distance of two knots may be too large for a float.
        width_N = self.knots_K[low_N + 1] / 2 - self.knots_K[low_N] / 2
        # Between the two smallest floats there is no half: a value is at one of the knots.
        share_N = (values_N > self.knots_K[low_N]).astype(np.float64)
        np.divide(values_N / 2 - self.knots_K[low_N] / 2, width_N, out=share_N, where=width_N > 0)
        # np.interp may round to above the upper level, and so turn the order of neighbors around.
        return np.minimum(from_N + share_N * (to_N - from_N), to_N)

    def to_json(self) -> dict[str, Any]:
        return {"map": self.name, "knots": self.knots_K.tolist(), "levels": self.level_K.tolist()}


def targets_of(map: Map, values: Sequence[float | None]) -> tuple[float | None, ...]:
    """The targets of labels; None stays None."""
    known = map.apply(np.array([value for value in values if value is not None], dtype=np.float64))
    remaining = iter(known.tolist())
    return tuple(None if value is None else next(remaining) for value in values)


def map_from_json(value: object) -> Map:
    """The map that `to_json` wrote.

    Raises:
        InputError: it is none, or its numbers make none.
    """
    makers: Mapping[str, Callable[[Mapping[str, Any]], Map]] = {
        RobustSigmoid.name: lambda v: RobustSigmoid(
            median=float(v["median"]), mad=float(v["mad"]), clip=float(v["clip"])
        ),
        Quantile.name: lambda v: Quantile(
            knots_K=_array(v["knots"]), count_K=np.array(v["counts"], dtype=np.int64)
        ),
        Platt.name: lambda v: Platt(slope=float(v["slope"]), intercept=float(v["intercept"])),
        Isotonic.name: lambda v: Isotonic(knots_K=_array(v["knots"]), level_K=_array(v["levels"])),
    }
    name = str(value.get("map")) if isinstance(value, Mapping) else ""
    if not isinstance(value, Mapping) or name not in makers:
        raise InputError("not a map from labels to targets", got=_short(value), expected=", ".join(makers))
    try:
        return makers[name](value)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"the {name} map is incomplete", got=repr(error)) from error


def _array(value: Any) -> Floats:
    return np.array(value, dtype=np.float64)


def _sigmoid(logit_N: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit_N, -_LARGEST_LOGIT, _LARGEST_LOGIT))))


def _expect(holds: bool, name: str, got: object, expected: str) -> None:
    if not holds:
        raise InputError(f"the map's {name} cannot be used", got=_short(got), expected=expected)


def _expect_rising(name: str, knots_K: Floats) -> None:
    rising = len(knots_K) > 0 and np.isfinite(knots_K).all() and np.all(knots_K[1:] > knots_K[:-1])
    _expect(bool(rising), name, knots_K, "one or more finite numbers that rise")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:76]}..."
