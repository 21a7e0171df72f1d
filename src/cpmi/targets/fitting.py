"""Which map a run's labels get, and what it is fitted on.

Without ratings a map is fitted on the labels it is applied to. With ratings it never is: it comes from a
rated run on other problems, or the map of every fold of problems from the other four.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from cpmi.calibration import Map, Platt, choose, fit_quantile, fit_robust
from cpmi.calibration.choice import RatedMap
from cpmi.data import normalize_problem
from cpmi.errors import ConfigError, InputError
from cpmi.runs.matching import NUM_FOLDS, fold_of
from cpmi.runs.table import LabeledChain
from cpmi.targets.rated import RatedSteps

MapChoice = Literal["auto", "robust", "quantile", "platt", "isotonic"]
MAP_CHOICES: tuple[MapChoice, ...] = get_args(MapChoice)
RATED_MAPS = ("platt", "isotonic")

ON_ITSELF = "on the labels themselves, without ratings"
ON_RATED = "on a rated run with other problems"
CROSS_FITTED = f"cross-fitted over {NUM_FOLDS} folds of problems: every fold by a map from the others"

Rows = Sequence[LabeledChain]


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedMap:
    """One map and what it was fitted on.

    Attributes:
        map: the map.
        num_chains, num_steps: with a label, and of ratings where they are used.
        num_right: right steps among them; None if no ratings are used.
    """

    map: Map
    num_chains: int
    num_steps: int
    num_right: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As in `map.json`."""
        return {
            **self.map.to_json(),
            "num_chains": self.num_chains,
            "num_steps": self.num_steps,
            "num_right": self.num_right,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """The map of every chain.

    Attributes:
        name: of the kind of map.
        how: what it was fitted on, in words.
        maps: by fold of the problem; under None the one map for all.
        left_out: rated chains that are not used, by reason.
        notes: what a reader should know of the fit.
    """

    name: str
    how: str
    maps: Mapping[int | None, FittedMap]
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def uses_ratings(self) -> bool:
        return self.name in RATED_MAPS

    def map_of(self, question: str) -> Map:
        """The map for the chains on a problem."""
        return self.maps[None if None in self.maps else fold_of(question)].map

    def to_json(self) -> dict[str, Any]:
        """As in `map.json`."""
        return {
            "map": self.name,
            "how": self.how,
            "maps": [{"fold": fold, **fitted.to_json()} for fold, fitted in self.maps.items()],
            "left_out": dict(self.left_out),
            "notes": list(self.notes),
        }


def fit_map(rows: Rows, rated: Rows | None, choice: MapChoice, *, where: str, rated_where: str) -> Fitting:
    """Fit the map that was asked for.

    Args:
        rows: the run that is calibrated.
        rated: a rated run of the same method on other problems, or None.
        choice: "auto" is isotonic or Platt by the number of rated steps, or robust without ratings.
        where, rated_where: the folders, for messages.

    Raises:
        ConfigError: a rated run is given to a map that uses no ratings.
        InputError: a rated map without ratings, a rated run of another method or with problems of the run,
            or nothing to fit on.
        MissingDependencyError: scikit-learn is needed and not installed.
    """
    if rated is not None:
        if choice in ("robust", "quantile"):
            raise ConfigError(
                f"the map {choice} uses no ratings",
                where="option rated",
                got=rated_where,
                hint="Leave out --rated, or use --map platt, isotonic or auto.",
            )
        _expect_same_method(rows, rated, where=where, rated_where=rated_where)
        _expect_other_problems(rows, rated, where=where, rated_where=rated_where)
        return _on_rated(RatedSteps.of(rated), choice, where=rated_where)
    is_rated = any(not isinstance(row.chain.first_error, str) for row in rows)
    if choice in ("robust", "quantile") or (choice == "auto" and not is_rated):
        return _on_itself(rows, "quantile" if choice == "quantile" else "robust")
    if not is_rated:
        raise InputError(
            f"the map {choice} needs ratings and the run has none",
            where=where,
            expected="chains whose steps are rated up to the first wrong one",
            hint="Give --rated a rated run of the same method, or use --map robust or quantile.",
        )
    return _cross_fitted(rows, choice, where=where)


def _on_itself(rows: Rows, name: Literal["robust", "quantile"]) -> Fitting:
    values = [[value for value in row.labels.values if value is not None] for row in rows]
    values_N = np.array([value for chain in values for value in chain], dtype=np.float64)
    fitted = FittedMap(
        map=(fit_robust if name == "robust" else fit_quantile)(values_N),
        num_chains=sum(map(bool, values)),
        num_steps=len(values_N),
    )
    return Fitting(name=name, how=ON_ITSELF, maps={None: fitted})


def _on_rated(steps: RatedSteps, choice: MapChoice, *, where: str) -> Fitting:
    kind = _kind(choice, steps.num_steps)
    fitted = _fit(steps, kind, where)
    return Fitting(
        name=kind,
        how=ON_RATED,
        maps={None: fitted},
        left_out=steps.left_out,
        notes=_notes_on_flat({None: fitted}),
    )


def _cross_fitted(rows: Rows, choice: MapChoice, *, where: str) -> Fitting:
    """Only the folds that have a chain get a map; all get the same kind."""
    steps = RatedSteps.of(rows)
    folds = sorted({fold_of(row.chain.question) for row in rows})
    others = {fold: steps.without_fold(fold) for fold in folds}
    kind = _kind(choice, min(part.num_steps for part in others.values()))
    maps: dict[int | None, FittedMap] = {
        fold: _fit(part, kind, f"{where}, folds other than {fold}") for fold, part in others.items()
    }
    return Fitting(
        name=kind, how=CROSS_FITTED, maps=maps, left_out=steps.left_out, notes=_notes_on_flat(maps)
    )


def _kind(choice: MapChoice, num_steps: int) -> RatedMap:
    if choice == "platt" or choice == "isotonic":
        return choice
    return choose(num_steps)


def _fit(steps: RatedSteps, kind: RatedMap, where: str) -> FittedMap:
    try:
        fitted = steps.fit(kind)
    except InputError as error:
        raise InputError(
            error.what, where=where, got=error.got, expected=error.expected, hint=error.hint
        ) from error
    return FittedMap(
        map=fitted,
        num_chains=steps.num_chains,
        num_steps=steps.num_steps,
        num_right=int(steps.right_N.sum()),
    )


def _notes_on_flat(maps: Mapping[int | None, FittedMap]) -> tuple[str, ...]:
    flat = [fold for fold, fitted in maps.items() if is_flat(fitted.map)]
    if not flat:
        return ()
    which = "" if flat == [None] else f" (folds {', '.join(map(str, flat))})"
    return (f"greater labels are not better on the rated steps, so every step gets the same target{which}",)


def is_flat(map: Map) -> bool:
    """Whether it gives every label the same target."""
    return bool(np.ptp(getattr(map, "level_K", [0, 1])) == 0) or (isinstance(map, Platt) and map.slope == 0)


def _expect_same_method(rows: Rows, rated: Rows, *, where: str, rated_where: str) -> None:
    mine, theirs = _methods(rows), _methods(rated)
    if mine != theirs:
        raise InputError(
            "the rated run holds labels of another method",
            where=rated_where,
            got=theirs,
            expected=f"{mine}, as in {where}",
        )


def _methods(rows: Rows) -> str:
    return ", ".join(sorted({f"{row.labels.method} in {row.labels.unit}" for row in rows}))


def _expect_other_problems(rows: Rows, rated: Rows, *, where: str, rated_where: str) -> None:
    mine = {normalize_problem(row.chain.question) for row in rows}
    shared = sum(normalize_problem(row.chain.question) in mine for row in rated)
    if shared:
        raise InputError(
            f"the rated run holds problems of {where}",
            where=rated_where,
            got=f"{shared:,} of {len(rated):,} chains",
            expected="chains on other problems",
            hint="A map fitted on what it is applied to flatters it. Leave out those chains; a run that is "
            "rated itself needs no --rated, it is then cross-fitted.",
        )
