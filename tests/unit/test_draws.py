"""Draws of problems and sums over them, held against the plain way: one draw, column and pair at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from cpmi.metrics import bootstrap, concordance
from cpmi.metrics.bootstrap import by_problem, draw_problems, sums_of_draws, weighted_means
from cpmi.metrics.one_thread import one_thread


def plain_draws(num_problems: int, num_draws: int, seed: int) -> Any:
    shares = np.full(num_problems, 1 / num_problems)
    drawn = np.random.default_rng(seed).multinomial(num_problems, shares, size=num_draws)
    return np.concatenate([np.ones((1, num_problems), dtype=np.int64), drawn]).T


@pytest.mark.parametrize("cells", [1, 70, 1_000_000])
def test_draws_are_those_of_one_call(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(bootstrap, "_CELLS", cells)
    for num_problems in (1, 7, 400):
        found = draw_problems(num_problems, 30, seed=3)
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, plain_draws(num_problems, 30, seed=3))


def test_a_problem_drawn_often_takes_more_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Rigged:
        def multinomial(self, num: int, _: Any, size: int) -> Any:
            return np.array([[num, 0]] * size) * 150

    monkeypatch.setattr(np.random, "default_rng", lambda _: Rigged())
    assert draw_problems(2, 2, seed=0).tolist() == [[1, 300, 300], [1, 0, 0]]


def test_sums_over_draws_are_those_of_one_column_at_a_time() -> None:
    draw = np.random.default_rng(0)
    weights_GD = draw_problems(500, 209, seed=1)
    problem_C = draw.integers(500, size=3_000)
    columns = [draw.integers(9, size=3_000).astype(float), draw.random(3_000), draw.random(3_000) < 0.3]
    found_KD = sums_of_draws([by_problem(c, problem_C, weights_GD) for c in columns], weights_GD)
    for column_C, found_D in zip(columns, found_KD, strict=True):
        alone_D = bootstrap.weighted_sums(column_C, problem_C, weights_GD)
        np.testing.assert_array_equal(found_D, alone_D)
        plain_D = [math.fsum(column_C * weights_GD[problem_C, d]) for d in range(weights_GD.shape[1])]
        whole = column_C.dtype == np.bool_ or (column_C % 1 == 0).all()
        np.testing.assert_allclose(found_D, plain_D, rtol=0 if whole else 1e-13)


def test_numbers_too_large_to_add_exactly_are_not_taken_for_whole_ones() -> None:
    sums_KG = [np.array([2.0**53, 1.0]), np.array([np.inf, 1.0]), np.array([np.nan, 1.0])]
    found = sums_of_draws(sums_KG, np.ones((2, 1), dtype=np.uint8))
    np.testing.assert_array_equal(found[:, 0], [2.0**53 + 1, np.inf, np.nan])


def test_several_means_are_those_of_one_choice_at_a_time() -> None:
    draw = np.random.default_rng(2)
    weights_GD = draw_problems(40, 50, seed=2)
    problem_C, column_C, of_C = draw.integers(40, size=90), draw.random(90), draw.random(90) < 0.5
    first, second = weighted_means(column_C, {"first": of_C, "second": ~of_C}, problem_C, weights_GD)
    for found, choice, reason in ((first, of_C, "first"), (second, ~of_C, "second")):
        alone = bootstrap.weighted_mean(column_C, choice, problem_C, weights_GD, reason)
        np.testing.assert_array_equal(found.values_D, alone.values_D)
        assert found.reason == reason


@pytest.mark.parametrize("largest", [1, 3, 255, 65_535])
@pytest.mark.parametrize("cells", [1, 250_000])
def test_pairs_in_lanes_equal_a_loop(monkeypatch: pytest.MonkeyPatch, largest: int, cells: int) -> None:
    monkeypatch.setattr(concordance, "_BLOCK_CELLS", cells)
    draw = np.random.default_rng(largest)
    num = 60
    values_N = np.where(draw.random(num) < 0.15, np.nan, draw.integers(6, size=num))
    place_N = draw.permutation(num)
    pairing = concordance.Pairing(
        case_A=place_N[:20],
        case_stratum_A=draw.integers(4, size=20),
        control_B=place_N[20:],
        control_stratum_B=draw.integers(3, size=40),
    )
    problem_N = draw.integers(15, size=num)
    weights_GD = draw.integers(largest + 1, size=(15, 11)).astype(np.uint16)
    weights_GD[0] = largest
    found = concordance.count_pairs(values_N, pairing, problem_N, weights_GD)
    doubled_D, num_pairs_D = np.zeros(11, dtype=np.int64), np.zeros(11, dtype=np.int64)
    weight_ND = weights_GD[problem_N].astype(np.int64)
    for case, of_case in zip(pairing.case_A, pairing.case_stratum_A, strict=True):
        for control, of_control in zip(pairing.control_B, pairing.control_stratum_B, strict=True):
            if of_case == of_control:
                one, other = values_N[case], values_N[control]
                score = 1 if np.isnan(one) or np.isnan(other) or one == other else 2 * int(other > one)
                doubled_D += score * weight_ND[case] * weight_ND[control]
                num_pairs_D += weight_ND[case] * weight_ND[control]
    np.testing.assert_array_equal(found.doubled_score_D, doubled_D)
    np.testing.assert_array_equal(found.num_pairs_D, num_pairs_D)


def test_products_take_one_thread_and_give_the_others_back() -> None:
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def blas_threads() -> set[int]:
        found = threadpoolctl.threadpool_info()
        return {pool["num_threads"] for pool in found if pool["user_api"] == "blas"}

    before = blas_threads()
    with one_thread():
        assert blas_threads() <= {1}
    assert blas_threads() == before
