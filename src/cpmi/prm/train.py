"""Train a reward model: rows to weights."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback

from cpmi.engines.transformers.flops import parameters
from cpmi.errors import ConfigError
from cpmi.extras import needed
from cpmi.prm.checkpoints import CHECKPOINTS_FOLDER
from cpmi.prm.collate import Collator, StepLoss
from cpmi.prm.model import head_of
from cpmi.prm.options import TrainOptions
from cpmi.prm.prepare import Prepared
from cpmi.prm.saving import saving
from cpmi.prm.scorer import pad_id
from cpmi.prm.trainer import (
    Listening,
    LogListener,
    RowDataset,
    SavingAfterEvaluation,
    Sealing,
    StepTrainer,
    Stopwatch,
)
from cpmi.storage import remove_file

_WARMUP_SHARE = 0.05
_LOGS = 50  # of a training


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What training came to.

    Attributes:
        steps: of the optimizer.
        wall_s: seconds, with those before the checkpoint that was gone on from.
        computed_tokens: trained on by all processes, padding included.
        flops: as the Trainer estimates them (6 per parameter and token), for active parameters.
        log: what the Trainer logged, in order.

    All are of the whole training that led to the weights; work that a kill lost is in none of them.
    """

    steps: int
    wall_s: float
    computed_tokens: int
    flops: float
    log: tuple[dict[str, float], ...]


def is_main_process() -> bool:
    """Whether this process writes the cards; launchers of several processes number them."""
    return os.environ.get("RANK", "0") == "0"


def run_training(
    prepared: Prepared,
    out: Path,
    options: TrainOptions,
    *,
    checkpoint: Path | None = None,
    listener: LogListener | None = None,
    save_to: Path | None = None,
) -> Finished:
    """Train the model and save it with its tokenizer; checkpoints go to `out/checkpoints`.

    On one machine with the same number of threads, a training resumed from a checkpoint ends with the weights
    of one that was never interrupted: the order of chains follows from seed and epoch, and the Trainer
    restores weights, optimizer, schedule and random states.

    Args:
        prepared: by `prepare`, anew for every call.
        out: the folder.
        options: of training.
        checkpoint: to go on from.
        listener: told what the Trainer logs.
        save_to: a folder for the model; None for `out`.

    Raises:
        ConfigError: transformers refuses an argument.
        MissingDependencyError: adapters are asked for and peft is not installed.
        StorageError: the disk refused.
    """
    watch = Stopwatch()
    set_seed(options.seed)
    use_cache = prepared.model.config.use_cache
    model = prepared.model if options.lora_rank is None else _with_adapters(prepared.model, options.lora_rank)
    with saving(out):  # it makes the folder of checkpoints
        trainer = StepTrainer(
            model=model,
            args=_arguments(out, options, validates=bool(prepared.val_rows)),
            train_dataset=RowDataset(prepared.rows),
            eval_dataset=RowDataset(prepared.val_rows) if prepared.val_rows else None,
            data_collator=Collator(pad_id=pad_id(prepared.model)),
            callbacks=[
                watch,
                SavingAfterEvaluation(),
                Sealing(),
                *([] if listener is None else [Listening(listener)]),
            ],
            step_loss=StepLoss(loss=prepared.loss, weights=prepared.weights),
            head_lr=options.head_lr,
        )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    prepared.model.config.use_cache = use_cache  # the Trainer turns it off, and would save it so
    _save(trainer, prepared, save_to or out, adapters=options.lora_rank is not None)
    return Finished(
        steps=trainer.state.global_step,
        wall_s=watch.seconds,
        computed_tokens=trainer.state.num_input_tokens_seen,
        flops=float(trainer.state.total_flos) * _active_share(prepared.model),
        log=tuple(map(_of_whole_training, trainer.state.log_history)),
    )


def _of_whole_training(entry: Mapping[str, float]) -> dict[str, float]:
    """Without the mean loss, which the Trainer takes over this session's steps, divided by all of them."""
    return {name: value for name, value in entry.items() if name != "train_loss"}


def _active_share(model: Any) -> float:
    """Of the parameters beside the embedding table: the Trainer counts every expert, a token passes few."""
    sizes, table = parameters(model), model.get_input_embeddings().weight.numel()
    return float((sizes.active - table) / (sizes.total - table))


def _arguments(out: Path, options: TrainOptions, *, validates: bool) -> TrainingArguments:
    given: dict[str, Any] = {
        "per_device_eval_batch_size": options.batch_size,
        "warmup_steps": _WARMUP_SHARE,
        "lr_scheduler_type": "linear",
        "save_strategy": "steps",
        "save_steps": options.save_share,
        "save_total_limit": 2,
        "logging_steps": 1 / _LOGS,
        "eval_strategy": "epoch" if validates else "no",
        "prediction_loss_only": True,
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": torch.cuda.is_available(),
        **options.trainer,
    }
    try:
        return TrainingArguments(
            output_dir=str(out / CHECKPOINTS_FOLDER),
            num_train_epochs=options.epochs,
            learning_rate=options.lr,
            per_device_train_batch_size=options.batch_size,
            seed=options.seed,
            data_seed=options.seed,
            remove_unused_columns=False,
            label_names=["labels"],
            include_num_input_tokens_seen="all",
            **given,
        )
    except (TypeError, ValueError, ImportError) as error:
        raise ConfigError(
            "transformers refuses an argument",
            where="option trainer",
            got=" ".join(str(error).split())[:300],
            hint="See transformers.TrainingArguments.",
        ) from error


def _save(trainer: StepTrainer, prepared: Prepared, out: Path, *, adapters: bool) -> None:
    with saving(out):
        if adapters:
            merged = trainer.accelerator.unwrap_model(trainer.model).merge_and_unload()
            if is_main_process():
                merged.save_pretrained(out)
        else:
            trainer.save_model(str(out))  # gathers what is spread over devices
        if is_main_process():
            remove_file(out / "training_args.bin")  # a pickle of the Trainer's; the card says more
            prepared.encoder.tokenizer.inner.save_pretrained(out)


def _with_adapters(model: Any, rank: int) -> Any:
    with needed():
        from peft import LoraConfig, TaskType, get_peft_model
    head = head_of(model)
    config = LoraConfig(
        task_type=TaskType.TOKEN_CLS,
        r=rank,
        lora_alpha=2 * rank,
        target_modules="all-linear",
        # Untrained, it needs no adapter: peft trains it whole, and refuses both.
        exclude_modules=[name for name, module in model.named_modules() if module is head],
    )
    return get_peft_model(model, config)
