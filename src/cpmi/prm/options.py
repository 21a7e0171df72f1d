"""The options of training, checked before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from cpmi.errors import ConfigError

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
_SEEDS = 2**32  # that numpy takes


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """Everything that decides the weights, beside base and examples.

    Attributes:
        loss: "ce" on hard labels, "bce" on soft targets, "beta_binomial" on success counts, "ranking": bce
            and the pairwise ranking of steps within a chain; "auto": ce where all targets are 0 or 1, else
            bce.
        epochs: passes over the examples.
        lr, head_lr: peak learning rates of the body and of the head, which begins untrained. Those of arXiv
            2604.10660; small models want more.
        batch_size: chains in a batch, on each device.
        max_length: tokens of a chain; None for the model's own limit, 2,048 at most.
        seed: of the head's first weights, the order of chains and the split; at least 0.
        val_share: share of the problems that is held out; the threshold is tuned on them.
        balance: weigh right and wrong steps so that both come to the same sum.
        truncate_after_first_error: no targets after the first one below 0.5.
        last_step_only: an outcome reward model: the last step alone has a target.
        step_token: a reserved token of the tokenizer; None to choose one.
        aggregation: how `PRM.chain_scores` makes the score of a chain from those of its steps; with
            `last_step_only`, the last one's in any case.
        lora_rank: train adapters of this rank, by peft, and merge them at the end; None trains all weights.
        save_share: after which share of all steps a checkpoint is written.
        trainer: further arguments of transformers' TrainingArguments.

    Raises:
        ConfigError: an option is out of range or contradicts another.
    """

    loss: Loss = "auto"
    epochs: float = 2.0
    lr: float = 2e-5
    head_lr: float = 3e-4
    batch_size: int = 8
    max_length: int | None = None
    seed: int = 0
    val_share: float = 0.1
    balance: bool = False
    truncate_after_first_error: bool = False
    last_step_only: bool = False
    step_token: str | None = None
    aggregation: Aggregation = "min"
    lora_rank: int | None = None
    save_share: float = 0.1
    trainer: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _expect("loss", self.loss, self.loss in get_args(Loss), " or ".join(get_args(Loss)))
        known = self.aggregation in get_args(Aggregation)
        _expect("aggregation", self.aggregation, known, " or ".join(get_args(Aggregation)))
        for name in ("epochs", "lr", "head_lr", "batch_size"):
            _expect(name, getattr(self, name), getattr(self, name) > 0, "above 0")
        for name in ("max_length", "lora_rank"):
            value = getattr(self, name)
            _expect(name, value, value is None or value >= 1, "at least 1")
        _expect("seed", self.seed, 0 <= self.seed < _SEEDS, "at least 0 and below 2**32")
        _expect("val_share", self.val_share, 0 <= self.val_share < 1, "at least 0 and below 1")
        _expect("save_share", self.save_share, 0 < self.save_share < 1, "above 0 and below 1")
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

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "trainer": dict(self.trainer)}


def expect_threads(threads: int | None) -> None:
    """Check a number of threads; None stands for torch's own choice.

    Raises:
        ConfigError: it is below 1.
    """
    _expect("threads", threads, threads is None or threads >= 1, "at least 1")


def _expect(name: str, value: object, fits: bool, expected: str) -> None:
    if not fits:
        raise ConfigError("does not fit", where=f"option {name}", got=repr(value), expected=expected)
