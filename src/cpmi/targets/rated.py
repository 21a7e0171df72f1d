"""Maps fitted on ratings: the probability that a step is right, given its label.

Read are the steps 0..L of wrong chains and all steps of right ones; NEUTRAL counts as RIGHT, and what lies
after the first error says nothing (`Chain.first_error`).

Axes: N steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from cpmi.calibration.choice import RatedMap
from cpmi.calibration.maps import Floats, Isotonic, Platt
from cpmi.errors import InputError
from cpmi.extras import needed
from cpmi.runs.matching import fold_of
from cpmi.runs.table import LabeledChain

Bools = npt.NDArray[np.bool_]

_C = 1.0  # as in evaluation: L2, on labels scaled to a deviation of 1

_NO_RATINGS_NEEDED = "Rate more chains, or use --map robust or quantile, which need no ratings."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatedSteps:
    """The rated steps that have a label.

    Attributes:
        values_N: their labels.
        right_N: whether they are right or neutral.
        fold_N: fold of their problem, 0..4.
        chain_N: index of their chain among the usable ones.
        left_out: chains that are not used, by reason.
    """

    values_N: Floats
    right_N: Bools
    fold_N: npt.NDArray[np.int64]
    chain_N: npt.NDArray[np.int64]
    left_out: dict[str, int]

    @classmethod
    def of(cls, rows: Iterable[LabeledChain]) -> RatedSteps:
        """The rated steps of labeled chains; `left_out` counts the chains that have none."""
        left_out: Counter[str] = Counter()
        steps: list[tuple[float, bool, int, int]] = []
        for index, row in enumerate(rows):
            first_error = row.chain.first_error
            if isinstance(first_error, str):
                left_out[first_error] += 1
                continue
            fold = fold_of(row.chain.question)
            end = len(row.labels.values) if first_error < 0 else first_error + 1
            steps += [
                (value, step != first_error, fold, index)
                for step, value in enumerate(row.labels.values[:end])
                if value is not None
            ]
        return cls(
            values_N=np.array([step[0] for step in steps], dtype=np.float64),
            right_N=np.array([step[1] for step in steps], dtype=np.bool_),
            fold_N=np.array([step[2] for step in steps], dtype=np.int64),
            chain_N=np.array([step[3] for step in steps], dtype=np.int64),
            left_out=dict(sorted(left_out.items())),
        )

    def without_fold(self, fold: int) -> RatedSteps:
        """Those on problems of the other folds."""
        of_N = self.fold_N != fold
        return RatedSteps(
            values_N=self.values_N[of_N],
            right_N=self.right_N[of_N],
            fold_N=self.fold_N[of_N],
            chain_N=self.chain_N[of_N],
            left_out=self.left_out,
        )

    @property
    def num_steps(self) -> int:
        return len(self.values_N)

    @property
    def num_chains(self) -> int:
        return len(np.unique(self.chain_N))

    def fit(self, kind: RatedMap) -> Platt | Isotonic:
        """Fit a map; errors as `fit_platt`."""
        return (fit_platt if kind == "platt" else fit_isotonic)(self.values_N, self.right_N)


def fit_platt(values_N: Floats, right_N: Bools) -> Platt:
    """A logistic curve (Platt 1999): L2 with C = 1 on standardized labels, as evaluation fits it.

    Greater labels are better by definition. Where they are not on these steps, the best curve that does not
    fall is flat, at the share of right steps (slope 0).

    Args:
        values_N: finite labels of rated steps.
        right_N: whether the steps are right.

    Raises:
        InputError: all steps are right, or none is.
        MissingDependencyError: scikit-learn is not installed.
    """
    expect_both(right_N)
    center, scale = float(values_N.mean()), float(values_N.std())
    share = float(right_N.mean())
    flat = Platt(slope=0.0, intercept=float(np.log(share / (1 - share))))
    # Labels that do not vary say nothing; rounding leaves them a tiny deviation.
    if not scale > 1e-9 * (1 + abs(center)):
        return flat
    model = sklearn_module("linear_model").LogisticRegression(C=_C, max_iter=1000)
    model.fit(((values_N - center) / scale)[:, None], right_N)
    slope = float(model.coef_[0, 0]) / scale
    if slope <= 0:
        return flat
    return Platt(slope=slope, intercept=float(model.intercept_[0]) - slope * center)


def fit_isotonic(values_N: Floats, right_N: Bools) -> Isotonic:
    """The curve that does not fall with the least squared error, by pooling adjacent violators.

    Args, raises: as `fit_platt`.
    """
    expect_both(right_N)
    return isotonic_curve(values_N, right_N.astype(np.float64))


def isotonic_curve(values_N: Floats, goal_N: Floats) -> Isotonic:
    """`fit_isotonic` to any numbers in [0, 1].

    Args:
        values_N: finite labels.
        goal_N: what the curve comes as near to as it can.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    model = sklearn_module("isotonic").IsotonicRegression(y_min=0.0, y_max=1.0, increasing=True)
    model.fit(values_N, goal_N)
    return Isotonic(
        knots_K=np.asarray(model.X_thresholds_, dtype=np.float64),
        # Pooling may leave a level an ulp lower than the one before.
        level_K=np.maximum.accumulate(np.asarray(model.y_thresholds_, dtype=np.float64)),
    )


def expect_both(right_N: Bools, *, where: str = "calibrate", hint: str = _NO_RATINGS_NEEDED) -> None:
    """Check that there are right and wrong steps to fit on.

    Raises:
        InputError: there are not.
    """
    num_right = int(right_N.sum())
    if num_right in (0, len(right_N)):
        raise InputError(
            "ratings give nothing to fit on",
            where=where,
            got=f"{num_right:,} right and {len(right_N) - num_right:,} wrong steps with a label",
            expected="some of both",
            hint=hint,
        )


def sklearn_module(name: str) -> Any:
    """A module of scikit-learn, imported when it is needed."""
    with needed():
        return import_module(f"sklearn.{name}")
