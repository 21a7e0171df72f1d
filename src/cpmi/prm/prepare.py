"""Before training: examples split by problem, the base loaded, chains laid out as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cpmi.data import normalize_problem
from cpmi.errors import InputError
from cpmi.prm.collate import class_weights
from cpmi.prm.examples import Example, counted_only, in_validation, resolve_loss, shape
from cpmi.prm.layout import Encoder, Layout
from cpmi.prm.model import (
    begin_step_token,
    build_model,
    is_reward_model,
    max_positions,
)
from cpmi.prm.options import Loss, TrainOptions
from cpmi.prm.rows import RowCounts, TrainingRow, make_rows, readable
from cpmi.prm.step_token import choose_step_token


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


def _num_targets(examples: Sequence[Example]) -> int:
    return sum(target is not None for example in examples for target in example.targets)


def _num_problems(examples: Sequence[Example]) -> int:
    return len({normalize_problem(example.question) for example in examples})
