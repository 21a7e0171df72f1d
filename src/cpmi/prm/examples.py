"""What a reward model learns from: chains with a target for some of their steps.

A missing target is None and never counts. It is not a wrong step and not a right one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cpmi.data import normalize_problem
from cpmi.errors import ConfigError
from cpmi.prm.options import Loss, TrainOptions
from cpmi.types import Chain, FirstErrorUnknown, Rating

MIDDLE = 0.5
"""A soft target below is that of a wrong step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One chain to learn from.

    Attributes:
        id, question, steps: of the chain.
        targets: [S] in [0, 1], 1 for right; None where there is none.
        hard: [S] 0 or 1, where there are hard labels beside soft targets; None if there are none at all.
        counts: [S] (successes, trials) with trials >= 1; None if targets are not success rates.
        first_error: 0-based, -1 for a right chain, None if it is not known; by ratings where `rated`, else
            by hard labels.
        rated: whether `first_error` was given, not computed.

    Raises:
        ValueError: lengths differ, a target is not in [0, 1], or a count is not possible.
    """

    id: str
    question: str
    steps: tuple[str, ...]
    targets: tuple[float | None, ...]
    hard: tuple[float | None, ...] | None = None
    counts: tuple[tuple[int, int] | None, ...] | None = None
    first_error: int | None = None
    rated: bool = False

    def __post_init__(self) -> None:
        for column in (self.targets, self.hard, self.counts):
            if column is not None and len(column) != len(self.steps):
                raise ValueError(f"{self.id}: the columns differ in length")
        if not all(0 <= target <= 1 for target in self.targets if target is not None):
            raise ValueError(f"{self.id}: a target is not in [0, 1]: {self.targets}")
        for count in self.counts or ():
            if count is not None and not 0 <= count[0] <= count[1] != 0:
                raise ValueError(f"{self.id}: {count[0]} successes of {count[1]} trials")


def from_ratings(chain: Chain) -> Example | None:
    """RIGHT and NEUTRAL are 1, WRONG is 0, NOT_JUDGED and all after the first WRONG is None.

    Returns:
        None if no step of the chain is rated.
    """
    ratings, first_error = chain.ratings, chain.first_error
    if ratings is None or first_error is FirstErrorUnknown.NO_RATINGS:
        return None
    end = ratings.index(Rating.WRONG) + 1 if Rating.WRONG in ratings else len(ratings)
    targets = tuple(
        None if rating is Rating.NOT_JUDGED or index >= end else float(rating is not Rating.WRONG)
        for index, rating in enumerate(ratings)
    )
    return Example(
        id=chain.id,
        question=chain.question,
        steps=chain.steps,
        targets=targets,
        first_error=first_error if isinstance(first_error, int) else None,
        rated=True,
    )


def resolve_loss(loss: Loss, examples: Sequence[Example]) -> Loss:
    """The loss that "auto" stands for; and whether the examples have what a loss needs.

    Raises:
        ConfigError: the loss needs hard labels or counts, and the examples have none.
    """
    hard = all(target in (None, 0, 1) for example in examples for target in example.targets)
    if loss == "auto":
        return "ce" if hard else "bce"
    if loss == "ce" and not hard and not all(example.hard is not None for example in examples):
        raise ConfigError(
            "the targets are soft",
            where="option loss",
            got="'ce'",
            expected="hard labels: 0 and 1",
            hint="Use --loss bce, or make hard labels with cpmi calibrate --hard T.",
        )
    if loss == "beta_binomial" and not all(example.counts is not None for example in examples):
        raise ConfigError(
            "the targets are not success counts",
            where="option loss",
            got="'beta_binomial'",
            expected="a run of monte_carlo or adaptive, which count",
            hint="Use --loss bce.",
        )
    return loss


def shape(example: Example, options: TrainOptions, loss: Loss) -> Example:
    """The example as it is trained on: hard or soft, cut after the first error, or its outcome alone."""
    if loss == "ce" and example.hard is not None:
        example = replace(example, targets=example.hard)
    if options.truncate_after_first_error:
        return _truncated(example)
    return _last_step_only(example) if options.last_step_only else example


def counted_only(example: Example) -> Example:
    """Only the targets with a count behind them: the others are none for the Beta-binomial loss."""
    return _kept(example, [count is not None for count in example.counts or (None,) * len(example.steps)])


def in_validation(question: str, options: TrainOptions) -> bool:
    """Whether a problem is held out: a function of its text and the seed, so no chain of it is trained on."""
    text = f"{options.seed}/{normalize_problem(question)}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8]) < options.val_share * 2**64


def _truncated(example: Example) -> Example:
    errors = (index for index, t in enumerate(example.targets) if t is not None and t < MIDDLE)
    end = next(errors, len(example.steps)) + 1
    return _kept(example, [index < end for index in range(len(example.steps))])


def _last_step_only(example: Example) -> Example:
    """The last step's own target; where it has none because an error came before, 0."""
    kept = _kept(example, [index == len(example.steps) - 1 for index in range(len(example.steps))])
    failed = any(target is not None and target < MIDDLE for target in example.targets[:-1])
    if example.targets[-1] is None and failed:
        return replace(kept, targets=(*kept.targets[:-1], 0.0))
    return kept


def _kept(example: Example, keep: Sequence[bool]) -> Example:
    counts = example.counts
    return replace(
        example,
        targets=tuple(t if kept else None for t, kept in zip(example.targets, keep, strict=True)),
        counts=None
        if counts is None
        else tuple(count if kept else None for count, kept in zip(counts, keep, strict=True)),
    )
