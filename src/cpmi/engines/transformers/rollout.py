"""The fast way to sample: many samples in flight, each prompt computed once, finished samples make room.

Prompts that begin each other (the prefixes of one chain) have one shared prefix. Every step draws one token
for every row in flight; a row that ends leaves at once and a waiting one takes its slot. Equal to the plain
way (`generate.py`) up to float rounding; a test holds them together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from cpmi.engines.transformers.attention import attention_of
from cpmi.engines.transformers.endings import (
    Draw,
    Drawn,
    Endings,
    Row,
    draw_for,
    make_rows,
)
from cpmi.engines.transformers.rollout_cache import (
    NAME,
    Bundle,
    Decode,
    Phase,
    Prefill,
    SharedPrefix,
    Slots,
    bundle_of,
)
from cpmi.requests import SampleRequest

MAX_ROWS = 512  # more rows in flight are not faster: the products are large enough by then
LOGITS_BYTES = 256 * 2**20  # bound on the vocabulary rows of one step
PREFILL_TOKENS = 512  # shared prefixes computed in one forward
# Bounds on keys and values: of what samples have generated, each taken at its full length allowed, and of the
# shared prefixes in flight. One row and one shared prefix are always let in.
SLOT_BYTES, SHARED_PREFIX_BYTES = 2 * 2**30, 2**30


@dataclass(slots=True, eq=False)
class _Group:
    """Requests whose prompts begin the shared prefix, and how many of their samples are not finished."""

    shared_prefix: SharedPrefix
    request_indices: list[int] = field(default_factory=list)
    num_left: int = 0
    logits_V: dict[int, torch.Tensor] = field(default_factory=dict)  # prompt length -> after the prompt


def sample_shared(
    model: Any, endings: Endings, requests: Sequence[SampleRequest], draw: Draw = draw_for
) -> Drawn:
    """Sample all requests together; the order in which rows enter is a function of the requests alone."""
    if not requests:
        return Drawn(texts=[], finish=[], num_generated=[], num_computed=[], num_rows=[], num_pairs=0)
    flight = _Flight(model, endings, requests, draw)
    with torch.inference_mode(), attention_of(model, NAME):
        while flight.let_in():
            flight.step()
    return flight.drawn()


class _Flight:
    """The rows in flight; row b is in slot b."""

    def __init__(self, model: Any, endings: Endings, requests: Sequence[SampleRequest], draw: Draw) -> None:
        self._model, self._endings, self._requests, self._draw = model, endings, requests, draw
        self._device = next(model.parameters()).device
        self._everything = make_rows(requests)
        self._group_of = _groups(requests)
        rows_of: dict[int, list[Row]] = {}
        for row in self._everything:
            rows_of.setdefault(row.request_index, []).append(row)
        groups = list(dict.fromkeys(self._group_of))
        for row in self._everything:
            self._group_of[row.request_index].num_left += 1
        # The samples of one shared prefix enter together, so that few shared prefixes are in flight.
        self._waiting = deque(
            row for group in groups for r in group.request_indices for row in rows_of.get(r, [])
        )
        self._in_flight: list[_Group] = []
        self._rows: list[Row] = []
        self._slots: Slots | None = None
        self._bundle: Bundle | None = None
        self._longest = max(request.max_tokens for request in requests)
        self._bytes_per_token = _bytes_per_token(model)
        self._num_slots = self._choose_num_slots()
        self._num_computed = [0] * len(requests)
        self._num_vocabulary_rows = [0] * len(requests)
        self._num_pairs = 0

    def let_in(self) -> bool:
        """Fill free slots with waiting rows, which draw their first token. Whether any row is in flight."""
        while self._waiting and len(self._rows) < self._num_slots and (entering := self._admit()):
            logits_BV = torch.stack([self._group(row).logits_V[len(row.request.prompt)] for row in entering])
            self._rows += entering
            self._endings.advance(entering, self._draw(entering, logits_BV))
            self._drop_finished()
        return bool(self._rows)

    def step(self) -> None:
        """One forward and one draw for every row in flight."""
        num_own_B = np.array([len(row.tokens) - 1 for row in self._rows])
        num_visible_B = np.array([len(row.request.prompt) for row in self._rows])
        shared_prefixes = [self._group(row).shared_prefix for row in self._rows]
        if self._slots is None:
            self._slots = Slots(self._num_slots, shared_prefixes[0], limit=self._longest)
        self._bundle = bundle_of(self._bundle, shared_prefixes)
        phase = Decode(self._slots, shared_prefixes, num_visible_B, num_own_B, self._bundle)
        tokens = torch.tensor([[row.tokens[-1] for row in self._rows]], device=self._device)
        positions = torch.from_numpy(num_visible_B + num_own_B)[None].to(self._device)
        logits_BV = self._forward(tokens, positions, phase, keep=0)
        self._num_pairs += phase.num_pairs
        for row in self._rows:
            self._num_computed[row.request_index] += 1
            self._num_vocabulary_rows[row.request_index] += 1
        self._endings.advance(self._rows, self._draw(self._rows, logits_BV))
        self._drop_finished()

    def drawn(self) -> Drawn:
        return Drawn.of(
            self._everything,
            self._requests,
            num_computed=self._num_computed,
            num_rows=self._num_vocabulary_rows,
            num_pairs=self._num_pairs,
        )

    def _group(self, row: Row) -> _Group:
        return self._group_of[row.request_index]

    def _admit(self) -> list[Row]:
        """The next waiting rows that find a slot and room for their shared prefixes, which are computed."""
        entering: list[Row] = []
        fresh: list[_Group] = []
        while self._waiting and len(self._rows) + len(entering) < self._num_slots:
            group = self._group(self._waiting[0])
            if group not in self._in_flight:
                used = sum(len(other.shared_prefix.tokens) for other in self._in_flight)
                if (
                    self._in_flight
                    and (used + len(group.shared_prefix.tokens)) * self._bytes_per_token > SHARED_PREFIX_BYTES
                ):
                    break
                self._in_flight.append(group)
                fresh.append(group)
            entering.append(self._waiting.popleft())
        for batch in _by_tokens(fresh):
            self._prefill(batch)
        return entering

    def _prefill(self, groups: Sequence[_Group]) -> None:
        """Compute shared prefixes, and the logits after every prompt in them."""
        tokens = [token for group in groups for token in group.shared_prefix.tokens]
        positions = [at for group in groups for at in range(len(group.shared_prefix.tokens))]
        places: list[tuple[_Group, int]] = []
        rows: list[int] = []
        start = 0
        for group in groups:
            before = 0
            for r in sorted(group.request_indices, key=lambda r: len(self._requests[r].prompt)):
                length = len(self._requests[r].prompt)
                # Prompt tokens are computed once; they count for the first request that needs them.
                self._num_computed[r] += length - before
                if length > before:
                    places.append((group, length))
                    rows.append(start + length - 1)
                    self._num_vocabulary_rows[r] += 1
                before = length
            start += before
            self._num_pairs += before * (before + 1) // 2
        logits_RV = self._forward(
            torch.tensor([tokens], device=self._device),
            torch.tensor([positions], device=self._device),
            Prefill([group.shared_prefix for group in groups]),
            keep=torch.tensor(rows, device=self._device),
        )
        for (group, length), logits_V in zip(places, logits_RV, strict=True):
            group.logits_V[length] = logits_V

    def _forward(
        self, tokens: torch.Tensor, positions: torch.Tensor, phase: Phase, *, keep: int | torch.Tensor
    ) -> torch.Tensor:
        logits: torch.Tensor = self._model(
            input_ids=tokens,
            position_ids=positions,
            use_cache=False,
            logits_to_keep=keep,
            rollout_phase=phase,
        ).logits[0]
        return logits

    def _drop_finished(self) -> None:
        """Take finished rows out; the last rows move into the slots that they leave."""
        holes = [b for b, row in enumerate(self._rows) if row.finish]
        if not holes:
            return
        for b in holes:
            group = self._group(self._rows[b])
            group.num_left -= 1
            if not group.num_left:
                self._in_flight.remove(group)
                group.shared_prefix.keys.clear()
                group.shared_prefix.values.clear()
                group.logits_V.clear()
        num_left = len(self._rows) - len(holes)
        targets = [b for b in holes if b < num_left]
        sources = [b for b in range(num_left, len(self._rows)) if not self._rows[b].finish]
        if targets:
            if self._slots is not None:
                used = max(len(self._rows[b].tokens) - 1 for b in sources)
                self._slots.move(sources, targets, used)
            for source, target in zip(sources, targets, strict=True):
                self._rows[target] = self._rows[source]
        del self._rows[num_left:]

    def _choose_num_slots(self) -> int:
        vocabulary: int = self._model.get_output_embeddings().weight.shape[0]
        by_logits = LOGITS_BYTES // (4 * vocabulary)
        by_cache = SLOT_BYTES // (self._longest * self._bytes_per_token)
        return max(1, min(MAX_ROWS, by_logits, by_cache, len(self._everything)))


def _groups(requests: Sequence[SampleRequest]) -> list[_Group]:
    """The group of every request: one a longest prompt, with all prompts that begin it."""
    order = sorted(range(len(requests)), key=lambda r: requests[r].prompt, reverse=True)
    group_of: dict[int, _Group] = {}
    last: _Group | None = None
    # In descending order of the tokens, a prompt stands behind the longer ones that it begins.
    for r in order:
        prompt = requests[r].prompt
        if last is None or last.shared_prefix.tokens[: len(prompt)] != prompt:
            last = _Group(SharedPrefix(tokens=prompt))
        group_of[r] = last
    for r in range(len(requests)):
        group_of[r].request_indices.append(r)
    return [group_of[r] for r in range(len(requests))]


def _by_tokens(groups: Sequence[_Group]) -> list[list[_Group]]:
    """Groups in order, in batches of at most PREFILL_TOKENS tokens; a longer one stands alone."""
    batches: list[list[_Group]] = []
    used = 0
    for group in groups:
        size = len(group.shared_prefix.tokens)
        if not batches or used + size > PREFILL_TOKENS:
            batches.append([])
            used = 0
        batches[-1].append(group)
        used += size
    return batches


def _bytes_per_token(model: Any) -> int:
    """Keys and values of one token in all layers, as wide as the wider of them."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    size = max(size, getattr(config, "qk_head_dim", None) or 0, getattr(config, "v_head_dim", None) or 0)
    return int(2 * config.num_hidden_layers * heads * size * model.dtype.itemsize)
