"""Rows to batches, and batches to the loss.

A batch is what transformers' Trainer passes around: `input_ids` and `attention_mask` [B, T], padded on the
right; `labels` [B, T], the target at step tokens that have one and -100 everywhere else (Trainer counts
those that are not -100); `successes` and `trials` [B, T] beside them, 0 where there is none.

Axes: B chains, T tokens, N step tokens with a target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cpmi.prm import losses
from cpmi.prm.options import Loss
from cpmi.prm.rows import TrainingRow

NOTHING = -100.0
TARGET_COLUMNS = ("labels", "successes", "trials")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collator:
    """Rows side by side; `pad_id` fills up and is masked."""

    pad_id: int

    def __call__(self, rows: Sequence[TrainingRow]) -> dict[str, Tensor]:
        shape = (len(rows), max(len(row.ids) for row in rows))
        batch = {
            "input_ids": torch.full(shape, self.pad_id, dtype=torch.long),
            "attention_mask": torch.zeros(shape, dtype=torch.long),
            "labels": torch.full(shape, NOTHING),
            "successes": torch.zeros(shape),
            "trials": torch.zeros(shape),
        }
        for index, row in enumerate(rows):
            batch["input_ids"][index, : len(row.ids)] = torch.tensor(row.ids)
            batch["attention_mask"][index, : len(row.ids)] = 1
            at = list(row.positions)
            batch["labels"][index, at] = torch.tensor(row.targets)
            if row.counts is not None:
                counts = torch.tensor(row.counts, dtype=torch.float32)
                batch["successes"][index, at] = counts[:, 0]
                batch["trials"][index, at] = counts[:, 1]
        return batch


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLoss:
    """The loss of a batch, summed over its steps with a target.

    Attributes:
        loss: which one; not "auto".
        weights: of incorrect and of correct.
    """

    loss: Loss
    weights: tuple[float, float] = (1.0, 1.0)

    def __call__(self, logits_BT2: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
        labels_BT = batch["labels"]
        mask_BT = labels_BT != NOTHING
        logits_N2 = logits_BT2[mask_BT].float()
        target_N = labels_BT[mask_BT]
        if self.loss == "beta_binomial":
            k_N, n_N = batch["successes"][mask_BT], batch["trials"][mask_BT]
            return losses.beta_binomial(logits_N2, k_N, n_N, weights=self.weights).sum()
        loss_N = losses.binary_cross_entropy(logits_N2, target_N, weights=self.weights)
        if self.loss == "ranking":
            chain_N = torch.nonzero(mask_BT)[:, 0]
            loss_N = loss_N + losses.pairwise_ranking(logits_N2, target_N, chain_N)
        return loss_N.sum()


def class_weights(rows: Sequence[TrainingRow]) -> tuple[float, float]:
    """Weights of incorrect and of correct under which both come to half of all steps; 1, 1 if one is absent.

    P(correct) then answers to a world in which both are equally frequent.
    """
    targets = [target for row in rows for target in row.targets]
    right = sum(targets)
    wrong = len(targets) - right
    if right <= 0 or wrong <= 0:
        return 1.0, 1.0
    return len(targets) / (2 * wrong), len(targets) / (2 * right)
