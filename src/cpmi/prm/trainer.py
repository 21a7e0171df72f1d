"""transformers' Trainer with our loss, our order and a learning rate of the head's own.

All else is the Trainer's: accelerate, FSDP, mixed precision, accumulation, checkpoints, `report_to`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils.data import Dataset, Sampler
from transformers import Trainer, TrainerCallback

from cpmi.prm.collate import TARGET_COLUMNS, StepLoss
from cpmi.prm.rows import Row
from cpmi.prm.sampler import LengthSampler

HEADS = ("score", "classifier")

LogListener = Callable[[int, int, dict[str, float]], None]
"""Told (step, of how many, what was measured) whenever the Trainer logs."""


class RowDataset(Dataset[Row]):
    """Rows as torch wants them."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Row:
        return self.rows[index]


class StepTrainer(Trainer):
    """Trains the logits at step tokens.

    Args:
        step_loss: of a batch.
        head_lr: the learning rate of the head.
        options: of Trainer.
    """

    def __init__(self, *, step_loss: StepLoss, head_lr: float, **options: Any) -> None:
        super().__init__(**options)
        self._step_loss = step_loss
        self._head_lr = head_lr
        self._num_tokens = 0
        # Count the targets of all accumulated batches, and take the loss as the mean over them.
        self.model_accepts_loss_kwargs = True
        self.loss_is_scaled_for_ga = True

    @property
    def num_computed_tokens(self) -> int:
        """Tokens that this process trained on, padding included; since a resume, not before."""
        return self._num_tokens

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """The mean loss over the steps with a target, of all batches of one step of the optimizer."""
        columns = {name: inputs[name] for name in TARGET_COLUMNS}
        outputs = model(**{name: value for name, value in inputs.items() if name not in TARGET_COLUMNS})
        total = self._step_loss(outputs.logits, columns)
        if num_items_in_batch is None:
            num_items_in_batch = columns["labels"].ne(-100).sum()
        loss = total / num_items_in_batch
        if model.training:
            self._num_tokens += inputs["input_ids"].numel()
        if self.args.average_tokens_across_devices:
            # The count is of all devices, and their gradients are averaged: undo that second division.
            loss = loss * (self.accelerator.num_processes // self.get_tp_size())
        return (loss, outputs) if return_outputs else loss

    def create_optimizer(self, model: Any = None) -> Any:
        """The Trainer's own, with the head's parameters moved to a group of their own."""
        optimizer = super().create_optimizer(model)
        whole: Any = self.model if model is None else model
        heads = {
            id(p) for name, p in whole.named_parameters() if any(part in HEADS for part in name.split("."))
        }
        for group in list(optimizer.param_groups):
            own = [p for p in group["params"] if id(p) in heads]
            if own:
                group["params"] = [p for p in group["params"] if id(p) not in heads]
                facts = {name: value for name, value in group.items() if name not in ("params", "lr")}
                optimizer.add_param_group({**facts, "params": own, "lr": self._head_lr})
        return optimizer

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        dataset: Any = self.train_dataset if train_dataset is None else train_dataset
        return LengthSampler(
            [len(row.ids) for row in dataset.rows],
            batch_size=self.args.train_batch_size * self.args.gradient_accumulation_steps,
            seed=self.args.seed,
        )


class Listening(TrainerCallback):
    """Passes what the Trainer logs to a listener."""

    def __init__(self, listener: LogListener) -> None:
        self._listener = listener

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:  # noqa: ARG002
        numbers = {name: float(value) for name, value in (logs or {}).items() if name != "total_flos"}
        self._listener(state.global_step, state.max_steps, numbers)
