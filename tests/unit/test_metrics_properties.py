"""Measures against loops written from their definitions, and what must hold of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpmi.metrics import concordance, first_error
from cpmi.metrics.bootstrap import Weights, draw_problems
from cpmi.metrics.layout import Floats, StepLayout


@dataclass(frozen=True)
class Case:
    layout: StepLayout
    values_N: Floats

    def of(self, chain: int) -> list[float | None]:
        begin = int(self.layout.begin_C[chain])
        values = self.values_N[begin : begin + int(self.layout.num_steps_C[chain])]
        return [None if math.isnan(value) else float(value) for value in values]

    def wrong(self) -> list[int]:
        return np.flatnonzero(self.layout.wrong_C).tolist()

    def first(self, chain: int) -> int:
        return int(self.layout.first_error_C[chain])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Chains that share problems, with values that tie and are missing."""
    num_chains = draw(st.integers(2, 9))
    num_steps = [draw(st.integers(1, 4)) for _ in range(num_chains)]
    value = st.one_of(st.integers(-3, 3).map(float), st.just(math.nan))
    problem = [draw(st.integers(0, 4)) for _ in range(num_chains)]
    return Case(
        layout=StepLayout(
            num_steps_C=np.array(num_steps),
            first_error_C=np.array([draw(st.integers(-1, count - 1)) for count in num_steps]),
            problem_C=np.unique(problem, return_inverse=True)[1],
            fold_C=np.array(problem),
        ),
        values_N=np.array([draw(value) for _ in range(sum(num_steps))]),
    )


def fast(case: Case, pairing: concordance.Pairing, weights_GD: Weights) -> tuple[Floats, Floats]:
    problem_N = case.layout.problem_C[case.layout.chain_N]
    counts = concordance.count_pairs(case.values_N, pairing, problem_N, weights_GD)
    return counts.doubled_score_D / 2, counts.num_pairs_D.astype(float)


def pair_score(error: float | None, other: float | None) -> float:
    if error is None or other is None or error == other:
        return 0.5
    return float(other > error)


def loop_concordance(case: Case, weights_G: list[int], *, equal_count: bool) -> tuple[float, float]:
    score, weight = 0.0, 0.0
    for a, b in product(case.wrong(), repeat=2):
        at = case.first(a)
        if case.first(b) <= at or (equal_count and len(case.of(a)) != len(case.of(b))):
            continue
        pair = weights_G[case.layout.problem_C[a]] * weights_G[case.layout.problem_C[b]]
        score += pair * pair_score(case.of(a)[at], case.of(b)[at])
        weight += pair
    return score, weight


def loop_fair(case: Case, weights_G: list[int]) -> tuple[float, float]:
    score, weight = 0.0, 0.0
    others = []
    for chain in range(case.layout.num_chains):
        first = case.first(chain)
        others += [(chain, value) for value in (case.of(chain)[:first] if first >= 0 else case.of(chain))]
    for a, (b, value) in product(case.wrong(), others):
        pair = weights_G[case.layout.problem_C[a]] * weights_G[case.layout.problem_C[b]]
        score += pair * pair_score(case.of(a)[case.first(a)], value)
        weight += pair
    return score, weight


@settings(max_examples=60, deadline=None)
@given(cases())
def test_pairs_equal_a_loop_over_all_pairs_on_every_draw(case: Case) -> None:
    weights_GD = draw_problems(case.layout.num_problems, 4, seed=1)
    for equal_count in (False, True):
        scores, weights = fast(case, concordance.risk_sets(case.layout, equal_count=equal_count), weights_GD)
        for draw in range(weights_GD.shape[1]):
            expected = loop_concordance(case, weights_GD[:, draw].tolist(), equal_count=equal_count)
            assert (scores[draw], weights[draw]) == expected
    scores, weights = fast(case, concordance.fair(case.layout), weights_GD)
    for draw in range(weights_GD.shape[1]):
        assert (scores[draw], weights[draw]) == loop_fair(case, weights_GD[:, draw].tolist())


@settings(max_examples=40, deadline=None)
@given(cases())
def test_position_and_a_constant_are_chance(case: Case) -> None:
    ones = draw_problems(case.layout.num_problems, 1, seed=0)
    for values_N in (-case.layout.index_N.astype(float), np.full(len(case.values_N), 3.0)):
        score, weight = fast(
            Case(layout=case.layout, values_N=values_N), concordance.risk_sets(case.layout), ones
        )
        assert (2 * score == weight).all()


@settings(max_examples=40, deadline=None)
@given(cases())
def test_a_monotone_transform_changes_nothing(case: Case) -> None:
    other = Case(layout=case.layout, values_N=np.exp(case.values_N) - 7)
    ones = draw_problems(case.layout.num_problems, 2, seed=0)
    for pairing in (concordance.risk_sets(case.layout), concordance.fair(case.layout)):
        assert (fast(case, pairing, ones)[0] == fast(other, pairing, ones)[0]).all()
    np.testing.assert_array_equal(
        first_error.lowest_step_credit(case.values_N, case.layout),
        first_error.lowest_step_credit(other.values_N, case.layout),
    )


@settings(max_examples=60, deadline=None)
@given(cases())
def test_localization_equals_its_definition(case: Case) -> None:
    credit_C = first_error.lowest_step_credit(case.values_N, case.layout)
    for chain in case.wrong():
        filled = [math.inf if value is None else value for value in case.of(chain)]
        ties = [index for index, value in enumerate(filled) if value == min(filled)]
        assert credit_C[chain] == (1 / len(ties) if case.first(chain) in ties else 0)


def loop_f1(case: Case, threshold: float) -> float:
    hits = {True: [], False: []}
    for chain in range(case.layout.num_chains):
        fired = [i for i, value in enumerate(case.of(chain)) if value is not None and value < threshold]
        predicted = fired[0] if fired else -1
        hits[case.first(chain) >= 0].append(predicted == case.first(chain))
    acc_err, acc_corr = (sum(found) / len(found) for found in (hits[True], hits[False]))
    return 2 * acc_err * acc_corr / (acc_err + acc_corr) if acc_err + acc_corr else 0.0


@settings(max_examples=100, deadline=None)
@given(cases())
def test_the_threshold_is_the_lowest_of_the_best_midpoints(case: Case) -> None:
    everything_C = np.ones(case.layout.num_chains, dtype=np.bool_)
    found = first_error.best_threshold(case.values_N, case.layout, everything_C)
    read = case.values_N[case.layout.read_N]
    distinct = np.unique(read[~np.isnan(read)])
    middles = ((distinct[:-1] + distinct[1:]) / 2).tolist()
    if not middles or len(case.wrong()) in (0, case.layout.num_chains):
        assert found is None
        return
    scores = [loop_f1(case, threshold) for threshold in middles]
    assert found == next(
        threshold
        for threshold, score in zip(middles, scores, strict=True)
        if score == pytest.approx(max(scores))
    )
    predicted = first_error.first_below(case.values_N, case.layout, np.full(case.layout.num_chains, found))
    credit = first_error.exact_credit(predicted, case.layout)
    measured = first_error.accuracies(credit, case.layout, draw_problems(case.layout.num_problems, 1, seed=0))
    assert measured.f1.value == pytest.approx(max(scores))


def test_fair_auroc_equals_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(2)
    num_steps = generator.integers(1, 8, size=80)
    layout = StepLayout(
        num_steps_C=num_steps,
        first_error_C=np.array([generator.integers(-1, count) for count in num_steps]),
        problem_C=np.arange(80),
        fold_C=np.arange(80) % 5,
    )
    values_N = generator.integers(0, 12, size=int(num_steps.sum())).astype(float)
    score, weight = fast(
        Case(layout=layout, values_N=values_N), concordance.fair(layout), draw_problems(80, 1, seed=0)
    )
    expected = metrics.roc_auc_score(layout.is_first_error_N[layout.read_N], -values_N[layout.read_N])
    assert score[0] / weight[0] == pytest.approx(expected, abs=1e-12)
