"""The belief over the first error, against enumeration and integration."""

from __future__ import annotations

from itertools import product
from math import comb, exp, log

import numpy as np
import pytest

from cpmi.beliefs import MAX_LOG_ODDS, Beta, log_prior, shown, step_log_odds, update

SOUND, BROKEN = Beta(right=4, wrong=2), Beta(right=1, wrong=5)
SEEDS = range(6)


def chance_of_error(log_odds: float) -> float:
    return 1 / (1 + exp(log_odds))


def enumerated(log_odds: np.ndarray) -> np.ndarray:
    """P of every first error, by adding up all ways in which the steps can be right or wrong."""
    total = np.zeros(len(log_odds) + 1)
    for wrong in product((False, True), repeat=len(log_odds)):
        chances = [
            chance_of_error(v) if w else 1 - chance_of_error(v) for v, w in zip(log_odds, wrong, strict=True)
        ]
        total[wrong.index(True) if True in wrong else -1] += np.prod(chances)
    return total


def integrated(beta: Beta, outcomes: list[bool]) -> float:
    """Probability of a sequence of outcomes: the mean over a fine grid of success rates."""
    rates = (np.arange(20_000) + 0.5) / 20_000
    weight = rates ** (beta.right - 1) * (1 - rates) ** (beta.wrong - 1)
    likelihood = np.prod(
        [rates if outcome else 1 - rates for outcome in outcomes] or [np.ones_like(rates)], 0
    )
    return float((weight * likelihood).sum() / weight.sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_prior_is_that_of_all_ways(seed: int) -> None:
    log_odds = np.random.default_rng(seed).normal(1, 2, size=1 + seed)
    assert np.exp(log_prior(log_odds)) == pytest.approx(enumerated(log_odds), rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_rollouts_update_it_as_enumeration_does(seed: int) -> None:
    draw = np.random.default_rng(seed)
    log_odds = draw.normal(1, 2, size=1 + seed)
    num_steps = len(log_odds)
    outcomes = [(int(draw.integers(num_steps + 1)), bool(draw.integers(2))) for _ in range(2 * seed)]
    right, wrong = np.zeros(num_steps + 1, dtype=np.int64), np.zeros(num_steps + 1, dtype=np.int64)
    for prefix, outcome in outcomes:
        (right if outcome else wrong)[prefix] += 1
    joint = []
    for j, prior in enumerate(enumerated(log_odds)):
        before = [outcome for prefix, outcome in outcomes if prefix <= j]
        after = [outcome for prefix, outcome in outcomes if prefix > j]
        joint.append(prior * integrated(SOUND, before) * integrated(BROKEN, after))
    found = np.exp(update(log_prior(log_odds), right, wrong, sound=SOUND, broken=BROKEN))
    assert found == pytest.approx(np.array(joint) / sum(joint), rel=1e-6)
    assert found.sum() == pytest.approx(1, rel=1e-12)


def test_evidence_of_all_counts_sums_to_one() -> None:
    for beta in (SOUND, BROKEN):
        whole = sum(comb(7, k) * exp(beta.log_evidence(k, 7 - k)) for k in range(8))
        assert whole == pytest.approx(1, rel=1e-12)
        assert beta.log_evidence(0, 0) == 0
        assert exp(beta.log_evidence(1, 0)) == pytest.approx(beta.right / (beta.right + beta.wrong))


@pytest.mark.parametrize("seed", SEEDS)
def test_without_rollouts_the_first_values_stand(seed: int) -> None:
    log_odds = np.random.default_rng(seed).normal(0, 3, size=1 + seed)
    none = np.zeros(2 + seed, dtype=np.int64)
    belief = update(log_prior(log_odds), none, none, sound=SOUND, broken=BROKEN)
    assert belief == pytest.approx(log_prior(log_odds), rel=1e-9, abs=1e-9)
    error = np.exp(belief[:-1])
    assert step_log_odds(belief) == pytest.approx(np.log((1 - error) / error), rel=1e-9, abs=1e-9)
    assert step_log_odds(belief).argmin() == error.argmax()


def test_extreme_values_stay_finite_and_are_clipped() -> None:
    log_odds = np.array([800.0, -900.0, 700.0, 0.5])
    belief = log_prior(log_odds)
    assert np.isfinite(belief).all()
    assert step_log_odds(belief) == pytest.approx([MAX_LOG_ODDS, -MAX_LOG_ODDS, MAX_LOG_ODDS, MAX_LOG_ODDS])
    assert np.exp(belief) == pytest.approx([0, 1, 0, 0, 0])


def test_what_a_prefix_shows() -> None:
    belief = np.log([0.1, 0.2, 0.3, 0.4])
    assert shown(belief) == pytest.approx([0, 0.1, 0.3, 0.6])


def test_a_failing_prefix_points_at_the_step_before_it() -> None:
    log_odds = np.full(4, log(9))
    right, wrong = np.array([0, 0, 4, 0, 0]), np.array([0, 0, 0, 4, 0])
    belief = np.exp(update(log_prior(log_odds), right, wrong, sound=SOUND, broken=BROKEN))
    # Prefix 2 goes on to the right answer and prefix 3 does not: step 2 is the first error.
    assert belief.argmax() == 2
    assert belief[2] > 0.5
