"""Measures on cases small enough to be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cpmi.metrics import concordance, first_error
from cpmi.metrics.bootstrap import Measured, draw_problems, harmonic_mean, ratio, weighted_mean
from cpmi.metrics.calibration import reliability
from cpmi.metrics.curves import MAX_POINTS, histogram, roc
from cpmi.metrics.layout import Floats, Ints, StepLayout

NULL = np.nan
# Four chains on four problems; a star marks the first error.
#   a  5  2* 9      b  1  4  3*     c  2* 7      d (right)  6  2.4
FOUR = StepLayout(
    num_steps_C=np.array([3, 3, 2, 2]),
    first_error_C=np.array([1, 2, 0, -1]),
    problem_C=np.arange(4),
    fold_C=np.array([0, 1, 2, 3]),
)
VALUES = np.array([5, 2, 9, 1, 4, 3, 2, 7, 6, 2.4])
AS_THEY_ARE = np.ones((4, 1), dtype=np.uint16)
EVERYTHING = np.ones(4, dtype=np.bool_)


def score(values_N: Floats, pairing: concordance.Pairing, weights_GD=AS_THEY_ARE) -> Measured:
    problem_N = FOUR.problem_C[FOUR.chain_N]
    return concordance.count_pairs(values_N, pairing, problem_N, weights_GD).mean("no pair")


def changed(*changes: tuple[int, float]) -> Floats:
    values = VALUES.copy()
    for position, value in changes:
        values[position] = value
    return values


def test_layout_reads_nothing_after_the_first_error() -> None:
    assert FOUR.index_N.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 0, 1]
    assert FOUR.read_N.tolist() == [True, True, False, True, True, True, True, False, True, True]
    assert np.flatnonzero(FOUR.is_first_error_N).tolist() == [1, 5, 6]
    assert FOUR.at_risk_N.sum() == 6
    assert FOUR.num_problems == 4


def test_risk_set_concordance() -> None:
    # L_c = 0 < L_a = 1 < L_b = 2. (a, b) at 1: b 4 > a 2, 1. (c, a) at 0: 5 > 2, 1. (c, b) at 0: 1 < 2, 0.
    assert score(VALUES, concordance.risk_sets(FOUR)).value == 2 / 3
    # Equally many steps have a and b only.
    assert score(VALUES, concordance.risk_sets(FOUR, equal_count=True)).value == 1
    pairs = concordance.risk_sets(FOUR)
    assert concordance.count_pairs(VALUES, pairs, FOUR.chain_N, AS_THEY_ARE).num_pairs_D.tolist() == [3]
    case_A, control_B = pairs.has_pair()
    assert case_A.tolist() == [True, False, True]  # nothing is left to compare b's last step with
    assert control_B.tolist() == [True, True, True]


def test_a_missing_value_and_a_tie_count_half() -> None:
    pairs = concordance.risk_sets(FOUR)
    assert score(changed((4, NULL)), pairs).value == (0.5 + 1 + 0) / 3  # b's step 1
    assert score(changed((1, NULL)), pairs).value == (0.5 + 1 + 0) / 3  # a's first error
    assert score(changed((4, NULL), (1, NULL)), pairs).value == (0.5 + 1 + 0) / 3
    assert score(changed((3, 2)), pairs).value == (1 + 1 + 0.5) / 3  # b's step 0 equals c's
    assert score(np.full(10, NULL), pairs).value == 0.5
    assert score(-FOUR.index_N.astype(float), pairs).value == 0.5  # position


def test_pairs_weigh_by_both_problems() -> None:
    weights_GD = np.array([[1, 2, 0, 0], [1, 0, 3, 1], [1, 1, 2, 0], [1, 1, 0, 3]], dtype=np.uint16)
    # Draw 1: only (c, a) is left, score 1. Draw 2: only (c, b), score 0. Draw 3: no pair.
    found = score(VALUES, concordance.risk_sets(FOUR), weights_GD)
    np.testing.assert_array_equal(found.values_D, [2 / 3, 1, 0, np.nan])
    assert found.num_missing == 1
    # a twice, b once, c three times: (a, b) 2 * 1, (c, a) 6 * 1, (c, b) 3 * 0.
    mixed = np.array([[2], [1], [3], [0]], dtype=np.uint16)
    assert score(VALUES, concordance.risk_sets(FOUR), mixed).value == (2 + 6) / (2 + 6 + 3)


def test_fair_auroc() -> None:
    # First errors 2, 3, 2; the other steps that are read: 5 | 1 4 | 6 2.4.
    # 2 is below 5, 4, 6, 2.4; 3 is below 5, 4, 6; 2 again below four: 11 of 15.
    assert score(VALUES, concordance.fair(FOUR)).value == 11 / 15


def test_pairs_that_print_a_candidate_are_left_out() -> None:
    marked = np.zeros(10, dtype=np.bool_)
    marked[3] = True  # b's step 0: (c, b) goes, 2 of 2 are left
    assert score(VALUES, concordance.risk_sets(FOUR).without(marked)).value == 1
    marked[1] = True  # a's first error: (a, b) goes too
    assert score(VALUES, concordance.risk_sets(FOUR).without(marked)).value == 1
    marked[6] = True
    nothing = score(VALUES, concordance.risk_sets(FOUR).without(marked))
    assert (nothing.value, nothing.reason) == (None, "no pair")


def test_localization() -> None:
    # a's lowest is 2, its error; b's lowest is its first step; c's lowest is its error.
    assert first_error.lowest_step_credit(VALUES, FOUR).tolist() == [1, 0, 1, 0]
    # A tie of two counts 1/2, a missing value ranks last, and nothing at all counts 1/S.
    values = changed((0, 2), (3, NULL), (4, NULL), (6, NULL), (7, NULL))
    assert first_error.lowest_step_credit(values, FOUR).tolist() == [0.5, 1, 0.5, 0]


def test_threshold_with_the_best_f1() -> None:
    # Read values 1 2 2.4 3 4 5 6, midpoints 1.5 2.2 2.7 ... At 2.2 both a and c are hit and d stays clean:
    # acc_err 2/3, acc_corr 1. At 1.5 nothing is hit; from 2.7 on d fires.
    threshold = first_error.best_threshold(VALUES, FOUR, EVERYTHING)
    assert threshold == pytest.approx(2.2)
    predicted = first_error.first_below(VALUES, FOUR, np.full(4, threshold))
    assert predicted.tolist() == [1, 0, 0, -1]
    credit = first_error.exact_credit(predicted, FOUR)
    found = first_error.accuracies(credit, FOUR, AS_THEY_ARE)
    assert found.acc_err.value == 2 / 3
    assert found.acc_corr.value == 1
    assert found.f1.value == pytest.approx(0.8)


def test_ties_of_f1_choose_the_lowest_threshold() -> None:
    # d at 0 fires at every midpoint, so F1 is 0 everywhere.
    assert first_error.best_threshold(changed((9, 0)), FOUR, EVERYTHING) == 0.5


@pytest.mark.parametrize("of", [[True, True, True, False], [False, False, False, True], [False] * 4])
def test_no_threshold_without_both_kinds(of: list[bool]) -> None:
    assert first_error.best_threshold(VALUES, FOUR, np.array(of)) is None


def test_no_threshold_without_two_values() -> None:
    assert first_error.best_threshold(np.ones(10), FOUR, EVERYTHING) is None
    assert first_error.best_threshold(np.full(10, NULL), FOUR, EVERYTHING) is None
    never = first_error.first_below(VALUES, FOUR, np.full(4, NULL))
    assert never.tolist() == [-1] * 4


def test_a_midpoint_lies_between_neighbors_that_nearly_touch() -> None:
    low, high = 1.0, np.nextafter(1.0, 2)
    layout = StepLayout(
        num_steps_C=np.array([1, 1]),
        first_error_C=np.array([0, -1]),
        problem_C=np.arange(2),
        fold_C=np.arange(2),
    )
    threshold = first_error.best_threshold(np.array([low, high]), layout, np.ones(2, dtype=np.bool_))
    assert threshold == high
    huge = first_error.best_threshold(np.array([1.6e308, 1.7e308]), layout, np.ones(2, dtype=np.bool_))
    assert huge == pytest.approx(1.65e308)


def test_a_missing_value_never_fires() -> None:
    predicted = first_error.first_below(changed((1, NULL)), FOUR, np.full(4, 2.2))
    assert predicted.tolist() == [-1, 0, 0, -1]


def test_a_value_at_the_threshold_does_not_fire() -> None:
    assert first_error.first_below(VALUES, FOUR, np.full(4, 2.0)).tolist() == [-1, 0, -1, -1]


def test_cross_fitted_thresholds_do_not_see_their_fold() -> None:
    thresholds = first_error.cross_fitted_thresholds(VALUES, FOUR, 5)
    # Without d no right chain is left. Without c: a is hit at 2.2, d clean. Fold 4 is empty: all chains.
    assert thresholds[3] is None
    assert thresholds[2] == thresholds[4] == pytest.approx(2.2)


def test_gating_by_the_final_answer() -> None:
    lowest, ungated = np.array([1, 0.5, 1, 0]), np.array([0.0, 1, 0, 1])

    def gated(*outcome: int) -> list[float]:
        return first_error.gated_credit(lowest, ungated, np.array(outcome), FOUR).tolist()

    assert gated(0, 0, 0, 0) == [1, 0.5, 1, 0]  # DIFFERENT: first_error_accuracy; a right chain is missed
    assert gated(1, 1, 1, 1) == [0, 0, 0, 1]  # SAME: no error is named
    assert gated(-1, -1, -1, -1) == [0, 1, 0, 1]  # UNDECIDED: by threshold


def test_most_probable_first_error() -> None:
    # Hazards .2 .5 .9: .2, .8 * .5 = .4, .4 * .9 = .36. Then .6: the first step of the second chain.
    layout = StepLayout(
        num_steps_C=np.array([3, 2]),
        first_error_C=np.array([0, -1]),
        problem_C=np.arange(2),
        fold_C=np.arange(2),
    )
    hazard = np.array([0.2, 0.5, 0.9, 0.6, 0.9])
    predicted: Ints = first_error.most_probable_first(np.log(hazard / (1 - hazard)), layout)
    assert predicted.tolist() == [1, 0]


def test_harmonic_mean_of_nothing_is_zero_or_missing() -> None:
    def measured(*values: float) -> Measured:
        return Measured(values_D=np.array(values), reason="why")

    found = harmonic_mean(measured(0.5, 0, np.nan), measured(1, 0, 1))
    np.testing.assert_allclose(found.values_D, [2 / 3, 0, np.nan])


def test_means_over_problems() -> None:
    weights_GD = np.array([[1, 2], [1, 0]], dtype=np.uint16)
    column, chosen, problem = np.array([1.0, 0, 5]), np.array([True, True, False]), np.array([0, 1, 1])
    found = weighted_mean(column, chosen, problem, weights_GD, "none")
    assert found.values_D.tolist() == [0.5, 1]
    empty = weighted_mean(column, np.zeros(3, dtype=np.bool_), problem, weights_GD, "none")
    assert (empty.value, empty.reason, empty.interval()) == (None, "none", None)


def test_draws() -> None:
    weights_GD = draw_problems(7, 300, seed=3)
    assert weights_GD.shape == (7, 301)
    assert (weights_GD[:, 0] == 1).all()
    assert (weights_GD.sum(axis=0) == 7).all()
    assert (weights_GD == draw_problems(7, 300, seed=3)).all()
    assert (weights_GD != draw_problems(7, 300, seed=4)).any()
    assert weights_GD[:, 1:].mean() == 1


def test_percentiles_leave_out_draws_without_a_value() -> None:
    values = np.array([0.5, *np.arange(101.0), np.nan])
    assert Measured(values_D=values, reason="").interval() == (2.5, 97.5)
    mostly = ratio(np.array([1.0, 1, 1, 1]), np.array([1.0, 0, 0, 1]), "zero")
    assert (mostly.value, mostly.interval()) == (1, None)
    difference = mostly - Measured(values_D=np.full(4, np.nan), reason="other")
    assert (difference.value, difference.reason) == (None, "other")


def test_expected_calibration_error() -> None:
    # Bin 0 holds .05 (event no): gap .05. Bin 9 holds .95 .95 1.0 (yes no yes): |2 - 2.9| = .9.
    # ECE = .95 / 4.
    probability = np.array([0.05, 0.95, 0.95, 1.0])
    event = np.array([False, True, False, True])
    found = reliability(probability, event, np.arange(4), AS_THEY_ARE)
    assert found.ece.value == pytest.approx(0.2375)
    assert found.num_K.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    assert found.mean_probability_K[9] == pytest.approx(2.9 / 3)
    assert found.share_K[9].value == pytest.approx(2 / 3)
    assert found.share_K[1].value is None


def test_roc() -> None:
    # Lowest first: 1 (error), then 2 and 2 together (one error of two), then 3.
    false_rate, true_rate = roc(np.array([3.0, 1, 2, 2]), np.array([False, True, True, False]))
    assert false_rate.tolist() == [0, 0, 0.5, 1]
    assert true_rate.tolist() == [0, 0.5, 1, 1]
    long_false, long_true = roc(np.arange(1000.0), np.arange(1000) % 3 == 0)
    assert len(long_false) == len(long_true) == MAX_POINTS
    assert (long_false[0], long_true[0], long_false[-1], long_true[-1]) == (0, 0, 1, 1)


def test_histogram() -> None:
    values = np.append(np.linspace(0, 1, 999), 50.0)
    edges, counts, num_clipped = histogram({"right": values, "wrong": np.zeros(0)})
    assert counts["right"].sum() == 1000  # the outlier is counted in the last bin
    assert counts["wrong"].sum() == 0
    assert edges[-1] < 2
    assert num_clipped == 10  # the outlier, four beside it, five on the other side
    assert histogram({"right": np.zeros(0)})[0].tolist() == []
    assert histogram({"right": np.full(3, 2.0)})[0][[0, -1]].tolist() == [1.5, 2.5]
