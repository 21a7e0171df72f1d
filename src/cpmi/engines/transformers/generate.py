"""Sampling: each prompt is computed once, all samples of all requests decode side by side.

Draws depend on (seed, sample index) alone, through one uniform number a token and the inverse of the
cumulated distribution; so a sample does not change when its neighbors in the batch do (up to rounding).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from transformers import DynamicCache

from cpmi.errors import UnsupportedModelError
from cpmi.requests import SampleRequest

# Tokens looked at before the whole vocabulary is sorted for the nucleus: nearly always they hold its mass.
NUCLEUS_GUESS = 256
# Finished rows leave the batch when they are this share of it: each leaving copies the cache.
LEAVE_SHARE = 0.125


@dataclass(slots=True)
class _Row:
    """One sample in flight."""

    request: SampleRequest
    order: tuple[int, int]  # (request index, sample index)
    random: np.random.Generator
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    finish: str = ""


@dataclass(slots=True, kw_only=True)
class Drawn:
    """Texts and finish reasons [requests][samples], and what it took."""

    texts: list[list[str]]
    finish: list[list[str]]
    num_generated: list[int]
    num_body_tokens: int
    num_rows: int
    num_pairs: int


def sample_batch(model: Any, tokenizer: Any, requests: Sequence[SampleRequest]) -> Drawn:
    """Sample all requests together.

    tokenizer: a transformers tokenizer. Prompts are padded on the left; positions follow the mask.
    """
    device = next(model.parameters()).device
    rows = [
        _Row(request, (r, s), np.random.Generator(np.random.PCG64([request.seed, s])))
        for r, request in enumerate(requests)
        for s in range(request.num_samples)
    ]
    everything = list(rows)
    ends = _end_tokens(model, tokenizer)
    with torch.inference_mode():
        mask, cache, logits_BV = _prefill(model, requests, device)
        drawn = Drawn(
            texts=[],
            finish=[],
            num_generated=[0] * len(requests),
            num_body_tokens=mask.numel(),
            num_rows=len(requests),
            num_pairs=mask.shape[0] * mask.shape[1] * (mask.shape[1] + 1) // 2,
        )
        pick = torch.tensor([row.order[0] for row in rows], device=device)
        cache.batch_select_indices(pick)
        mask, logits_BV = mask[pick], logits_BV[pick]
        while rows:
            tokens = draw(logits_BV, rows)
            for row, token in zip(rows, tokens, strict=True):
                if not row.finish:
                    drawn.num_generated[row.order[0]] += 1
                    _advance(row, token, ends, tokenizer)
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
            drawn.num_body_tokens += len(rows)
            drawn.num_rows += len(rows)
            drawn.num_pairs += mask.numel()
    for r in range(len(requests)):
        own = [row for row in everything if row.order[0] == r]
        drawn.texts.append([row.text for row in own])
        drawn.finish.append([row.finish for row in own])
    return drawn


def draw(logits_BV: torch.Tensor, rows: Sequence[_Row]) -> list[int]:
    """One token a row, by the temperature and nucleus of the row's request."""
    tokens = []
    for logits_V, row in zip(logits_BV.float(), rows, strict=True):
        request = row.request
        if request.temperature == 0:
            tokens.append(int(logits_V.argmax()))
            continue
        probs_V = (logits_V / request.temperature).softmax(-1)
        tokens.append(_inverse_cdf(probs_V, request.top_p, row.random.random()))
    return tokens


def _inverse_cdf(probs_V: torch.Tensor, top_p: float, uniform: float) -> int:
    """The token at `uniform` of the nucleus' mass, most probable tokens first."""
    size = min(NUCLEUS_GUESS, len(probs_V))
    top, tokens = probs_V.topk(size)
    mass = top.double().cumsum(-1)
    if float(mass[-1]) < top_p and size < len(probs_V):
        top, tokens = probs_V.sort(descending=True, stable=True)
        mass = top.double().cumsum(-1)
    # The nucleus: the fewest tokens whose mass reaches top_p.
    last = min(int(torch.searchsorted(mass, min(top_p, float(mass[-1])))), len(mass) - 1)
    chosen = int(torch.searchsorted(mass[: last + 1], uniform * float(mass[last]), right=True))
    return int(tokens[min(chosen, last)])


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
    kinds = set(getattr(model.config.get_text_config(), "layer_types", None) or ())
    if kinds - {"full_attention", "sliding_attention"}:
        raise UnsupportedModelError(
            "samples of one prompt cannot share its computation in this model",
            got=f"layers of the kinds {', '.join(sorted(kinds))}",
            hint="Use --sampled 0.",
        )
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


def _advance(row: _Row, token: int, ends: frozenset[int], tokenizer: Any) -> None:
    """Append one token, and finish the row at its end token, a stop string or its length."""
    if token in ends:
        row.finish = "stop"
        return
    row.tokens.append(token)
    row.text = tokenizer.decode(row.tokens, skip_special_tokens=True)
    cuts = [at for stop in row.request.stop if (at := row.text.find(stop)) >= 0]
    if cuts:
        row.text, row.finish = row.text[: min(cuts)], "stop"
    elif len(row.tokens) >= row.request.max_tokens:
        row.finish = "length"


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """The tokens that end a text, from the generation config and the tokenizer."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    ends = configured if isinstance(configured, list) else [configured]
    return frozenset(int(end) for end in (*ends, tokenizer.eos_token_id) if end is not None)
