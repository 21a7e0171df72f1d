"""The belief over a chain's first error, and what rollouts do to it. No model, no text.

Axes: S steps; J = S + 1 places of the first error, step 0 first and "none" last; P = S + 1 prefixes, of
which prefix p shows the first p steps. So an error at step j is shown by the prefixes p > j. Logarithms are
natural; log-odds are in nat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

# How often a chain's own final answer is right. On the world's dev split: 1.00, and 0.10 with one embedded
# model (334 wrong chains), 0.13 with the next (564). Neither is sure, so neither is 1 or 0 here.
RIGHT_WITHOUT_ERROR, RIGHT_AFTER_ERROR = 0.98, 0.08

_NEVER_SURE = 1e-12  # keeps ln (1 − P) finite
MAX_LOG_ODDS = 20.0  # the bound on what `step_log_odds` gives: a chance of 2e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Beta:
    """The Beta distribution of a success rate, as if `right` successes and `wrong` failures had been seen."""

    right: float
    wrong: float

    def log_evidence(self, num_right: int, num_wrong: int) -> float:
        """Log-probability of one sequence of outcomes with these counts, over all success rates.

        ln B(right + num_right, wrong + num_wrong) − ln B(right, wrong)
        """
        return _log_beta(self.right + num_right, self.wrong + num_wrong) - _log_beta(self.right, self.wrong)


def log_prior(log_odds_S: Floats) -> Floats:
    """Log-probability of every place of the first error, [J], sum 1.

    P(j) = h_j · Π_{t<j} (1 − h_t) and P(none) = Π_t (1 − h_t), with the hazard h_t = sigmoid(−v_t).

    Args:
        log_odds_S: v_t, finite: the log-odds that step t is right given that all steps before it are.
    """
    log_right_S, log_wrong_S = -np.logaddexp(0.0, -log_odds_S), -np.logaddexp(0.0, log_odds_S)
    before = np.concatenate([[0.0], np.cumsum(log_right_S)])
    return np.concatenate([log_wrong_S + before[:-1], before[-1:]])


def with_answer(log_belief_J: Floats, right: bool | None) -> Floats:
    """The belief after the chain's own final answer was seen, [J], sum 1.

    A chain without an error ends right almost always, one with an error rarely. None says nothing.
    """
    if right is None:
        return log_belief_J
    right_J = np.full(len(log_belief_J), RIGHT_AFTER_ERROR)
    right_J[-1] = RIGHT_WITHOUT_ERROR
    seen_J = log_belief_J + np.log(right_J if right else 1 - right_J)
    return np.asarray(seen_J - np.logaddexp.reduce(seen_J))


def update(log_prior_J: Floats, right_P: Counts, wrong_P: Counts, *, sound: Beta, broken: Beta) -> Floats:
    """Log-probability of every place of the first error after rollouts, [J], sum 1.

    Given a first error at j, the outcomes at all prefixes that do not show it (p <= j) are one Beta-binomial,
    and those at the prefixes that do (p > j) are another.

    Args:
        log_prior_J: the belief before any rollout.
        right_P, wrong_P: how many rollouts after each prefix ended right and wrong.
        sound: of the success rate after a prefix without the error.
        broken: of the success rate after a prefix with the error.
    """
    right_J, wrong_J = np.cumsum(right_P), np.cumsum(wrong_P)  # at the prefixes that do not show the error
    all_right, all_wrong = int(right_J[-1]), int(wrong_J[-1])
    evidence_J = [
        sound.log_evidence(right, wrong) + broken.log_evidence(all_right - right, all_wrong - wrong)
        for right, wrong in zip(right_J.tolist(), wrong_J.tolist(), strict=True)
    ]
    log_belief_J = log_prior_J + np.array(evidence_J)
    return np.asarray(log_belief_J - np.logaddexp.reduce(log_belief_J))


def shown(log_belief_J: Floats) -> Floats:
    """Probability that a prefix shows the first error, [P]: Σ_{j<p} P(j), 0 for the question alone."""
    return np.concatenate([[0.0], np.cumsum(np.exp(log_belief_J[:-1]))])


def step_log_odds(log_belief_J: Floats) -> Floats:
    """Log-odds that step i is not the first error, [S], within ±MAX_LOG_ODDS.

    ln (1 − P(i)) − ln P(i), so the lowest is at the most probable first error.
    """
    log_error_S = np.minimum(log_belief_J[:-1], -_NEVER_SURE)
    log_odds_S = np.log(-np.expm1(log_error_S)) - log_error_S
    return np.asarray(np.clip(log_odds_S, -MAX_LOG_ODDS, MAX_LOG_ODDS))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
