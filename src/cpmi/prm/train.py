"""Train a reward model: examples to rows, rows to weights, weights to figures on held-out problems."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback

from cpmi.data import normalize_problem
from cpmi.engines.transformers.flops import parameters
from cpmi.errors import ConfigError, InputError
from cpmi.extras import needed
from cpmi.prm.card import Card
from cpmi.prm.checkpoints import CHECKPOINTS_FOLDER
from cpmi.prm.collate import Collator, StepLoss, class_weights
from cpmi.prm.examples import MIDDLE, Example, counted_only, in_validation, resolve_loss, shape
from cpmi.prm.layout import Encoder, Layout
from cpmi.prm.model import (
    begin_step_token,
    build_model,
    head_of,
    is_reward_model,
    load_model,
    max_positions,
)
from cpmi.prm.options import Loss, TrainOptions
from cpmi.prm.rows import RowCounts, TrainingRow, make_rows, readable
from cpmi.prm.saving import saving
from cpmi.prm.scorer import PRM, pad_id
from cpmi.prm.step_token import choose_step_token
from cpmi.prm.threshold import TunedThreshold, middle, tune_threshold
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
from cpmi.types import Chain, StepScores

_WARMUP_SHARE = 0.05
_LOGS = 50  # of a training


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """All that is ready before the first step.

    Attributes:
        model, encoder: untrained head, layout.
        rows, val_rows: to train on, held out.
        counts, val_counts: what became of the examples on either side.
        val_examples: held out, as they are compared with scores.
        num_problems, num_val_problems: on either side.
        left_out: chains that cannot be read, by reason.
        loss: the one that "auto" stands for.
        weights: of incorrect and of correct.
        max_length: of a chain, in tokens.
        step_token_begun: whether the step token began as a line break.
    """

    model: Any
    encoder: Encoder
    rows: list[TrainingRow]
    val_rows: list[TrainingRow]
    counts: RowCounts
    val_counts: RowCounts
    val_examples: tuple[Example, ...]
    num_problems: int
    num_val_problems: int
    left_out: Mapping[str, int]
    loss: Loss
    weights: tuple[float, float]
    max_length: int
    step_token_begun: bool


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


def prepare(
    examples: Sequence[Example],
    base: str,
    options: TrainOptions,
    *,
    base_layout: Layout | None = None,
    skip_unreadable: bool = False,
) -> Prepared:
    """Split by problem, load the base, and lay the chains out.

    Args:
        examples: chains with targets.
        base: as `build_model`.
        options: of training.
        base_layout: of the base, where it is a reward model already.
        skip_unreadable: leave chains out whose text holds the step token, and count them.

    Raises:
        ConfigError: an option does not fit the examples or the base.
        InputError: nothing is left to train on.
        ModelError: the base cannot be used.
        RecordError: a text holds the step token, and it is not to be skipped.
    """
    loss = resolve_loss(options.loss, examples)
    shaped = [shape(example, options, loss) for example in examples]
    model, tokenizer = build_model(base, seed=options.seed, ignore_keys=options.ignore_keys)
    going_on = base_layout is not None and is_reward_model(model.config) and options.step_token is None
    layout = base_layout if going_on and base_layout is not None else None
    if layout is None:
        layout = Layout(step_token=choose_step_token(tokenizer.inner, options.step_token))
    encoder = Encoder(layout, tokenizer)
    begun = False if going_on else begin_step_token(model, encoder)
    max_length = min(options.max_length, max_positions(model))
    kept, left_out = readable(shaped, encoder, skip_unreadable=skip_unreadable)
    held_out = [in_validation(example.question, options) for example in kept]
    training = [example for example, held in zip(kept, held_out, strict=True) if not held]
    validation = [example for example, held in zip(kept, held_out, strict=True) if held]
    training, rows, counts = _laid_out(training, encoder, loss, max_length)
    validation, val_rows, val_counts = _laid_out(validation, encoder, loss, max_length)
    if not rows:
        raise _nothing_left(len(examples), len(validation), counts, left_out)
    return Prepared(
        model=model,
        encoder=encoder,
        rows=rows,
        val_rows=val_rows,
        counts=counts,
        val_counts=val_counts,
        val_examples=tuple(validation),
        num_problems=_num_problems(training),
        num_val_problems=_num_problems(validation),
        left_out=left_out,
        loss=loss,
        weights=class_weights(rows) if options.balance else (1.0, 1.0),
        max_length=max_length,
        step_token_begun=begun,
    )


def _laid_out(
    examples: list[Example], encoder: Encoder, loss: Loss, max_length: int
) -> tuple[list[Example], list[TrainingRow], RowCounts]:
    """The examples as their loss reads them, their rows, and what was left out."""
    if loss != "beta_binomial":
        return examples, *make_rows(examples, encoder, max_length=max_length)
    counted = [counted_only(example) for example in examples]
    rows, counts = make_rows(counted, encoder, max_length=max_length)
    lost = _num_targets(examples) - _num_targets(counted)
    return counted, rows, replace(counts, targets_without_count=lost)


def _nothing_left(
    num_chains: int, num_held_out: int, counts: RowCounts, left_out: Mapping[str, int]
) -> InputError:
    facts = [
        f"{num_chains} chains",
        f"{num_held_out} of them held out",
        f"{counts.chains_without_target} without a target that fits",
        *(f"{count} left out: {reason}" for reason, count in left_out.items()),
    ]
    if counts.targets_without_count:
        facts.append(f"{counts.targets_without_count} targets without a count of rollouts")
    return InputError(
        "no chain is left to train on",
        got=", ".join(facts),
        expected="at least one target outside the held-out problems",
        hint="Use --loss bce: beta_binomial reads counts of rollouts alone."
        if counts.targets_without_count
        else "Give more chains, lower --val-share, or raise --max-length.",
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the model that was saved says of held-out chains.

    Attributes:
        threshold: tuned on them.
        figures: of their targets, beside those of a constant.
        chains, first_errors, predicted: of the rated ones: their first error, and the first step below 0.5,
            which was not tuned; -1 for none.
    """

    threshold: TunedThreshold
    figures: Mapping[str, Any] = field(default_factory=dict)
    chains: tuple[Chain, ...] = ()
    first_errors: tuple[int, ...] = ()
    predicted: tuple[int, ...] = ()


def measure(prepared: Prepared, out: Path, options: TrainOptions) -> Measured:
    """The threshold, and what the model that is in `out` says of held-out targets, beside a constant."""
    if not prepared.val_rows:
        return Measured(threshold=middle("no problem is held out"))
    card = Card(layout=prepared.encoder.layout, step_token_id=prepared.encoder.step_id, threshold={})
    device = "cuda" if torch.cuda.is_available() else "cpu"
    saved, _ = load_model(out, device=device)  # what was saved, not what is in memory, is what others get
    prm = PRM(saved.model, prepared.encoder, card)
    with_target = [one for one in prepared.val_examples if any(t is not None for t in one.targets)]
    found = zip(with_target, prm.score_chains([_chain(example) for example in with_target]), strict=True)
    whole = [(one, s.values) for one, s in found if isinstance(s, StepScores) and s.abstained is None]
    fitting = [example for example, _ in whole]
    scores = [tuple(score for score in values if score is not None) for _, values in whole]
    pairs = [
        (target, score)
        for example, found in zip(fitting, scores, strict=True)
        for target, score in zip(example.targets, found, strict=True)
        if target is not None
    ]
    targets = [target for row in prepared.rows for target in row.targets]
    constant = sum(targets) / len(targets)
    measured = {
        "problems": prepared.num_val_problems,
        "chains": len(fitting),
        "targets": len(pairs),
        "cross_entropy": _cross_entropy(pairs),
        "cross_entropy_of_a_constant": _cross_entropy([(target, constant) for target, _ in pairs]),
        "constant": constant,
    }
    if options.last_step_only:
        return Measured(threshold=middle("an outcome model: one score per chain"), figures=measured)
    rated = [
        (one, s) for one, s in zip(fitting, scores, strict=True) if one.rated and len(s) == len(one.steps)
    ]
    return Measured(
        threshold=tune_threshold(fitting, scores),
        figures=measured,
        chains=tuple(_chain(one) for one, _ in rated),
        first_errors=tuple(one.first_error for one, _ in rated if one.first_error is not None),
        predicted=tuple(next((i for i, p in enumerate(s) if p < MIDDLE), -1) for _, s in rated),
    )


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


def _chain(example: Example) -> Chain:
    return Chain(id=example.id, question=example.question, steps=example.steps)


def _num_targets(examples: Sequence[Example]) -> int:
    return sum(target is not None for example in examples for target in example.targets)


def _num_problems(examples: Sequence[Example]) -> int:
    return len({normalize_problem(example.question) for example in examples})


def _cross_entropy(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Mean of −t·log p − (1−t)·log(1−p) over (t, p), nat; None without a pair."""
    if not pairs:
        return None
    target, score = torch.tensor(pairs, dtype=torch.float64).unbind(dim=1)
    return float(torch.nn.functional.binary_cross_entropy(score, target))
