"""What holds of every map and every chain, whatever the numbers."""

from __future__ import annotations

import json
from fractions import Fraction
from math import prod

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cpmi.calibration import (
    Isotonic,
    Map,
    agree,
    decode_change_point,
    first_error_probabilities,
    fit_quantile,
    fit_robust,
    hard_by_threshold,
    map_from_json,
    targets_of,
)
from cpmi.errors import InputError
from cpmi.metrics.first_error import most_probable_first
from cpmi.metrics.layout import StepLayout
from cpmi.targets import fit_isotonic, fit_platt
from cpmi.types import Relation

numbers = st.floats(-1e6, 1e6) | st.integers(-5, 5).map(float)
samples = st.lists(numbers, min_size=2, max_size=40)
chances = st.integers(0, 20).map(lambda n: n / 20)


@st.composite
def maps(draw: st.DrawFn) -> Map:
    values = np.array(draw(samples))
    kind = draw(st.sampled_from(["robust", "quantile", "platt", "isotonic"]))
    if kind in ("platt", "isotonic"):
        pytest.importorskip("sklearn")
        right = np.array(draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))))
        assume(right.any() and not right.all())
        return fit_platt(values, right) if kind == "platt" else fit_isotonic(values, right)
    try:
        return fit_robust(values) if kind == "robust" else fit_quantile(values)
    except InputError:
        assume(False)
        raise


@given(maps(), samples)
def test_order_is_kept_and_targets_are_shares(map: Map, values: list[float]) -> None:
    near = np.nextafter(values, np.inf)  # neighbors, where rounding would show
    rising = np.unique(np.concatenate([values, near]))
    targets = map.apply(rising)
    assert np.all(np.diff(targets) >= 0)
    assert np.all((targets >= 0) & (targets <= 1))


@given(st.lists(st.floats(-1e308, 1e308), min_size=2, max_size=6, unique=True), st.data())
def test_isotonic_curves_rise_at_any_distance(knots: list[float], data: st.DataObject) -> None:
    levels = data.draw(st.lists(st.floats(0, 1), min_size=len(knots), max_size=len(knots)))
    map = Isotonic(knots_K=np.sort(knots), level_K=np.sort(levels))
    targets = map.apply(np.sort([*knots, *np.linspace(-1, 1, 9) * 1e308]))
    assert np.all(np.diff(targets) >= 0)
    assert map.apply(np.sort(knots)).tolist() == pytest.approx(sorted(levels))


def test_isotonic_knots_may_be_the_smallest_floats() -> None:
    map = Isotonic(knots_K=np.array([0.0, 5e-324]), level_K=np.array([0.0, 1.0]))
    assert map.apply(np.array([-1.0, 0.0, 5e-324, 1.0])).tolist() == [0.0, 0.0, 1.0, 1.0]


@given(maps(), st.lists(st.none() | numbers, max_size=12))
def test_nulls_stay_and_the_record_gives_the_same_targets(map: Map, values: list[float | None]) -> None:
    targets = targets_of(map, values)
    assert [target is None for target in targets] == [value is None for value in values]
    again = map_from_json(json.loads(json.dumps(map.to_json(), allow_nan=False)))
    assert targets_of(again, values) == targets
    assert targets == tuple(target for value in values for target in targets_of(map, [value]))


@given(st.lists(chances, min_size=1, max_size=9), st.sampled_from(Relation))
def test_decoding_equals_brute_force(targets: list[float], answer: Relation) -> None:
    exact = [Fraction(round(target * 20), 20) for target in targets]
    shares = {j: prod(exact[:j], start=Fraction(1)) * (1 - exact[j]) for j in range(len(exact))}
    none = prod(exact, start=Fraction(1))
    assert sum(shares.values()) + none == 1
    found = decode_change_point(targets, answer)
    probabilities = first_error_probabilities(np.array(targets), answer)
    if answer is Relation.DIFFERENT:
        none = Fraction(0)
    if not sum(shares.values()) + none:
        assert found.undecided
        assert probabilities is None
        return
    chosen = none if found.first_error is None else shares[found.first_error]
    assert float(chosen) == pytest.approx(float(max(*shares.values(), none)), rel=1e-12)
    assert probabilities is not None
    total = sum(shares.values()) + none
    assert probabilities.tolist() == pytest.approx(
        [float(share / total) for share in [*shares.values(), none]]
    )
    assert (found.first_error is None) <= (answer is not Relation.DIFFERENT)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=9))
def test_decoding_equals_the_hazard_of_evaluation(targets: list[float]) -> None:
    layout = StepLayout(
        num_steps_C=np.array([len(targets)]),
        first_error_C=np.array([-1]),
        problem_C=np.array([0]),
        fold_C=np.array([0]),
    )
    p = np.array(targets)
    (index,) = most_probable_first(np.log((1 - p) / p), layout)
    found = decode_change_point(targets, Relation.DIFFERENT)
    probabilities = first_error_probabilities(p, Relation.DIFFERENT)
    assert probabilities is not None
    assert found.first_error is not None
    assert probabilities[index] == pytest.approx(probabilities[found.first_error], rel=1e-9)


targets_lists = st.lists(st.tuples(st.none() | chances, st.none() | chances), min_size=1, max_size=8)


@given(targets_lists, chances)
def test_agreement_by_chain_keeps_no_more_than_by_step(
    pairs: list[tuple[float | None, float | None]], threshold: float
) -> None:
    first, second = (
        hard_by_threshold(column, threshold, {i: "null" for i, t in enumerate(column) if t is None})
        for column in zip(*pairs, strict=True)
    )
    by_chain, by_step = agree(first, second, "chain"), agree(first, second, "step")
    for strict, loose, mine, theirs in zip(
        by_chain.kept.values, by_step.kept.values, first.values, second.values, strict=True
    ):
        assert strict in (None, loose)
        assert loose == (mine if mine == theirs else None)
    assert by_chain.whole <= by_step.whole
    assert agree(first, first, "chain").kept.values == first.values or first.values.count(None) == len(pairs)
