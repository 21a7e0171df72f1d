"""The plain way to sample, kept readable as the reference: padded prompts, the model's own attention.

It takes models whose attention cannot share a prompt but follows a mask; `unpadded.py` takes the others.
`rollout.py` is the fast way; a test holds them together. Draws depend on (seed, sample index) alone, through
one uniform number a token and the inverse of the cumulated distribution; so a sample does not change when its
neighbors do (up to rounding).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import DynamicCache

from cpmi.engines.transformers.endings import (
    Draw,
    Drawn,
    Endings,
    draw_for,
    make_rows,
    num_generated,
    share,
)
from cpmi.requests import SampleRequest

# Finished rows leave the batch when they are this share of it: each leaving copies the cache.
LEAVE_SHARE = 0.125


def sample_batch(
    model: Any, endings: Endings, requests: Sequence[SampleRequest], draw: Draw = draw_for
) -> Drawn:
    """Sample all requests together. Prompts are padded on the left; positions follow the mask."""
    device = next(model.parameters()).device
    everything = rows = make_rows(requests)
    with torch.inference_mode():
        mask, cache, logits_BV = _prefill(model, requests, device)
        num_computed, num_rows = mask.numel(), len(requests)
        num_pairs = mask.shape[0] * mask.shape[1] * (mask.shape[1] + 1) // 2
        pick = torch.tensor([row.request_index for row in rows], device=device)
        cache.batch_select_indices(pick)
        mask, logits_BV = mask[pick], logits_BV[pick]
        while True:
            going = [i for i, row in enumerate(rows) if not row.finish]
            tokens = [0] * len(rows)
            for i, token in zip(going, draw([rows[i] for i in going], logits_BV[going]), strict=True):
                tokens[i] = token
            endings.advance([rows[i] for i in going], [tokens[i] for i in going])
            keep = [i for i, row in enumerate(rows) if not row.finish]
            if not keep:
                break
            if len(rows) - len(keep) >= LEAVE_SHARE * len(rows):
                index = torch.tensor(keep, device=device)
                cache.batch_select_indices(index)
                mask = mask[index]
                rows, tokens = [rows[i] for i in keep], [tokens[i] for i in keep]
            mask = torch.cat((mask, mask.new_ones(len(rows), 1)), dim=1)
            logits_BV = model(
                input_ids=torch.tensor(tokens, device=device)[:, None],
                attention_mask=mask,
                position_ids=mask.sum(1, keepdim=True) - 1,
                past_key_values=cache,
                use_cache=True,
            ).logits[:, -1]
            num_computed, num_rows = num_computed + len(rows), num_rows + len(rows)
            num_pairs += mask.numel()
    generated = num_generated(everything, requests)
    weights = [len(r.prompt) + n for r, n in zip(requests, generated, strict=True)]
    return Drawn.of(
        everything,
        requests,
        num_computed=share(num_computed, weights),
        num_rows=share(num_rows, weights),
        num_pairs=num_pairs,
    )


def _prefill(
    model: Any, requests: Sequence[SampleRequest], device: torch.device
) -> tuple[torch.Tensor, DynamicCache, torch.Tensor]:
    """Compute every prompt once: (mask [R, L], cache, logits of the last position [R, V])."""
    longest = max(len(request.prompt) for request in requests)
    ids = torch.zeros((len(requests), longest), dtype=torch.long, device=device)
    mask = torch.zeros_like(ids)
    for r, request in enumerate(requests):
        ids[r, longest - len(request.prompt) :] = torch.tensor(request.prompt, device=device)
        mask[r, longest - len(request.prompt) :] = 1
    cache = DynamicCache(config=model.config)
    logits = model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=(mask.cumsum(1) - 1).clamp(min=0),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    ).logits[:, -1]
    return mask, cache, logits
