"""transformers' Trainer with our loss, our order and a learning rate of the head's own.

All else is the Trainer's: accelerate, FSDP, mixed precision, accumulation, checkpoints, `report_to`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import accelerate  # noqa: F401  # the Trainer imports it only when it is built
import torch
from torch.utils.data import Dataset, Sampler
from transformers import Trainer, TrainerCallback
from transformers.trainer_callback import ExportableState

from cpmi.engines.transformers.loading_report import CLASSIFIER_HEADS
from cpmi.errors import CheckpointError
from cpmi.prm.checkpoints import seal_checkpoint
from cpmi.prm.collate import TARGET_COLUMNS, StepLoss
from cpmi.prm.rows import TrainingRow
from cpmi.prm.sampler import LengthSampler
from cpmi.prm.saving import saving

LogListener = Callable[[int, int, dict[str, float]], None]
"""Told (step, of how many, what was measured) whenever the Trainer logs."""


class RowDataset(Dataset[TrainingRow]):
    """Rows as torch wants them."""

    def __init__(self, rows: list[TrainingRow]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> TrainingRow:
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
        # Count the targets of all accumulated batches, and take the loss as the mean over them.
        self.model_accepts_loss_kwargs = True
        self.loss_is_scaled_for_ga = True

    def _issue_warnings_after_load(self, load_result: Any) -> None:
        """Refuse to go on from a checkpoint that lacks weights; the Trainer itself logs a line.

        Raises:
            CheckpointError: those of the base would take their place.
        """
        if load_result.missing_keys:
            raise CheckpointError(
                "the checkpoint of the interrupted training does not hold all weights of the model",
                where=str(self.args.output_dir),
                got=f"no {load_result.missing_keys[0]}, and {len(load_result.missing_keys) - 1} more",
                hint="Begin anew with --overwrite. Models whose experts are stored one by one and merged in "
                "memory (Mixtral and the like) cannot be resumed.",
            )

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """The mean loss over the steps with a target, of all batches of one step of the optimizer.

        Args:
            model, inputs, return_outputs: as the Trainer's.
            num_items_in_batch: steps with a target in all these batches; None for those of this one.
        """
        columns = {name: inputs[name] for name in TARGET_COLUMNS}
        outputs = model(**{name: value for name, value in inputs.items() if name not in TARGET_COLUMNS})
        total = self._step_loss(outputs.logits, columns)
        if num_items_in_batch is None:
            loss = total / columns["labels"].ne(-100).sum()
        else:
            loss = total / num_items_in_batch
            if self.args.average_tokens_across_devices:
                # The Trainer counts over all devices, and averages over them: the gradients of training, the
                # losses of evaluation. Undo that second division.
                loss = loss * (self.accelerator.num_processes // self.get_tp_size())
        return (loss, outputs) if return_outputs else loss

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """The Trainer's own.

        Raises:
            StorageError: the disk refused.
        """
        with saving(Path(output_dir or str(self.args.output_dir))):
            super().save_model(output_dir, _internal_call)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        with saving(Path(str(self.args.output_dir))):
            super()._save_checkpoint(model, trial)

    def create_optimizer(self, model: Any = None) -> Any:
        """The Trainer's own, with the head's parameters moved to a group of their own."""
        optimizer = super().create_optimizer(model)
        whole: Any = self.model if model is None else model
        heads = {
            id(p)
            for name, p in whole.named_parameters()
            if any(f"{part}." in CLASSIFIER_HEADS for part in name.split("."))
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
            batch_size=self.get_total_train_batch_size(self.args),
            seed=self.args.seed,
        )


class Listening(TrainerCallback):
    """Passes what the Trainer logs to a listener."""

    def __init__(self, listener: LogListener) -> None:
        self._listener = listener

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:  # noqa: ARG002
        numbers = {name: float(value) for name, value in (logs or {}).items() if name != "total_flos"}
        self._listener(state.global_step, state.max_steps, numbers)


class Sealing(TrainerCallback):
    """Stores the digests of every checkpoint once it is written."""

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        if state.is_world_process_zero:
            seal_checkpoint(Path(args.output_dir) / f"checkpoint-{state.global_step}")


class SavingAfterEvaluation(TrainerCallback):
    """Puts a checkpoint at the end of an epoch off until the evaluation there is done.

    A training resumed from it would else lack the evaluation, and draw other random numbers than one that was
    never interrupted.
    """

    def __init__(self) -> None:
        self._is_due = False

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        ends = control.should_training_stop or float(state.epoch).is_integer()
        if control.should_save and ends:
            control.should_save, self._is_due = False, True

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        control.should_save = control.should_save or self._is_due
        self._is_due = False


class Stopwatch(TrainerCallback, ExportableState):
    """Seconds of a training; every checkpoint keeps them, and a resumed training goes on counting.

    Attributes:
        seconds: so far, without those that a kill lost after the last checkpoint.
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._before = 0.0

    @property
    def seconds(self) -> float:
        return self._before + time.perf_counter() - self._began

    def state(self) -> dict[str, dict[str, float]]:
        """What the Trainer writes into a checkpoint."""
        return {"args": {}, "attributes": {"seconds": self.seconds}}

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002
        if state.global_step > 0:  # resumed
            self._before = state.stateful_callbacks[type(self).__name__]["attributes"]["seconds"]
