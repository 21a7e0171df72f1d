"""The plain path: one full forward a branch, the model's own attention. Kept readable, as the reference."""

from __future__ import annotations

from typing import Any

import torch

from cpmi.requests import ScoreTree


def score_tree(model: Any, tree: ScoreTree) -> list[list[float]]:
    """Log-probabilities of one tree, [branches][scored tokens]; nat."""
    branches = []
    for branch in tree.branches:
        logprobs = score_sequence(model, tree.shared_prefix[: branch.at] + branch.tokens)
        num_scored = len(branch.tokens) - branch.num_context
        branches.append(logprobs[-num_scored:])
    return branches


def score_sequence(model: Any, tokens: tuple[int, ...]) -> list[float]:
    """log p(token i | tokens before i) for i = 1..len-1, normalized in float32; nat."""
    input_ids = torch.tensor([tokens], device=next(model.parameters()).device)
    with torch.inference_mode():
        logits_TV = model(input_ids=input_ids, use_cache=False).logits[0].float()
        # Not log_softmax: on processors its float32 sum over a large vocabulary is off by up to 3e-5 nat a
        # token, all in one direction (docs/log.md, 2026-11-22); logsumexp is exact to 1e-6.
        logprobs_TV = logits_TV - logits_TV.logsumexp(-1, keepdim=True)
        following = input_ids[0, 1:, None]
        return list(logprobs_TV[:-1].gather(1, following)[:, 0].tolist())
