"""Samples on their way: their tokens, and what ends them (an end token, a stop string, their length)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from cpmi.engines.transformers import draws
from cpmi.requests import SampleRequest


@dataclass(slots=True, eq=False)
class Row:
    """One sample in flight. `finish` is "" while it goes on, else as in `Samples.finish`."""

    request: SampleRequest
    request_index: int
    sample_index: int
    uniforms: list[float]
    tokens: list[int] = field(default_factory=list)
    num_drawn: int = 0
    text: str = ""
    finish: str = ""


@dataclass(slots=True, kw_only=True)
class Drawn:
    """What sampling gave, and what it took; every list has one entry per request.

    Attributes:
        texts, finish: [requests][samples].
        num_generated: tokens drawn.
        num_computed: positions that went through the model's body, padding included.
        num_rows: vocabulary rows computed.
        num_pairs: query-key pairs of all requests together.
    """

    texts: list[list[str]]
    finish: list[list[str]]
    num_generated: list[int]
    num_computed: list[int]
    num_rows: list[int]
    num_pairs: int

    @classmethod
    def of(
        cls,
        rows: Sequence[Row],
        requests: Sequence[SampleRequest],
        *,
        num_computed: list[int],
        num_rows: list[int],
        num_pairs: int,
    ) -> Drawn:
        """The texts of finished rows, and what they took."""
        texts = [[""] * request.num_samples for request in requests]
        finish = [[""] * request.num_samples for request in requests]
        for row in rows:
            texts[row.request_index][row.sample_index] = row.text
            finish[row.request_index][row.sample_index] = row.finish
        return cls(
            texts=texts,
            finish=finish,
            num_generated=num_generated(rows, requests),
            num_computed=num_computed,
            num_rows=num_rows,
            num_pairs=num_pairs,
        )


Draw = Callable[[Sequence[Row], torch.Tensor], list[int]]
"""Chooses one token for each row from its logits [B, V]; `draw_for`, or one that also watches."""


def make_rows(requests: Sequence[SampleRequest]) -> list[Row]:
    """All samples of all requests, in order."""
    return [
        Row(request, r, s, draws.uniforms(request.seed, s, request.max_tokens))
        for r, request in enumerate(requests)
        for s in range(request.num_samples)
    ]


def draw_for(rows: Sequence[Row], logits_BV: torch.Tensor) -> list[int]:
    """One token a row, by the settings of its request and its own next random number."""
    return draws.draw(
        logits_BV,
        np.array([row.request.temperature for row in rows], dtype=np.float64),
        np.array([row.request.top_p for row in rows], dtype=np.float64),
        np.array([row.uniforms[row.num_drawn] for row in rows], dtype=np.float64),
    )


class Endings:
    """Finishes rows. The text of a row is decoded only where it may have ended, not at every token.

    Args:
        model: its generation config names end tokens.
        tokenizer: a transformers tokenizer.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        configured = getattr(model.generation_config, "eos_token_id", None)
        ends = configured if isinstance(configured, list) else [configured]
        self._ends = frozenset(int(end) for end in (*ends, tokenizer.eos_token_id) if end is not None)
        # A token alone may lose its leading space; behind another one it shows all its text.
        self._anchor: list[int] = tokenizer("a", add_special_tokens=False).input_ids[-1:]
        self._own_text: dict[int, str] = {}
        self._may_stop: dict[tuple[str, ...], dict[int, bool]] = {}

    def advance(self, rows: Sequence[Row], tokens: Sequence[int]) -> None:
        """Append one token to every row and finish those that end with it."""
        for row, token in zip(rows, tokens, strict=True):
            row.num_drawn += 1
            if token in self._ends:
                self._finish(row, "stop")
                continue
            row.tokens.append(token)
            if row.request.stop and self._can_complete(row.request.stop, token):
                text = self._decode(row.tokens)
                cuts = [at for stop in row.request.stop if (at := text.find(stop)) >= 0]
                if cuts:
                    row.text, row.finish = text[: min(cuts)], "stop"
                    continue
            if len(row.tokens) >= row.request.max_tokens:
                self._finish(row, "length")

    def _finish(self, row: Row, finish: str) -> None:
        row.text, row.finish = self._decode(row.tokens), finish

    def _can_complete(self, stop: tuple[str, ...], token: int) -> bool:
        """Whether a stop string may end with this token: its text holds the last character of one."""
        known = self._may_stop.setdefault(stop, {})
        found = known.get(token)
        if found is None:
            text = self._text_of(token)
            # A replacement character is a part of some character: which one, the whole text will say.
            found = any(end[-1] in text for end in stop if end) or "\ufffd" in text
            known[token] = found
        return found

    def _text_of(self, token: int) -> str:
        text = self._own_text.get(token)
        if text is None:
            before = self._decode(self._anchor)
            text = self._decode([*self._anchor, token])[len(before) :]
            self._own_text[token] = text
        return text

    def _decode(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))


def num_generated(rows: Sequence[Row], requests: Sequence[SampleRequest]) -> list[int]:
    """Tokens drawn for every request so far."""
    drawn = [0] * len(requests)
    for row in rows:
        drawn[row.request_index] += row.num_drawn
    return drawn


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole number by weights so that the parts add up to it exactly."""
    whole, parts, before, end = sum(weights), [], 0, 0
    for weight in weights:
        end += weight
        now = total * end // whole
        parts.append(now - before)
        before = now
    return parts
