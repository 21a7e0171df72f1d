"""The formulas, over arrays of log-probabilities. No model, no text.

Axes: K prompt variants, P = S + 1 contexts, A candidate answers, S steps, 2 judgments
(right, wrong). Arrays are in nat.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Context = Literal["single_step", "prefix", "leave_one_out"]
Pool = Literal["max", "logsumexp"]


def step_gain(logprob_KPA: Floats, context: Context) -> Floats:
    """What step i adds to every answer's log-probability, averaged over the variants: [S, A].

    The contexts P by `context`:
        single_step: 0 = the question alone, i = the question and step i alone.
        prefix: i = the question and the first i steps.
        leave_one_out: 0 = all steps, i = all steps but step i.
    """
    logprob_PA = logprob_KPA.mean(axis=0)
    if context == "single_step":
        return np.asarray(logprob_PA[1:] - logprob_PA[:1])
    if context == "prefix":
        return np.asarray(logprob_PA[1:] - logprob_PA[:-1])
    return np.asarray(logprob_PA[:1] - logprob_PA[1:])


def cpmi(gain_SA: Floats) -> Floats:
    """Contrastive pointwise mutual information of each step, [S] (arXiv 2604.10660).

    r_i = [log p(A|q,s_i) − log p(A|q)] − (1/M) Σ_m [log p(Ã_m|q,s_i) − log p(Ã_m|q)]

    Args:
        gain_SA: the bracketed terms; answer 0 is the gold A, answers 1..M the negatives Ã_m, M >= 1.
    """
    return np.asarray(gain_SA[:, 0] - gain_SA[:, 1:].mean(axis=1))


def net_value(logprob_KPA: Floats, num_right: int, pool: Pool) -> Floats:
    """How far the right answer leads the best wrong one at every prefix, [P] (arXiv 2603.17815).

    V_i = best right form − best wrong answer, averaged over the cues K. Answers 0..num_right-1 are right
    forms of the gold, the others wrong. "Best" is the maximum or the log-sum-exp over the set.
    """
    right_KP = _pool(logprob_KPA[:, :, :num_right], pool)
    wrong_KP = _pool(logprob_KPA[:, :, num_right:], pool)
    return np.asarray((right_KP - wrong_KP).mean(axis=0))


def judgment(logprob_KS2: Floats) -> Floats:
    """Log-probabilities of the two judgments of every step, [S, 2]: log p+ (right) and log p− (wrong).

    The markers' log-probabilities, averaged over the cues K, normalized over the two: p+ + p− = 1.
    """
    logprob_S2 = logprob_KS2.mean(axis=0)
    return np.asarray(logprob_S2 - np.logaddexp.reduce(logprob_S2, axis=-1, keepdims=True))


def first_error(judgment_S2: Floats) -> Floats:
    """Log-probability that step j is the first error, [S] (the decoding of arXiv 2605.10158).

    log p−(j) + Σ_{t<j} log p+(t)
    """
    right_S, wrong_S = judgment_S2.T
    return np.asarray(wrong_S + np.concatenate([[0.0], np.cumsum(right_S[:-1])]))


def best_of(success: float, num_tries: int) -> float:
    """The success rate of the best of K independent tries: 1 − (1 − Q)^K (arXiv 2410.08146, its provers)."""
    return 1 - (1 - success) ** num_tries


def effective_reward(value: float, prover_before: float, prover_after: float, alpha: float) -> float:
    """Effective reward of one step (arXiv 2410.08146): Q + α · [Q' after the step − Q' before it].

    Args:
        value: Q, the policy's success rate after the step.
        prover_before, prover_after: Q', the prover's success rates.
        alpha: α >= 0.
    """
    return value + alpha * (prover_after - prover_before)


def _pool(logprob_KPA: Floats, pool: Pool) -> Floats:
    if pool == "max":
        return np.asarray(logprob_KPA.max(axis=-1))
    return np.asarray(np.logaddexp.reduce(logprob_KPA, axis=-1))
