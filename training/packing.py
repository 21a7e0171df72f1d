"""Training sequences that branch: one question, its steps, and answers asked for behind some of them.

Axes: B sequences, L tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True, slots=True)
class Packed:
    """One example as numbers: tokens, positions, how much of the prefix each token sees, what is learned.

    A shared prefix (the question, then the steps) and branches that leave it after some step, as in
    `ScoreTree`: a branch sees the shared prefix before it and itself.
    """

    tokens: np.ndarray
    positions: np.ndarray
    seen: np.ndarray  # shared prefix tokens that a token may see; the shared prefix's own see all before them
    branch: np.ndarray  # 0 for the shared prefix, then 1, 2, ...
    targets: np.ndarray  # next token, or -100

    @classmethod
    def of(
        cls,
        question: Sequence[int],
        steps: Sequence[Sequence[int]],
        branches: Sequence[tuple[int, Sequence[int], Sequence[int]]],
        *,
        end: Sequence[int] = (),
        learn_steps: bool = True,
    ) -> Packed:
        """Lay one example out.

        Args:
            question, steps: tokens of the shared prefix.
            branches: (steps seen, tokens that are given, tokens to learn).
            end: tokens after the last step, learned with the steps and seen by no branch.
            learn_steps: whether steps are targets, or branches alone.
        """
        shared_prefix, ends = list(question), [len(question)]
        for step in steps:
            shared_prefix += step
            ends.append(len(shared_prefix))
        shared_prefix += end
        tokens, positions = list(shared_prefix), list(range(len(shared_prefix)))
        seen, branch = [len(shared_prefix)] * len(shared_prefix), [0] * len(shared_prefix)
        targets = [-100] * (len(question) - 1) + shared_prefix[len(question) :] + [-100]
        if not learn_steps:
            targets = [-100] * len(shared_prefix)
        for number, (at, given, learned) in enumerate(branches, start=1):
            own = [*given, *learned]
            tokens += own
            positions += range(ends[at], ends[at] + len(own))
            seen += [ends[at]] * len(own)
            branch += [number] * len(own)
            targets += [-100] * (len(given) - 1) + [*learned, -100]
        return cls(*(np.array(column) for column in (tokens, positions, seen, branch, targets)))


def collate(
    batch: list[Packed], dtype: torch.dtype, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(tokens [B, L], positions [B, L], additive mask [B, 1, L, L], targets [B, L]), padded on the right."""
    size = max(len(packed.tokens) for packed in batch)

    def column(name: str, fill: int) -> torch.Tensor:
        values_BL = np.full((len(batch), size), fill, dtype=np.int64)
        for values_L, packed in zip(values_BL, batch, strict=True):
            values_L[: len(packed.tokens)] = getattr(packed, name)
        return torch.from_numpy(values_BL).to(device)

    branch, seen = column("branch", -1), column("seen", 0)
    index = torch.arange(size, device=device)
    same = branch[:, :, None] == branch[:, None, :]
    in_shared_prefix = (branch == 0)[:, None, :] & (index[None, None, :] < seen[:, :, None])
    visible = (index[:, None] >= index[None, :]) & (same | in_shared_prefix)
    mask = torch.zeros(visible.shape, dtype=dtype, device=device)
    mask.masked_fill_(~visible, torch.finfo(dtype).min)
    return column("tokens", 0), column("positions", 0), mask[:, None], column("targets", -100)


def loss_of(
    forward: Callable[..., Any], head: torch.nn.Linear, batch: list[Packed], product_dtype: torch.dtype
) -> torch.Tensor:
    """Mean cross-entropy over the targets of a batch; products in `product_dtype`, weights as they are."""
    device = head.weight.device
    tokens, positions, mask, targets = collate(batch, product_dtype, device)
    learned = targets != -100
    with torch.autocast(device.type, product_dtype, enabled=product_dtype != torch.float32):
        hidden = forward(
            input_ids=tokens, position_ids=positions, attention_mask=mask, use_cache=False
        ).last_hidden_state
        logits = head(hidden[learned])
    return torch.nn.functional.cross_entropy(logits.float(), targets[learned])


def default_precision() -> str:
    """bfloat16 where it is native; on other processors it is thirty times slower than float32."""
    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    return "bfloat16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "float32"
