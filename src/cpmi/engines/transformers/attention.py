"""Attention over the blocks of a packed row, registered with transformers under a name of its own.

Packing sequences by position ids alone is silently wrong (tokens would see their neighbors). Here every
block computes exactly the keys it may see. The plan travels as a keyword argument of the model's forward.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # the field's name for it
from transformers import AttentionInterface

from cpmi.engines.transformers.pack import Block, PackedBatch
from cpmi.errors import UnsupportedModelError

NAME = "cpmi_tree"

# Keyword arguments by which some models change the attention itself. A block that ignored them would be
# wrong without a word, so their presence is refused.
_CHANGES_ATTENTION = ("softcap", "s_aux", "sliding_window", "head_mask", "position_bias")


MASK_BYTES = 2**26  # masks of all blocks together; beyond, each is made when it is used, once per layer


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A block with what its queries see of each other, on the device; None for causal.

    `mask` [queries, num_shared + queries] is made beforehand, or where all masks together are large, at use:
    those of a long chain would take memory that is quadratic in its length.
    """

    block: Block
    visible: torch.Tensor | None
    mask: torch.Tensor | None

    def mask_at_use(self) -> torch.Tensor | None:
        """The mask, made now if it was not kept."""
        if self.visible is None or self.mask is not None:
            return self.mask
        return _mask(self.block, self.visible)


def plan(batch: PackedBatch, device: torch.device) -> list[PlannedBlock]:
    """Masks of all blocks, made once for all layers if they are not too large together."""
    blocks = list(batch.blocks())
    num_bytes = sum(block.num_pairs for block in blocks if block.visible is not None)
    planned = []
    for block in blocks:
        visible = None if block.visible is None else torch.from_numpy(block.visible).to(device)
        mask = None if visible is None or num_bytes > MASK_BYTES else _mask(block, visible)
        planned.append(PlannedBlock(block, visible, mask))
    return planned


def _mask(block: Block, visible: torch.Tensor) -> torch.Tensor:
    size = len(visible)
    mask = torch.ones((size, block.num_shared + size), dtype=torch.bool, device=visible.device)
    mask[:, block.num_shared :] = visible
    return mask


def tree_attention(
    module: torch.nn.Module,
    query: torch.Tensor,  # [1, query heads, N, D]
    key: torch.Tensor,  # [1, key heads, N, D]
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    tree_plan: list[PlannedBlock] | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of one layer; returns [1, N, query heads, D].

    Raises:
        UnsupportedModelError: the model asks for attention this function does not compute.
    """
    refuse_what_changes_attention(module, kwargs, attention_mask, dropout, tree_plan)
    assert tree_plan is not None
    grouped = query.shape[1] != key.shape[1]
    out = query.new_empty((1, query.shape[2], query.shape[1], value.shape[-1]))
    for planned in tree_plan:
        block = planned.block
        own = slice(block.start, block.stop)
        shared_prefix = slice(block.shared_start, block.shared_start + block.num_shared)
        mask = planned.mask_at_use()
        if mask is None:
            keys, values = key[:, :, own], value[:, :, own]
        else:
            keys = torch.cat((key[:, :, shared_prefix], key[:, :, own]), dim=2)
            values = torch.cat((value[:, :, shared_prefix], value[:, :, own]), dim=2)
        attended = F.scaled_dot_product_attention(
            query[:, :, own],
            keys,
            values,
            attn_mask=mask,
            is_causal=mask is None,
            scale=scaling,
            enable_gqa=grouped,
        )
        out[:, own] = attended.transpose(1, 2)
    return out, None


AttentionInterface.register(NAME, tree_attention)


def refuse_what_changes_attention(
    module: torch.nn.Module,
    kwargs: Mapping[str, Any],
    attention_mask: torch.Tensor | None,
    dropout: float,
    plan: object | None,
) -> None:
    """Refuse a call by a model whose attention is more than ours, or that lost our plan on the way.

    Raises:
        UnsupportedModelError: so it is.
    """
    changed = [name for name in _CHANGES_ATTENTION if kwargs.get(name) is not None]
    if changed or attention_mask is not None or plan is None or dropout:
        raise UnsupportedModelError(
            "this model's attention cannot branch",
            where=type(module).__name__,
            got=", ".join(changed) or "a mask, dropout or no plan",
            hint="Use --path plain.",
        )


@contextmanager
def attention_of(model: Any, name: str) -> Iterator[None]:
    """Switch the model to a registered attention function for the duration of a forward."""
    before = model.config._attn_implementation
    model.config._attn_implementation = name
    try:
        yield
    finally:
        model.config._attn_implementation = before
