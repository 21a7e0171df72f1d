"""Examples as rows of ids with targets at their step tokens, and what was left out on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from cpmi.errors import ContextTooLongError, RecordError
from cpmi.prm.examples import Example
from cpmi.prm.layout import Encoder, Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRow:
    """One chain, ready for a batch.

    Attributes:
        ids: [T], up to the last step token with a target: what follows has no part in the loss.
        positions: of the step tokens that have a target.
        targets: one each, in [0, 1].
        counts: one each, (successes, trials); None if targets are not success rates.
    """

    ids: Ids
    positions: tuple[int, ...]
    targets: tuple[float, ...]
    counts: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """What became of the examples.

    Attributes:
        chains, steps, targets: that are trained on.
        tokens: of all rows, without padding.
        chains_without_target: left out whole: no step has a target, or none that has one fits.
        chains_truncated, steps_truncated, targets_truncated: steps beyond the maximal length, cut off at a
            step's end.
        chains_joined_otherwise: whose joined text the tokenizer would cut differently from the pieces.
        targets_without_count: left out: the Beta-binomial loss reads counts alone.
    """

    chains: int = 0
    steps: int = 0
    targets: int = 0
    tokens: int = 0
    chains_without_target: int = 0
    chains_truncated: int = 0
    steps_truncated: int = 0
    targets_truncated: int = 0
    chains_joined_otherwise: int = 0
    targets_without_count: int = 0

    def __add__(self, other: RowCounts) -> RowCounts:
        theirs = asdict(other)
        return RowCounts(**{name: value + theirs[name] for name, value in asdict(self).items()})

    def to_json(self) -> dict[str, int]:
        return asdict(self)


def readable(
    examples: Sequence[Example], encoder: Encoder, *, skip_unreadable: bool
) -> tuple[list[Example], Counter[str]]:
    """The examples whose text does not hold the step token, and how many others there are, by reason.

    Args:
        examples: of which those without any target are not read, and kept.
        encoder: knows the step token.
        skip_unreadable: leave the others out; else the first one is an error.

    Raises:
        RecordError: a text holds the step token; it names the chain.
    """
    kept: list[Example] = []
    left_out: Counter[str] = Counter()
    for example in examples:
        try:
            if any(target is not None for target in example.targets):
                encoder.expect_no_step_token(example.question, example.steps, where=_name(example))
        except RecordError as error:
            if not skip_unreadable:
                raise
            left_out[error.what] += 1
        else:
            kept.append(example)
    return kept, left_out


def _name(example: Example) -> str:
    """The example in messages."""
    return f"chain [{example.id}]"


def make_rows(
    examples: Sequence[Example], encoder: Encoder, *, max_length: int
) -> tuple[list[TrainingRow], RowCounts]:
    """The rows of the examples that have a target within `max_length`, in order.

    Raises:
        RecordError: a text holds the step token.
    """
    rows: list[TrainingRow] = []
    total = RowCounts()
    for example in examples:
        row, counts = _make_row(example, encoder, max_length)
        total += counts
        if row is not None:
            rows.append(row)
    return rows, total


def _make_row(example: Example, encoder: Encoder, max_length: int) -> tuple[TrainingRow | None, RowCounts]:
    with_target = [index for index, target in enumerate(example.targets) if target is not None]
    if not with_target:
        return None, RowCounts(chains_without_target=1)
    where = _name(example)
    steps = example.steps[: with_target[-1] + 1]
    try:
        encoded = encoder.encode(example.question, steps, max_length=max_length, where=where)
    except ContextTooLongError:
        # The whole chain is cut: counted as any other cut, with its question.
        cut = RowCounts(steps_truncated=len(steps), targets_truncated=len(with_target))
        return None, cut + RowCounts(chains_truncated=1, chains_without_target=1)
    num_fitting = len(encoded.step_positions)
    kept = [index for index in with_target if index < num_fitting]
    counts = RowCounts(
        chains_truncated=int(encoded.num_left_out > 0),
        steps_truncated=encoded.num_left_out,
        targets_truncated=len(with_target) - len(kept),
    )
    if not kept:
        return None, counts + RowCounts(chains_without_target=1)
    joined = encoder.joins(example.question, steps[:num_fitting])
    positions = tuple(encoded.step_positions[index] for index in kept)
    row = TrainingRow(
        ids=encoded.ids[: positions[-1] + 1],
        positions=positions,
        targets=tuple(float(example.targets[index] or 0) for index in kept),
        counts=None if example.counts is None else tuple(example.counts[index] or (0, 0) for index in kept),
    )
    done = RowCounts(
        chains=1,
        steps=num_fitting,
        targets=len(kept),
        tokens=len(row.ids),
        chains_joined_otherwise=int(not joined),
    )
    return row, counts + done
