"""Keys and values of samples in flight: a prompt's stand once for all samples that see it.

Tokens travel as one flat row without padding, as in the tree path. A trunk (the longest of prompts that begin
each other) is computed once and kept; each sample has a slot of its own for what it has generated. Attention
multiplies all queries of a trunk with its keys in one product, each query masked to its own prompt's length:
a real matrix product, where separate samples would read a copy of the prompt each.

Letters: L layers, B rows in flight, H query heads, K key heads, G = H / K, D head size, T trunk tokens,
C capacity of a slot, W own tokens in use.
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
    ) -> torch.Tensor: ...


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
class Trunk:
    """A prompt that others begin. `keys`, `values` [L] of [K, T, D] once it is computed."""

    tokens: tuple[int, ...]
    keys: list[torch.Tensor] = field(default_factory=list)
    values: list[torch.Tensor] = field(default_factory=list)


class Prefill:
    """Trunks side by side in one flat row: each sees itself, causally; keys and values are kept."""

    def __init__(self, trunks: Sequence[Trunk]) -> None:
        self._trunks = trunks
        ends = np.cumsum([0, *(len(trunk.tokens) for trunk in trunks)]).tolist()
        self._parts = [slice(start, stop) for start, stop in pairwise(ends)]

    def attend(
        self, layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float
    ) -> torch.Tensor:
        out = query.new_empty((query.shape[1], query.shape[0], value.shape[-1]))
        for trunk, part in zip(self._trunks, self._parts, strict=True):
            assert len(trunk.keys) == layer
            trunk.keys.append(key[:, part].contiguous())
            trunk.values.append(value[:, part].contiguous())
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
    """Rows `start:stop`, in the order of the trunks, see this trunk."""

    trunk: Trunk
    start: int
    stop: int


class Decode:
    """One token for each of B rows: writes its keys and values, then sees its prompt and its own tokens.

    Args:
        slots: row b owns slot b.
        trunks: of the rows, [B].
        num_visible_B: how many tokens of its trunk each row sees.
        num_own_B: how many tokens of its own each row has stored before this one.
        workspace: memory that is used again by every layer and step.
    """

    def __init__(
        self,
        slots: Slots,
        trunks: Sequence[Trunk],
        num_visible_B: Index,
        num_own_B: Index,
        workspace: Workspace,
    ) -> None:
        self._slots, self._workspace = slots, workspace
        device = slots.stored.device
        number: dict[int, int] = {}
        numbers_B = np.array([number.setdefault(id(trunk), len(number)) for trunk in trunks])
        order_B = np.argsort(numbers_B, kind="stable")
        inverse_B = np.empty_like(order_B)
        inverse_B[order_B] = np.arange(len(order_B))
        stops = np.cumsum(np.bincount(numbers_B)).tolist()
        self._groups = [_Group(trunks[order_B[start]], start, stop) for start, stop in pairwise([0, *stops])]
        self._num_own = int(num_own_B.max()) + 1
        self._num_trunk = max(len(group.trunk.tokens) for group in self._groups)
        slots.reserve(self._num_own)
        # Hidden, in the order of the trunks: trunk tokens behind the row's prompt, own tokens not written.
        hidden_BT = np.arange(self._num_trunk)[None] >= num_visible_B[order_B, None]
        hidden_BW = np.arange(self._num_own)[None] > num_own_B[order_B, None]
        hidden = torch.from_numpy(np.concatenate((hidden_BT, hidden_BW), axis=1)).to(device)
        # Added to the scores: ten times faster than masked_fill on a processor.
        self._bias = torch.zeros(hidden.shape, dtype=slots.stored.dtype, device=device)
        self._bias.masked_fill_(hidden, float("-inf"))
        self._order = torch.from_numpy(order_B).to(device)
        self._inverse = torch.from_numpy(inverse_B).to(device)
        self._rows = torch.arange(len(trunks), device=device)
        self._next = torch.from_numpy(num_own_B).to(device)

    @property
    def num_pairs(self) -> int:
        """Query-key pairs of one layer, masked ones included."""
        shared = sum((group.stop - group.start) * len(group.trunk.tokens) for group in self._groups)
        return shared + len(self._rows) * self._num_own

    def attend(
        self, layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float
    ) -> torch.Tensor:
        num_heads, num_rows, size = query.shape
        num_keys = key.shape[0]
        num_grouped = num_heads // num_keys
        width = self._num_trunk + self._num_own
        stored = self._slots.stored[layer]
        stored[0, self._rows, :, self._next] = key.transpose(0, 1)
        stored[1, self._rows, :, self._next] = value.transpose(0, 1)
        own_keys = stored[0, :num_rows, :, : self._num_own].flatten(0, 1)  # [B K, W, D], a view
        own_values = stored[1, :num_rows, :, : self._num_own].flatten(0, 1)
        query_BKGD = (query * scale).view(num_keys, num_grouped, num_rows, size).permute(2, 0, 1, 3)

        scores = self._workspace.scores((num_keys, num_rows, num_grouped, width), query)
        own = torch.bmm(query_BKGD.reshape(-1, num_grouped, size), own_keys.transpose(1, 2))
        own = own.view(num_rows, num_keys, num_grouped, -1)
        scores[..., self._num_trunk :] = own.index_select(0, self._order).transpose(0, 1)
        flat = scores.view(num_keys, num_rows * num_grouped, width)
        sorted_query = query_BKGD.index_select(0, self._order).transpose(0, 1).reshape(num_keys, -1, size)
        for group in self._groups:
            part = slice(group.start * num_grouped, group.stop * num_grouped)
            keys = group.trunk.keys[layer]
            flat[:, part, : keys.shape[1]] = torch.bmm(sorted_query[:, part], keys.transpose(1, 2))
            flat[:, part, keys.shape[1] : self._num_trunk] = 0.0  # no stale number below the mask
        scores += self._bias[:, None]
        weights = scores.softmax(-1, dtype=torch.float32).to(query.dtype)

        flat = weights.view(num_keys, num_rows * num_grouped, width)
        attended = query.new_empty((num_keys, num_rows * num_grouped, size))
        for group in self._groups:
            part = slice(group.start * num_grouped, group.stop * num_grouped)
            values = group.trunk.values[layer]
            attended[:, part] = torch.bmm(flat[:, part, : values.shape[1]], values)
        own = weights[..., self._num_trunk :].transpose(0, 1).index_select(0, self._inverse)
        own = torch.bmm(own.reshape(-1, num_grouped, self._num_own), own_values)
        attended = attended.view(num_keys, num_rows, num_grouped, size).transpose(0, 1)
        attended = attended.index_select(0, self._inverse)
        return (attended + own.view(attended.shape)).reshape(num_rows, num_heads, size)


class Workspace:
    """A buffer for attention scores: fresh memory for every layer would cost more than the arithmetic."""

    def __init__(self) -> None:
        self._buffer: torch.Tensor | None = None

    def scores(self, shape: tuple[int, ...], like: torch.Tensor) -> torch.Tensor:
        count = int(np.prod(shape))
        if self._buffer is None or self._buffer.numel() < count:
            self._buffer = like.new_empty(count + count // 4)
        return self._buffer[:count].view(shape)
