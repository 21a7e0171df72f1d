"""Keys and values of samples in flight: a prompt's stand once for all samples that see it.

Tokens travel as one flat row without padding, as in the tree path. A shared prefix (the longest of prompts
that begin each other) is computed once and kept; each sample has a slot of its own for what it has generated.
Attention multiplies all queries of a shared prefix with its keys in one product, each query masked to its own
prompt's length: a real matrix product, where separate samples would read a copy of the prompt each.

Shared prefixes that few samples see are padded to one length and multiplied together: many products of a few
rows each would cost more to start than to compute.

Letters: L layers, B rows in flight, H query heads, K key heads, G = H / K, D head size (V of the values), T
tokens of a shared prefix, C capacity of a slot, W own tokens in use, N rows of a group, P shared prefixes of
a bundle.
"""

from __future__ import annotations

from collections import Counter
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
from cpmi.errors import UnsupportedModelError

NAME = "cpmi_rollout"
FIRST_CAPACITY = 64
FEW_ROWS = 8  # at most so many rows of a shared prefix make it worth bundling
MIN_BUNDLE = 4  # shared prefixes

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
            if len(shared_prefix.keys) != layer:
                raise UnsupportedModelError(
                    "this model's attention cannot branch", got="a layer that attends more than once"
                )
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


class Bundle:
    """Shared prefixes side by side, padded to the longest: `keys`, `values` [L] of [K, P, T, D].

    They give up their own keys and values for views of these.
    """

    def __init__(self, shared_prefixes: Sequence[SharedPrefix]) -> None:
        self.place = {id(shared_prefix): p for p, shared_prefix in enumerate(shared_prefixes)}
        self.num_tokens = max(len(shared_prefix.tokens) for shared_prefix in shared_prefixes)
        self.keys = self._stacked([shared_prefix.keys for shared_prefix in shared_prefixes])
        self.values = self._stacked([shared_prefix.values for shared_prefix in shared_prefixes])

    def _stacked(self, stored: Sequence[list[torch.Tensor]]) -> list[torch.Tensor]:
        layers = []
        for layer in range(len(stored[0])):
            like = stored[0][layer]
            whole = like.new_zeros((like.shape[0], len(stored), self.num_tokens, like.shape[2]))
            for p, own in enumerate(stored):
                part = whole[:, p, : own[layer].shape[1]]
                part.copy_(own[layer])
                own[layer] = part
            layers.append(whole)
        return layers


def bundle_of(before: Bundle | None, shared_prefixes: Sequence[SharedPrefix]) -> Bundle | None:
    """A bundle of the shared prefixes that few rows see; the one before while most of it is still of use.

    Args:
        before: of the step before.
        shared_prefixes: of the rows, [B].
    """
    counts = Counter(map(id, shared_prefixes))
    narrow = {id(one): one for one in shared_prefixes if counts[id(one)] <= FEW_ROWS}
    if len(narrow) < MIN_BUNDLE:
        return None
    if before is not None and len(before.place) <= 2 * len(narrow) and before.place.keys() >= narrow.keys():
        return before
    return Bundle(list(narrow.values()))


class Slots:
    """What the samples in flight have generated: keys [L, slots, K, C, D] and values [L, slots, K, C, V].

    The capacity C grows by doubling, so that short samples do not pay for the longest one allowed.
    """

    def __init__(self, num_slots: int, shared_prefix: SharedPrefix, *, limit: int) -> None:
        self._limit = limit
        self.keys, self.values = (
            self._zeros(num_slots, layers, min(FIRST_CAPACITY, limit))
            for layers in (shared_prefix.keys, shared_prefix.values)
        )

    @staticmethod
    def _zeros(num_slots: int, layers: Sequence[torch.Tensor], capacity: int) -> torch.Tensor:
        heads, _, size = layers[0].shape
        # Zeros: what is masked is still multiplied, and stale memory may hold a NaN.
        return layers[0].new_zeros((len(layers), num_slots, heads, capacity, size))

    @property
    def capacity(self) -> int:
        """Tokens that a slot has room for."""
        return self.keys.shape[3]

    def reserve(self, num_tokens: int) -> None:
        """Make room for this many tokens a slot."""
        if num_tokens > self.capacity:
            missing = min(self._limit, max(num_tokens, 2 * self.capacity)) - self.capacity
            self.keys = F.pad(self.keys, (0, 0, 0, missing))
            self.values = F.pad(self.values, (0, 0, 0, missing))

    def move(self, sources: Sequence[int], targets: Sequence[int], num_tokens: int) -> None:
        """Copy what is in some slots to others."""
        device = self.keys.device
        source, target = torch.tensor(sources, device=device), torch.tensor(targets, device=device)
        for stored in (self.keys, self.values):
            stored[:, target, :, :num_tokens] = stored[:, source, :, :num_tokens]


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

    @property
    def num_tokens(self) -> int:
        return len(self.shared_prefix.tokens)

    def scores(self, layer: int, query_KNX: torch.Tensor) -> torch.Tensor:
        """[K, N G, T]"""
        return torch.bmm(query_KNX, self.shared_prefix.keys[layer].transpose(1, 2))

    def attended(self, layer: int, weights: torch.Tensor) -> torch.Tensor:
        """[K, N G, V]"""
        return torch.bmm(weights, self.shared_prefix.values[layer])


@dataclass(slots=True)
class _Bundled:
    """The same for the rows of all shared prefixes of a bundle.

    `cells` [N] says where each row stands among the P·R places of a grid.
    """

    bundle: Bundle
    start: int
    stop: int
    bias: torch.Tensor
    cells: torch.Tensor
    num_rows: int

    @property
    def num_tokens(self) -> int:
        return self.bundle.num_tokens

    def scores(self, layer: int, query_KNX: torch.Tensor) -> torch.Tensor:
        keys_KPTD = self.bundle.keys[layer]
        return self._multiplied(query_KNX, keys_KPTD.transpose(2, 3))

    def attended(self, layer: int, weights: torch.Tensor) -> torch.Tensor:
        return self._multiplied(weights, self.bundle.values[layer])

    def _multiplied(self, rows_KNX: torch.Tensor, others_KPXY: torch.Tensor) -> torch.Tensor:
        """Every row times the matrix of its shared prefix, [K, N G, Y]."""
        num_keys, num_places, width, size = others_KPXY.shape
        num_cells, num_own = num_places * self.num_rows, len(self.cells)
        grid = rows_KNX.new_zeros((num_keys, num_cells, rows_KNX.shape[1] // num_own * width))
        grid.index_copy_(1, self.cells, rows_KNX.reshape(num_keys, num_own, -1))
        whole = torch.bmm(grid.view(num_keys * num_places, -1, width), others_KPXY.flatten(0, 1))
        chosen = whole.view(num_keys, num_cells, -1).index_select(1, self.cells)
        return chosen.view(num_keys, -1, size)


class Decode:
    """One token for each of B rows: writes its keys and values, then sees its prompt and its own tokens.

    Args:
        slots: row b owns slot b.
        shared_prefixes: of the rows, [B].
        num_visible_B: how many tokens of its shared prefix each row sees.
        num_own_B: how many tokens of its own each row has stored before this one.
        bundle: of those that few rows see, if there are any.
    """

    def __init__(
        self,
        slots: Slots,
        shared_prefixes: Sequence[SharedPrefix],
        num_visible_B: Index,
        num_own_B: Index,
        bundle: Bundle | None = None,
    ) -> None:
        self._num_own = int(num_own_B.max()) + 1
        slots.reserve(self._num_own)
        self._slots = slots
        self._device = device = slots.keys.device
        number: dict[int, int] = {}
        numbers_B = np.array(
            [number.setdefault(id(shared_prefix), len(number)) for shared_prefix in shared_prefixes]
        )
        num_rows_B = np.bincount(numbers_B)[numbers_B]
        place = {} if bundle is None else bundle.place
        place_B = np.array([place.get(id(shared_prefix), -1) for shared_prefix in shared_prefixes])
        place_B[num_rows_B > FEW_ROWS] = -1
        # Rows of a bundle come last, in the order of its places.
        order_B = np.lexsort((numbers_B, place_B))
        inverse_B = np.empty_like(order_B)
        inverse_B[order_B] = np.arange(len(order_B))
        num_alone = int((place_B < 0).sum())
        self._groups: list[_Group | _Bundled] = []
        ends = np.flatnonzero(np.diff(numbers_B[order_B[:num_alone]])) + 1
        for start, stop in pairwise([0, *ends.tolist(), num_alone]):
            if start < stop:
                rows, shared_prefix = order_B[start:stop], shared_prefixes[order_B[start]]
                bias = self._bias(len(shared_prefix.tokens), num_visible_B[rows], num_own_B[rows])
                self._groups.append(_Group(shared_prefix, start, stop, bias))
        if bundle is not None and num_alone < len(order_B):
            rows = order_B[num_alone:]
            place_N = place_B[rows]
            rank_N = np.arange(len(rows)) - np.searchsorted(place_N, place_N)
            num_rows = int(rank_N.max()) + 1
            cells = torch.from_numpy(place_N * num_rows + rank_N).to(device)
            bias = self._bias(bundle.num_tokens, num_visible_B[rows], num_own_B[rows])
            self._groups.append(_Bundled(bundle, num_alone, len(order_B), bias, cells, num_rows))
        self._order = torch.from_numpy(order_B).to(device)
        self._inverse = torch.from_numpy(inverse_B).to(device)
        capacity, num_keys = slots.capacity, slots.keys.shape[2]
        first_BK = (np.arange(len(order_B))[:, None] * num_keys + np.arange(num_keys)) * capacity
        self._next = torch.from_numpy((first_BK + num_own_B[:, None]).reshape(-1)).to(device)
        self._num_rows = len(order_B)
        self._num_shared_pairs = sum(len(shared_prefix.tokens) for shared_prefix in shared_prefixes)

    def _bias(self, num_tokens: int, num_visible_N: Index, num_own_N: Index) -> torch.Tensor:
        hidden_NT = np.arange(num_tokens) >= num_visible_N[:, None]
        hidden_NW = np.arange(self._num_own) > num_own_N[:, None]
        hidden = torch.from_numpy(np.concatenate((hidden_NT, hidden_NW), axis=1))[:, None]
        bias = torch.zeros(hidden.shape, dtype=self._slots.keys.dtype)
        return bias.masked_fill_(hidden, float("-inf")).to(self._device)

    @property
    def num_pairs(self) -> int:
        """Query-key pairs of one layer, masked ones included, padding not."""
        return self._num_shared_pairs + self._num_rows * self._num_own

    def attend(
        self, layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float
    ) -> torch.Tensor:
        """Attention of one layer over the flat row; [tokens, heads, size]."""
        num_heads, num_rows, size = query.shape
        num_keys = key.shape[0]
        num_grouped = num_heads // num_keys
        value_size = value.shape[2]
        keys, values = self._slots.keys[layer], self._slots.values[layer]
        keys.view(-1, size).index_copy_(0, self._next, key.transpose(0, 1).reshape(-1, size))
        values.view(-1, value_size).index_copy_(0, self._next, value.transpose(0, 1).reshape(-1, value_size))
        # [B K, W, D] and [B K, W, V], views
        keys, values = (each[:num_rows, :, : self._num_own].flatten(0, 1) for each in (keys, values))

        # A row's own tokens: many small products, in the order of the slots. What they give and take goes to
        # the order of the shared prefixes and back.
        query_BKGD = (
            (query * scale).view(num_keys, num_grouped, num_rows, size).permute(2, 0, 1, 3).contiguous()
        )
        own = torch.bmm(query_BKGD.view(-1, num_grouped, size), keys.transpose(1, 2))
        own_scores = self._sorted(own.view(num_rows, num_keys, num_grouped, -1))
        own_weights = torch.empty_like(own_scores)
        attended = query.new_empty((num_keys, num_rows * num_grouped, value_size))
        sorted_query = self._sorted(query_BKGD)
        for group in self._groups:
            part = slice(group.start * num_grouped, group.stop * num_grouped)
            scores = torch.cat((group.scores(layer, sorted_query[:, part]), own_scores[:, part]), dim=2)
            scores.view(num_keys, -1, num_grouped, scores.shape[2]).add_(group.bias)
            weights = scores.softmax(-1, dtype=torch.float32).to(query.dtype)
            attended[:, part] = group.attended(layer, weights[..., : group.num_tokens])
            own_weights[:, part] = weights[..., group.num_tokens :]
        shared = self._unsorted(attended, num_grouped)
        own = torch.bmm(self._unsorted(own_weights, num_grouped).view(-1, num_grouped, self._num_own), values)
        return (shared + own.view(shared.shape)).view(num_rows, num_heads, value_size)

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
