"""The plain way to sample from models that a padded batch would change: recurrent states, positions by row.

Prompts of one length are computed side by side, without padding: through the model's own `generate`, whose
cache may be of any kind, or, where none works, by a forward over everything at each token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from transformers import GenerationConfig

from cpmi.engines.transformers.endings import (
    Draw,
    Drawn,
    Endings,
    Row,
    draw_for,
    make_rows,
    num_generated,
    share,
)
from cpmi.engines.transformers.generate import sample_batch
from cpmi.engines.transformers.routes import PlainSampling
from cpmi.requests import SampleRequest

NextTokens = Callable[[list[Row], torch.Tensor], list[int]]
"""Append a token to unfinished rows, by their logits [B, V]."""


def sample_cached(
    model: Any, endings: Endings, requests: Sequence[SampleRequest], draw: Draw = draw_for
) -> Drawn:
    """Sample through the model's own `generate`; every sample computes its prompt."""
    return _sample(_generate, model, endings, requests, draw)


def sample_uncached(
    model: Any, endings: Endings, requests: Sequence[SampleRequest], draw: Draw = draw_for
) -> Drawn:
    """Sample by one forward over prompt and sample for every token."""
    return _sample(_forward_all, model, endings, requests, draw)


def _sample(
    way: Callable[[Any, list[Row], NextTokens], tuple[int, int]],
    model: Any,
    endings: Endings,
    requests: Sequence[SampleRequest],
    draw: Draw,
) -> Drawn:
    everything = make_rows(requests)
    num_computed, num_pairs = [0] * len(requests), 0
    by_length: dict[int, list[Row]] = {}
    for row in everything:
        by_length.setdefault(len(row.request.prompt), []).append(row)
    for rows in by_length.values():
        with torch.inference_mode(), _no_generation_defaults(model):
            computed, pairs = way(model, rows, partial(_next_tokens, endings, draw))
        num_pairs += pairs
        for row, computed_by_row in zip(rows, share(computed, [1] * len(rows)), strict=True):
            num_computed[row.request_index] += computed_by_row
    return Drawn.of(
        everything,
        requests,
        num_computed=num_computed,
        num_rows=num_generated(everything, requests),  # one vocabulary row per token
        num_pairs=num_pairs,
    )


def _next_tokens(endings: Endings, draw: Draw, rows: list[Row], logits_BV: torch.Tensor) -> list[int]:
    drawn = draw(rows, logits_BV)
    endings.advance(rows, drawn)
    return drawn


def _generate(model: Any, rows: list[Row], next_tokens: NextTokens) -> tuple[int, int]:
    """(positions computed, query-key pairs); rows go on until the last one has ended."""
    prompts = _prompts(model, rows)

    def choose(_: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        going = [b for b, row in enumerate(rows) if not row.finish]
        chosen = torch.full_like(scores, float("-inf"))
        chosen[:, 0] = 0.0  # of rows that have ended
        chosen[going] = float("-inf")
        chosen[going, next_tokens([rows[b] for b in going], scores[going])] = 0.0
        return chosen

    def ended(ids: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        return torch.tensor([bool(row.finish) for row in rows], device=ids.device)

    whole = model.generate(
        input_ids=prompts,
        attention_mask=torch.ones_like(prompts),
        logits_processor=[choose],
        stopping_criteria=[ended],
        max_new_tokens=max(row.request.max_tokens for row in rows),
        do_sample=False,
        pad_token_id=0,
    )
    length = whole.shape[1] - 1
    return len(rows) * length, len(rows) * length * (length + 1) // 2


def _forward_all(model: Any, rows: list[Row], next_tokens: NextTokens) -> tuple[int, int]:
    """(positions computed, query-key pairs); a row leaves when it has ended."""
    ids, computed, pairs = _prompts(model, rows), 0, 0
    while rows:
        logits_BV = model(input_ids=ids, use_cache=False).logits[:, -1]
        num_rows, length = ids.shape
        computed, pairs = computed + num_rows * length, pairs + num_rows * length * (length + 1) // 2
        following = torch.tensor(next_tokens(rows, logits_BV), device=ids.device)[:, None]
        going = [b for b, row in enumerate(rows) if not row.finish]
        ids, rows = torch.cat((ids, following), dim=1)[going], [rows[b] for b in going]
    return computed, pairs


def _prompts(model: Any, rows: Sequence[Row]) -> torch.Tensor:
    return torch.tensor([row.request.prompt for row in rows], device=next(model.parameters()).device)


@contextmanager
def _no_generation_defaults(model: Any) -> Iterator[None]:
    """Without a checkpoint's own generation defaults, which `generate` would mix with ours."""
    before = getattr(model, "generation_config", None)
    model.generation_config = GenerationConfig()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        model.generation_config = before


SAMPLING_WAYS: dict[PlainSampling, Callable[..., Drawn]] = {
    "padded": sample_batch,
    "cached": sample_cached,
    "uncached": sample_uncached,
}
"""How the plain path samples, by name."""
