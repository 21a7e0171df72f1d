"""Floating-point operations of a decoder, counted from its weights: a multiply and an add are two.

Counted are the matrix products of the body, the vocabulary rows, and attention (scores and weighted sum)
over the query-key pairs that were computed. Norms, activations and rotations are left out, as is usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from transformers.pytorch_utils import Conv1D


@dataclass(frozen=True, slots=True, kw_only=True)
class FlopModel:
    """FLOPs a token through the body, a vocabulary row, a query-key pair over all layers."""

    per_token: int
    per_row: int
    per_pair: int

    def total(self, *, tokens: int, rows: int, pairs: int) -> int:
        return tokens * self.per_token + rows * self.per_row + pairs * self.per_pair


def flop_model(model: Any, head: torch.nn.Module) -> FlopModel:
    """Read the sizes off a decoder and its head, which is not run at every token: its rows are counted."""
    config = model.config.get_text_config()
    weights = sum(
        module.weight.numel()
        for module in model.modules()
        if isinstance(module, torch.nn.Linear | Conv1D) and module is not head
    )
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return FlopModel(
        per_token=2 * weights,
        per_row=2 * sum(weight.numel() for weight in head.parameters() if weight.ndim > 1),
        per_pair=4 * config.num_attention_heads * head_dim * config.num_hidden_layers,
    )
