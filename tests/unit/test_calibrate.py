"""Maps, hard labels, decoding and agreement, against values worked out by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from cpmi.calibration import (
    AFTER_FIRST_ERROR,
    Agreement,
    By,
    HardLabels,
    Isotonic,
    Platt,
    Quantile,
    RobustSigmoid,
    agree,
    choose,
    decode_change_point,
    first_error_probabilities,
    fit_quantile,
    fit_robust,
    hard_by_first_error,
    hard_by_threshold,
    map_from_json,
    targets_of,
)
from cpmi.calibration.consensus import DISAGREE, FIRST_ERRORS_DISAGREE, NOTHING_KEPT
from cpmi.calibration.decode import NO_EVIDENCE, NO_TARGET
from cpmi.calibration.hard import no_hard_labels
from cpmi.errors import InputError
from cpmi.targets import fit_isotonic, fit_platt
from cpmi.types import Relation


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_the_robust_sigmoid() -> None:
    # median 3; deviations 2, 1, 0, 1, 97: their median is 1
    map = fit_robust(floats(1, 2, 3, 4, 100))
    assert (map.median, map.mad) == (3, 1)
    targets = map.apply(floats(3, 4, 1, 100, -1000))
    expected = [0.5, sigmoid(1 / 1.4826), sigmoid(-2 / 1.4826), sigmoid(5), sigmoid(-5)]
    assert targets.tolist() == pytest.approx(expected, abs=1e-12)
    assert fit_robust(floats(1, 2, 3, 4, 100), clip=1).apply(floats(100)).tolist() == [sigmoid(1)]


def test_labels_without_spread_are_refused() -> None:
    with pytest.raises(InputError, match=r"MAD\) is 0.*3 of 5 labels equal to the median 2.*--map quantile"):
        fit_robust(floats(2, 2, 2, 0, 9))
    with pytest.raises(InputError, match="no step has a label"):
        fit_robust(floats())
    with pytest.raises(InputError, match="no step has a label"):
        fit_quantile(floats())
    with pytest.raises(ValueError, match="finite"):
        fit_quantile(floats(1, math.nan))


def test_the_quantile_map_is_the_distribution_function() -> None:
    map = fit_quantile(floats(5, 1, 1, 3))
    assert map.apply(floats(0, 1, 2, 3, 4.9, 5, 6)).tolist() == [0, 0.5, 0.5, 0.75, 0.75, 1, 1]


def test_platt_is_a_logistic_curve() -> None:
    map = Platt(slope=2.0, intercept=-1.0)
    assert map.apply(floats(0, 1)).tolist() == pytest.approx([sigmoid(-1), sigmoid(1)])
    assert Platt(slope=1e308, intercept=0.0).apply(floats(-1e308, 1e308)).tolist() == pytest.approx([0, 1])


def test_platt_equals_the_minimum_of_its_loss() -> None:
    pytest.importorskip("sklearn")
    generator = np.random.default_rng(0)
    values = generator.normal(3, 2, size=400)
    right = generator.random(400) < 1 / (1 + np.exp(-(values - 2)))
    map = fit_platt(values, right)
    scale = values.std()

    def loss(slope: float, intercept: float) -> float:
        logit = slope * values + intercept
        return float(np.logaddexp(0, np.where(right, -logit, logit)).sum() + (slope * scale) ** 2 / 2)

    best = loss(map.slope, map.intercept)
    for step in (1e-2, -1e-2):
        assert loss(map.slope + step, map.intercept) > best
        assert loss(map.slope, map.intercept + step) > best
    assert map.slope == pytest.approx(1, abs=0.25)


def test_platt_never_falls() -> None:
    pytest.importorskip("sklearn")
    right = np.array([True, True, True, False])
    for values in (floats(0, 1, 2, 3), floats(1, 1, 1, 1)):
        map = fit_platt(values, right)
        assert map.slope == 0
        assert map.apply(floats(-5, 5)).tolist() == pytest.approx([0.75, 0.75])
    with pytest.raises(InputError, match=r"nothing to fit on \(got 2 right and 0 wrong"):
        fit_platt(floats(1, 2), np.array([True, True]))


def test_isotonic_pools_violators() -> None:
    pytest.importorskip("sklearn")
    # 1 -> wrong, 2 -> right, 3 -> wrong, 4 -> right: 2 and 3 are pooled to one half
    map = fit_isotonic(floats(4, 2, 3, 1), np.array([True, True, False, False]))
    assert map.apply(floats(0, 1, 1.5, 2, 2.7, 3, 3.5, 4, 9)).tolist() == [
        0, 0, 0.25, 0.5, 0.5, 0.5, 0.75, 1, 1,
    ]  # fmt: skip
    assert Isotonic(knots_K=floats(1), level_K=floats(0.3)).apply(floats(-1, 4)).tolist() == [0.3, 0.3]


def test_isotonic_equals_scikit_learn() -> None:
    isotonic = pytest.importorskip("sklearn.isotonic")
    generator = np.random.default_rng(1)
    values = generator.normal(size=500).round(2)
    right = generator.random(500) < 1 / (1 + np.exp(-2 * values))
    other = isotonic.IsotonicRegression(out_of_bounds="clip").fit(values, right)
    new = np.linspace(-4, 4, 1001)
    np.testing.assert_allclose(fit_isotonic(values, right).apply(new), other.predict(new), atol=1e-12)


def test_the_choice_by_size() -> None:
    assert [choose(999), choose(1000)] == ["platt", "isotonic"]


def test_nulls_stay_null() -> None:
    map = Quantile(knots_K=floats(0, 1), count_K=np.array([1, 2]))
    assert targets_of(map, [1.0, None, -1.0, None]) == (1.0, None, 0.0, None)
    assert targets_of(map, [None]) == (None,)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "not a map from labels to targets"),
        ({"map": "magic"}, "not a map from labels to targets.*robust, quantile, platt, isotonic"),
        ({"map": "platt", "slope": 1}, "the platt map is incomplete"),
        ({"map": "platt", "slope": -1, "intercept": 0}, "slope cannot be used.*0 or above"),
        ({"map": "robust", "median": 0, "mad": 0, "clip": 5}, "mad cannot be used"),
        ({"map": "quantile", "knots": [1, 1], "counts": [1, 2]}, "knots cannot be used"),
        ({"map": "quantile", "knots": [1, 2], "counts": [2, 2]}, "counts cannot be used"),
        ({"map": "isotonic", "knots": [1, 2], "levels": [0.5]}, "levels cannot be used"),
        ({"map": "isotonic", "knots": [1, 2], "levels": [0.5, 0.4]}, "levels cannot be used"),
        ({"map": "isotonic", "knots": [], "levels": []}, "knots cannot be used"),
        ({"map": "isotonic", "knots": ["a"], "levels": [0]}, "the isotonic map is incomplete"),
    ],
)
def test_a_damaged_map_is_refused(value: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        map_from_json(value)


def test_the_record_of_a_map_is_plain_json() -> None:
    map = RobustSigmoid(median=0.1, mad=0.3, clip=5.0)
    assert map_from_json(json.loads(json.dumps(map.to_json()))) == map


def test_hard_labels_end_with_the_first_error() -> None:
    labels = hard_by_threshold([0.9, None, 0.5, 0.4, 0.1, None], 0.5, {1: "unsure", 5: "too long"})
    assert labels.values == (True, None, True, False, None, None)
    assert labels.reasons == {1: "unsure", 4: AFTER_FIRST_ERROR, 5: AFTER_FIRST_ERROR}
    assert labels.first_error == 3
    right = hard_by_threshold([0.9, None], 0.5, {1: "unsure"})
    assert (right.values, right.first_error) == ((True, None), None)
    assert hard_by_first_error([0.9, 0.8], 0, {}).values == (False, None)


def test_hard_labels_need_reasons() -> None:
    with pytest.raises(ValueError, match="have a reason"):
        HardLabels(values=(True, None))
    with pytest.raises(ValueError, match="have a reason"):
        HardLabels(values=(True,), reasons={0: "why"})
    with pytest.raises(ValueError, match="one first error"):
        HardLabels(values=(False, False))


def test_the_probabilities_of_first_errors() -> None:
    # 0.1, 0.9 * 0.5, and none 0.9 * 0.5
    probabilities = first_error_probabilities(floats(0.9, 0.5))
    assert probabilities is not None
    assert probabilities.tolist() == pytest.approx([0.1, 0.45, 0.45])
    wrong = first_error_probabilities(floats(0.9, 0.5), Relation.DIFFERENT)
    assert wrong is not None
    assert wrong.tolist() == pytest.approx([0.1 / 0.55, 0.45 / 0.55, 0])
    same = first_error_probabilities(floats(0.9, 0.5), Relation.SAME)
    assert same is not None
    assert same.tolist() == probabilities.tolist()  # a right answer implies nothing
    assert first_error_probabilities(floats(1, 1), Relation.DIFFERENT) is None


def test_decoding() -> None:
    assert decode_change_point([0.9, 0.2, 0.1]).first_error == 1  # 0.1, 0.72, 0.162; none 0.018
    assert decode_change_point([0.9, 0.9]).first_error is None  # 0.1, 0.09; none 0.81
    assert decode_change_point([0.9, 0.9], Relation.SAME).first_error is None
    assert decode_change_point([0.9, 0.9], Relation.DIFFERENT).first_error == 0
    assert decode_change_point([0.9, 0.2, 0.1], Relation.SAME).first_error == 1
    assert decode_change_point([0.5]).first_error is None  # a tie
    assert decode_change_point([1.0, 0.0, 1.0]).first_error == 1
    assert decode_change_point([0.0, 0.0], Relation.DIFFERENT).first_error == 0


def test_what_cannot_be_decoded_says_why() -> None:
    assert decode_change_point([0.9, None]).undecided == NO_TARGET
    assert decode_change_point([1.0, 1.0], Relation.DIFFERENT).undecided == NO_EVIDENCE
    assert decode_change_point([1.0, 1.0]).undecided == ""


def hard(text: str) -> HardLabels:
    """One letter a step: r right, w wrong, - unsure; nothing after a w."""
    targets = [{"r": 1.0, "w": 0.0, "-": None}[letter] for letter in text]
    return hard_by_threshold(targets, 0.5, {i: "unsure" for i, t in enumerate(targets) if t is None})


@pytest.mark.parametrize(
    ("first", "second", "by", "kept", "dropped", "whole"),
    [
        ("rrr", "rrr", "chain", (True, True, True), "", True),
        ("rwr", "rwr", "chain", (True, False, None), "", True),
        ("rrw", "rwr", "chain", (None, None, None), FIRST_ERRORS_DISAGREE, False),
        ("rrw", "rwr", "step", (True, None, None), "", False),
        ("r-w", "rrw", "chain", (True, None, False), "", False),
        ("wrr", "rrr", "step", (None, None, None), NOTHING_KEPT, False),
        ("---", "rrr", "chain", (None, None, None), NOTHING_KEPT, False),
    ],
)
def test_agreement(
    first: str, second: str, by: By, kept: tuple[bool | None, ...], dropped: str, whole: bool
) -> None:
    for mine, theirs in ((first, second), (second, first)):
        found = agree(hard(mine), hard(theirs), by)
        assert found.kept.values == kept
        assert (found.dropped, found.whole) == (dropped, whole)


def test_agreement_says_why_steps_are_not_kept() -> None:
    found: Agreement = agree(hard("-rrwr"), hard("rrwrr"), "step")
    assert found.kept.reasons == {0: "unsure", 2: DISAGREE, 3: AFTER_FIRST_ERROR, 4: AFTER_FIRST_ERROR}
    assert found.compared == {1: True, 2: False}
    assert no_hard_labels(2, "why").reasons == {0: "why", 1: "why"}
    with pytest.raises(ValueError):
        agree(hard("r"), hard("rr"), "step")
