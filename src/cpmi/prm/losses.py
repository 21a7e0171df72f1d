"""Losses of a two-class head, as pure functions of its logits at step tokens.

The head gives two logits a step, z0 (incorrect) and z1 (correct). The score is their softmax:

    P(correct) = exp(z1) / (exp(z0) + exp(z1)) = sigmoid(z1 − z0)

It depends on their difference alone. What is left, their common height, is free to hold a confidence: read

    α = exp(z1), β = exp(z0), θ ~ Beta(α, β)

as what is believed of the step's success rate θ. The mean of θ is α / (α + β), the same score that every
reader of the checkpoint computes, and the concentration α + β = exp(logsumexp(z)) says how sure it is: as
sure as after that many rollouts. Only `beta_binomial` trains the height; under the others it means nothing.

Axes: N steps that have a target. Steps without one never come here.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

# The prior of the concentration: log(α + β) ~ Normal(log 2, 4). Centered on Beta(1, 1) and very weak; it ends
# what the likelihood alone does not: the most probable concentration of one count of k successes is infinite.
PRIOR_MEAN = math.log(2)
PRIOR_DEVIATION = 4.0
_BOUND = 16.0  # of log α and log β inside the likelihood; exp(16) rollouts are sure enough


def correct_logit(logits_N2: Tensor) -> Tensor:
    """The log-odds of P(correct), z1 − z0, [N]."""
    return logits_N2[:, 1] - logits_N2[:, 0]


def log_concentration(logits_N2: Tensor) -> Tensor:
    """log(α + β), [N]: how many rollouts' worth of confidence, in log."""
    return torch.logsumexp(logits_N2, dim=-1)


def binary_cross_entropy(
    logits_N2: Tensor, target_N: Tensor, *, weights: tuple[float, float] = (1.0, 1.0)
) -> Tensor:
    """−w1·t·log P(correct) − w0·(1−t)·log P(incorrect), [N]; nat.

    Soft targets stay soft: the minimum lies at P(correct) = t. With 0 and 1 it is the cross-entropy.

    Args:
        logits_N2: z0, z1.
        target_N: in [0, 1].
        weights: (w0, w1) of incorrect and correct.
    """
    log_p_N2 = functional.log_softmax(logits_N2, dim=-1)
    wrong, right = weights
    return -right * target_N * log_p_N2[:, 1] - wrong * (1 - target_N) * log_p_N2[:, 0]


def beta_binomial(
    logits_N2: Tensor,
    successes_N: Tensor,
    trials_N: Tensor,
    *,
    weights: tuple[float, float] = (1.0, 1.0),
) -> Tensor:
    """−log of the Beta-binomial likelihood of k successes in n trials, and of the concentration's prior, [N].

        −log C(n, k) − log B(k + α, n − k + β) + log B(α, β) + (log(α + β) − log 2)² / (2·4²)

    70 of 80 weigh more than 7 of 8: with the same share k/n the trained score is nearly the same (0.857 and
    0.871), and the concentration grows with n. Where steps that look alike have different success rates, it
    falls: that is what Beta-binomial says and binomial does not. Computed in float64, for log Γ.

    Args:
        logits_N2: log β, log α.
        successes_N: k, at most n.
        trials_N: n >= 1.
        weights: (w0, w1): a step weighs w0·(n−k)/n + w1·k/n.
    """
    wide_N2 = logits_N2.double()
    beta_N, alpha_N = wide_N2.clamp(-_BOUND, _BOUND).exp().unbind(dim=-1)
    k_N, n_N = successes_N.double(), trials_N.double()
    log_ways_N = torch.lgamma(n_N + 1) - torch.lgamma(k_N + 1) - torch.lgamma(n_N - k_N + 1)
    gain_N = _log_beta(k_N + alpha_N, n_N - k_N + beta_N) - _log_beta(alpha_N, beta_N)
    prior_N = ((log_concentration(wide_N2) - PRIOR_MEAN) / PRIOR_DEVIATION) ** 2 / 2
    wrong, right = weights
    weight_N = (right * k_N + wrong * (n_N - k_N)) / n_N
    return (weight_N * (prior_N - log_ways_N - gain_N)).to(logits_N2.dtype)


def pairwise_ranking(logits_N2: Tensor, target_N: Tensor, chain_N: Tensor) -> Tensor:
    """Σ_ij w_ij·log(1 + exp(d_j − d_i)) / Σ_ij w_ij over the pairs of the step's chain, [N].

    d = z1 − z0; a pair is two steps of one chain with t_i > t_j, and w_ij = t_i − t_j. Every step of a chain
    gets the chain's value, so that a chain counts by its steps; one without a pair gets 0.

    Args:
        logits_N2: z0, z1.
        target_N: in [0, 1].
        chain_N: which chain each step belongs to.
    """
    logit_N = correct_logit(logits_N2)
    same_NN = chain_N[:, None] == chain_N[None, :]
    weight_NN = (target_N[:, None] - target_N[None, :]).clamp(min=0) * same_NN
    pair_NN = weight_NN * functional.softplus(logit_N[None, :] - logit_N[:, None])
    together_NN = same_NN.to(logits_N2.dtype)
    loss_N = together_NN @ pair_NN.sum(dim=-1)
    total_N = together_NN @ weight_NN.sum(dim=-1)
    return torch.where(total_N > 0, loss_N / total_N.clamp(min=1e-12), torch.zeros_like(loss_N))


def _log_beta(a: Tensor, b: Tensor) -> Tensor:
    return torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(a + b)
