"""Keys and values of samples in flight: a prompt's stand once for all samples that see it.

Tokens travel as one flat row without padding, as in the tree path. A shared prefix (the longest of prompts
that begin each other) is computed once and kept; each sample has a slot of its own for what it has generated.
Attention multiplies all queries of a shared prefix with its keys in one product, each query masked to its own
prompt's length: a real matrix product, where separate samples would read a copy of the prompt each.

Letters: L layers, B rows in flight, H query heads, K key heads, G = H / K, D head size, T tokens of a
shared prefix, C capacity of a slot, W own tokens in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # the field's name for it
from transformers import AttentionInterface

from cpmi.engines.transformers.attention import refuse_what_changes_attention

NAME = "cpmi_rollout"
FIRST_CAPACITY = 64

Index = npt.NDArray[np.int64]


class Phase(Protocol):
    """One forward's worth of attention: writes keys and values down and attends."""

    def attend(
        self, layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float
    ) -> torch.Tensor:
        """Attention of one layer over the flat row; [tokens, heads, size]."""
        ...


def rollout_attention(
    module: torch.nn.Module,
    query: torch.Tensor,  # [1, H, N, D]
    key: torch.Tensor,  # [1, K, N, D]
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    rollout_phase: Phase | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of one layer; returns [1, N, H, D].

    Raises:
        UnsupportedModelError: the model asks for attention this function does not compute.
    """
    refuse_what_changes_attention(module, kwargs, attention_mask, dropout, rollout_phase)
    assert rollout_phase is not None
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    layer: Any = module.layer_idx
    return rollout_phase.attend(layer, query[0], key[0], value[0], scale)[None], None


AttentionInterface.register(NAME, rollout_attention)


@dataclass(slots=True, kw_only=True)
class SharedPrefix:
    """A prompt that others begin. `keys`, `values` [L] of [K, T, D] once it is computed."""

    tokens: tuple[int, ...]
    keys: list[torch.Tensor] = field(default_factory=list)
    values: list[torch.Tensor] = field(default_factory=list)


class Prefill:
    """Shared prefixes side by side in one flat row: each sees itself, causally; keys and values are kept."""

    def __init__(self, shared_prefixes: Sequence[SharedPrefix]) -> None:
        self._shared_prefixes = shared_prefixes
        ends = np.cumsum([0, *(len(shared_prefix.tokens) for shared_prefix in shared_prefixes)]).tolist()
        self._parts = [slice(start, stop) for start, stop in pairwise(ends)]

    def attend(
        self, layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float
    ) -> torch.Tensor:
        """Attention of one layer over the flat row; [tokens, heads, size]."""
        out = query.new_empty((query.shape[1], query.shape[0], value.shape[-1]))
        for shared_prefix, part in zip(self._shared_prefixes, self._parts, strict=True):
            assert len(shared_prefix.keys) == layer
            shared_prefix.keys.append(key[:, part].contiguous())
            shared_prefix.values.append(value[:, part].contiguous())
            attended = F.scaled_dot_product_attention(
                query[None, :, part],
                key[None, :, part],
                value[None, :, part],
                is_causal=True,
                scale=scale,
                enable_gqa=query.shape[0] != key.shape[0],
            )
            out[part] = attended[0].transpose(0, 1)
        return out


class Slots:
    """What the samples in flight have generated: one tensor [L, 2 (keys, values), slots, K, C, D].

    The capacity C grows by doubling, so that short samples do not pay for the longest one allowed.
    """

    def __init__(self, num_slots: int, num_layers: int, like: torch.Tensor, *, limit: int) -> None:
        self._limit = limit
        heads, _, size = like.shape
        shape = (num_layers, 2, num_slots, heads, min(FIRST_CAPACITY, limit), size)
        # Zeros: what is masked is still multiplied, and stale memory may hold a NaN.
        self.stored = like.new_zeros(shape)

    def reserve(self, num_tokens: int) -> None:
        """Make room for this many tokens a slot."""
        capacity = self.stored.shape[4]
        if num_tokens > capacity:
            shape = list(self.stored.shape)
            shape[4] = min(self._limit, max(num_tokens, 2 * capacity))
            wider = self.stored.new_zeros(shape)
            wider[:, :, :, :, :capacity] = self.stored
            self.stored = wider

    def move(self, sources: Sequence[int], targets: Sequence[int], num_tokens: int) -> None:
        """Copy what stands in some slots to others."""
        device = self.stored.device
        source, target = torch.tensor(sources, device=device), torch.tensor(targets, device=device)
        self.stored[:, :, target, :, :num_tokens] = self.stored[:, :, source, :, :num_tokens]


@dataclass(slots=True)
class _Group:
    """Rows `start:stop`, in the order of the shared prefixes, see this shared prefix.

    `bias` [stop-start, 1, T+W] is -inf where a row must not look, else 0: adding it is ten times faster than
    masked_fill on a processor.
    """

    shared_prefix: SharedPrefix
    start: int
    stop: int
    bias: torch.Tensor


class Decode:
    """One token for each of B rows: writes its keys and values, then sees its prompt and its own tokens.

    Args:
        slots: row b owns slot b.
        shared prefixes: of the rows, [B].
        num_visible_B: how many tokens of its shared prefix each row sees.
        num_own_B: how many tokens of its own each row has stored before this one.
    """

    def __init__(
        self, slots: Slots, shared_prefixes: Sequence[SharedPrefix], num_visible_B: Index, num_own_B: Index
    ) -> None:
        self._num_own = int(num_own_B.max()) + 1
        slots.reserve(self._num_own)
        self._slots = slots
        device = slots.stored.device
        number: dict[int, int] = {}
        numbers_B = np.array(
            [number.setdefault(id(shared_prefix), len(number)) for shared_prefix in shared_prefixes]
        )
        order_B = np.argsort(numbers_B, kind="stable")
        inverse_B = np.empty_like(order_B)
        inverse_B[order_B] = np.arange(len(order_B))
        stops = np.cumsum(np.bincount(numbers_B)).tolist()
        self._groups = []
        for start, stop in pairwise([0, *stops]):
            rows, shared_prefix = order_B[start:stop], shared_prefixes[order_B[start]]
            hidden_BT = np.arange(len(shared_prefix.tokens)) >= num_visible_B[rows, None]
            hidden_BW = np.arange(self._num_own) > num_own_B[rows, None]
            hidden = torch.from_numpy(np.concatenate((hidden_BT, hidden_BW), axis=1))[:, None]
            bias = torch.zeros(hidden.shape, dtype=slots.stored.dtype).masked_fill_(hidden, float("-inf"))
            self._groups.append(_Group(shared_prefix, start, stop, bias.to(device)))
        self._order = torch.from_numpy(order_B).to(device)
        self._inverse = torch.from_numpy(inverse_B).to(device)
        self._rows = torch.arange(len(shared_prefixes), device=device)
        self._next = torch.from_numpy(num_own_B).to(device)

    @property
    def num_pairs(self) -> int:
        """Query-key pairs of one layer, masked ones included."""
        shared = sum((group.stop - group.start) * len(group.shared_prefix.tokens) for group in self._groups)
        return shared + len(self._rows) * self._num_own

    def attend(
        self, layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float
    ) -> torch.Tensor:
        """Attention of one layer over the flat row; [tokens, heads, size]."""
        num_heads, num_rows, size = query.shape
        num_keys = key.shape[0]
        num_grouped = num_heads // num_keys
        stored = self._slots.stored[layer]
        stored[0, self._rows, :, self._next] = key.transpose(0, 1)
        stored[1, self._rows, :, self._next] = value.transpose(0, 1)
        keys, values = stored[:, :num_rows, :, : self._num_own].flatten(1, 2)  # [B K, W, D], views

        # A row's own tokens: many small products, in the order of the slots. What they give and take goes to
        # the order of the shared prefixes and back.
        query_BKGD = (
            (query * scale).view(num_keys, num_grouped, num_rows, size).permute(2, 0, 1, 3).contiguous()
        )
        own = torch.bmm(query_BKGD.view(-1, num_grouped, size), keys.transpose(1, 2))
        own_scores = self._sorted(own.view(num_rows, num_keys, num_grouped, -1))
        own_weights = torch.empty_like(own_scores)
        attended = query.new_empty((num_keys, num_rows * num_grouped, size))
        sorted_query = self._sorted(query_BKGD)
        for group in self._groups:
            part = slice(group.start * num_grouped, group.stop * num_grouped)
            shared_prefix_keys, shared_prefix_values = (
                group.shared_prefix.keys[layer],
                group.shared_prefix.values[layer],
            )
            shared = torch.bmm(sorted_query[:, part], shared_prefix_keys.transpose(1, 2))
            scores = torch.cat((shared, own_scores[:, part]), dim=2)
            scores.view(num_keys, -1, num_grouped, scores.shape[2]).add_(group.bias)
            weights = scores.softmax(-1, dtype=torch.float32).to(query.dtype)
            attended[:, part] = torch.bmm(weights[..., : shared_prefix_keys.shape[1]], shared_prefix_values)
            own_weights[:, part] = weights[..., shared_prefix_keys.shape[1] :]
        shared = self._unsorted(attended, num_grouped)
        own = torch.bmm(self._unsorted(own_weights, num_grouped).view(-1, num_grouped, self._num_own), values)
        return (shared + own.view(shared.shape)).view(num_rows, num_heads, size)

    def _sorted(self, values_BKGX: torch.Tensor) -> torch.Tensor:
        """[K, B G, X] in the order of the shared prefixes."""
        num_rows, num_keys, num_grouped, width = values_BKGX.shape
        moved = values_BKGX.index_select(0, self._order).transpose(0, 1)
        return moved.reshape(num_keys, num_rows * num_grouped, width)

    def _unsorted(self, values_KNX: torch.Tensor, num_grouped: int) -> torch.Tensor:
        """[B, K, G, X] in the order of the slots."""
        num_keys, _, width = values_KNX.shape
        return (
            values_KNX.view(num_keys, -1, num_grouped, width).transpose(0, 1).index_select(0, self._inverse)
        )
