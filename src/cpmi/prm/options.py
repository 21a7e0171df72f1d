"""The options of training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import model_validator

from cpmi.errors import ConfigError
from cpmi.options import IGNORE_KEYS, Options, option

Loss = Literal["auto", "ce", "bce", "beta_binomial", "ranking"]
Aggregation = Literal["min", "product", "last", "mean"]

BATCH_TOKENS = 8192
"""Tokens that are scored in one batch, padding included."""

# Ours to set: another value would contradict what the checkpoint's card says.
_OWN_ARGUMENTS = (
    "output_dir",
    "num_train_epochs",
    "learning_rate",
    "per_device_train_batch_size",
    "seed",
    "data_seed",
    "resume_from_checkpoint",
    "remove_unused_columns",
    "label_names",
    "label_smoothing_factor",
    "load_best_model_at_end",
    "include_num_input_tokens_seen",
    "restore_callback_states_from_checkpoint",
)
_DATA, _TRAINING = "Data", "Training"


class TrainOptions(Options):
    """Everything that decides the weights, apart from the base and the examples.

    The default learning rates are those of arXiv 2604.10660; small models need higher ones. With
    `last_step_only` the aggregation is "last" in any case.
    """

    val_share: float = option(
        _DATA,
        "Share of the problems to hold out; the threshold is tuned on them.",
        default=0.1,
        ge=0,
        lt=1,
        strict=False,
    )
    truncate_after_first_error: bool = option(
        _DATA, "Drop the targets after the first one below 0.5.", default=False
    )
    last_step_only: bool = option(
        _DATA, "Train an outcome reward model: the last step alone has a target.", default=False
    )
    max_length: int = option(
        _DATA, "Maximum tokens per chain; later steps are cut off and counted.", default=2048, ge=1
    )
    step_token: str | None = option(
        _DATA, "A reserved token of the tokenizer; chosen automatically if not given."
    )
    loss: Loss = option(
        _TRAINING,
        "ce (hard labels), bce (soft targets), beta_binomial (success counts), ranking (bce and pairs within "
        "a chain) or auto (ce if all targets are 0 or 1, else bce).",
        default="auto",
    )
    epochs: float = option(_TRAINING, "Number of passes over the chains.", default=2.0, gt=0, strict=False)
    lr: float = option(_TRAINING, "Peak learning rate of the body.", default=2e-5, gt=0, strict=False)
    head_lr: float = option(
        _TRAINING, "Peak learning rate of the head, which starts untrained.", default=3e-4, gt=0, strict=False
    )
    batch_size: int = option(_TRAINING, "Chains per batch and device.", default=8, ge=1)
    balance: bool = option(
        _TRAINING, "Weight the classes so that right and wrong steps count equally.", default=False
    )
    aggregation: Aggregation = option(
        _TRAINING,
        "How PRM.chain_scores combines step scores: min, product, last or mean.",
        default="min",
    )
    ignore_keys: str | None = option("Model", IGNORE_KEYS)
    lora_rank: int | None = option(
        _TRAINING, "Train LoRA adapters of this rank (needs peft); they are merged at the end.", ge=1
    )
    seed: int = option(_TRAINING, "Random seed of head, order and split.", default=0, ge=0, lt=2**32)
    save_share: float = option(
        _TRAINING, "Save a checkpoint after this share of all steps.", default=0.1, gt=0, lt=1, strict=False
    )
    trainer: Mapping[str, Any] = option(
        _TRAINING,
        "An argument of transformers.TrainingArguments, such as bf16=true or report_to=wandb; may be "
        "repeated.",
        default={},
    )

    @model_validator(mode="after")
    def _expect_no_contradiction(self) -> Self:
        if self.truncate_after_first_error and self.last_step_only:
            raise ConfigError(
                "contradicts last_step_only",
                where="option truncate_after_first_error",
                got="both",
                expected="one of them: an outcome model reads no other step than the last",
            )
        if self.balance and self.loss == "ranking":
            raise ConfigError(
                "contradicts loss ranking",
                where="option balance",
                expected="ce, bce or beta_binomial: pairs have no class",
            )
        for name in _OWN_ARGUMENTS:
            if name in self.trainer:
                raise ConfigError(
                    "is set by cpmi",
                    where=f"option trainer, {name}",
                    got=repr(self.trainer[name]),
                    hint="Use the option of cpmi train where there is one.",
                )
        return self

    def to_json(self) -> dict[str, Any]:
        """These options alone, without those of a subclass."""
        return self.model_dump(include=set(TrainOptions.model_fields))


def expect_threads(threads: int | None) -> None:
    """Check a number of threads; None leaves it to torch.

    Raises:
        ConfigError: it is below 1.
    """
    if threads is not None and threads < 1:
        raise ConfigError("does not fit", where="option threads", got=repr(threads), expected="at least 1")
