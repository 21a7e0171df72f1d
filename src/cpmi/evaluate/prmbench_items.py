"""PRMBench's items as arrays, chosen by one of two readings of the benchmark.

*Official*: every item, several right solutions included; the first of those that share `idx` and class;
`error_steps` past the end of a chain are not there, its other steps are right. *Well-formed*: items with an
error, whose `error_steps` all lie inside the chain, which has no empty step.

Axes: N steps of all items, C items.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cpmi.data import normalize_problem
from cpmi.errors import InputError
from cpmi.evaluate.prmbench_result import Difference
from cpmi.evaluate.threshold import OFFICIAL_VALUE
from cpmi.metrics.layout import Bools, Floats, Ints, StepLayout
from cpmi.runs.matching import fold_of
from cpmi.runs.score_table import ScoreRow
from cpmi.types import Chain, Rating

MULTI_SOLUTIONS = "multi_solutions"
UNCLASSIFIED = "unclassified"
_NUMBERS = re.compile(r"(-?\d+(, *-?\d+)*)?")
NUM_ITEMS = 6_211
"""Of the whole benchmark, 25 files, those that share `idx` and class counted once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Items:
    """Items as arrays; problems are the original ones, of which several items are edited forms.

    Attributes:
        rows: the items and their scores.
        layout: of their steps.
        scores_N: NaN for a step without a score.
        wrong_N: which steps are wrong.
        class_C: the class of error that an item was edited to hold.
        official: which reading chose them.
    """

    rows: tuple[ScoreRow, ...]
    layout: StepLayout
    scores_N: Floats
    wrong_N: Bools
    class_C: tuple[str, ...]
    official: bool

    @classmethod
    def of(cls, rows: Sequence[ScoreRow], *, official: bool) -> Items:
        """All of these rows, whose error steps are known."""
        problems: dict[str, int] = {}
        chains = [row.chain for row in rows]
        texts = [normalize_problem(c.meta.get("original_question", c.question)) for c in chains]
        wrong = [number in (error_steps(c) or ()) for c in chains for number in range(1, len(c.steps) + 1)]
        layout = StepLayout(
            num_steps_C=np.array([len(chain.steps) for chain in chains], dtype=np.int64),
            first_error_C=np.full(len(rows), -1, dtype=np.int64),  # not read: all steps are judged
            problem_C=np.array([problems.setdefault(text, len(problems)) for text in texts], dtype=np.int64),
            fold_C=np.array([fold_of(text) for text in texts], dtype=np.int64),
        )
        return cls(
            rows=tuple(rows),
            layout=layout,
            scores_N=np.array([score for row in rows for score in row.scores.values], dtype=np.float64),
            wrong_N=np.array(wrong, dtype=np.bool_),
            class_C=tuple(map(class_of, chains)),
            official=official,
        )

    @property
    def problem_N(self) -> Ints:
        return np.asarray(self.layout.problem_C[self.layout.chain_N])

    @property
    def scored_N(self) -> Bools:
        return ~np.isnan(self.scores_N)

    @property
    def flagged_N(self) -> Bools:
        """Steps that their scores call wrong: officially those not above 0.5, else those below."""
        if self.official:
            return np.asarray(~(self.scores_N > OFFICIAL_VALUE))
        return np.asarray(self.scores_N < OFFICIAL_VALUE)

    @property
    def counted_N(self) -> Bools:
        """Steps that count for the scores; officially a step without a score does not."""
        return self.scored_N if self.official else np.ones(len(self.scores_N), dtype=np.bool_)


def class_of(chain: Chain) -> str:
    """The class of error that the item was edited to hold."""
    return chain.meta.get("classification", UNCLASSIFIED)


def key_of(chain: Chain) -> tuple[str, str]:
    """What the official code knows an item by."""
    return class_of(chain), chain.meta.get("idx", chain.id)


def error_steps(chain: Chain) -> tuple[int, ...] | None:
    """Numbers of the wrong steps, from 1, as the record says; else by ratings of all steps; else None.

    Raises:
        InputError: the record says something else.
    """
    stated = chain.meta.get("error_steps")
    if stated is not None:
        if not _NUMBERS.fullmatch(stated):
            raise InputError(
                "'error_steps' are not numbers of steps",
                where=chain.where,
                got=repr(stated),
                expected='"2, 3"',
            )
        return tuple(map(int, re.findall(r"-?\d+", stated)))
    ratings = chain.ratings
    if ratings is None or Rating.NOT_JUDGED in ratings:
        return None
    return tuple(number for number, rating in enumerate(ratings, 1) if rating is Rating.WRONG)


def official_rows(rows: Iterable[ScoreRow]) -> list[ScoreRow]:
    """The first of those that share class and `idx`, in the order given."""
    first: dict[tuple[str, str], ScoreRow] = {}
    for row in rows:
        first.setdefault(key_of(row.chain), row)
    return list(first.values())


def well_formed_rows(rows: Iterable[ScoreRow]) -> list[ScoreRow]:
    """Those that hold an error, whose error steps all lie inside the chain, and without an empty step."""
    return [
        row
        for row in rows
        if error_steps(row.chain) and not (_points_outside(row.chain) or _has_empty_step(row.chain))
    ]


def _has_empty_step(chain: Chain) -> bool:
    return bool(chain.meta.get("empty_steps"))


def _points_outside(chain: Chain) -> bool:
    return any(not 1 <= number <= len(chain.steps) for number in error_steps(chain) or ())


def differences(rows: Sequence[ScoreRow], official: Items) -> tuple[Difference, ...]:
    """What the two readings do differently, and on how much of what was scored.

    Args:
        rows: all items that were scored.
        official: those of them that the official reading uses.
    """
    chains = [row.chain for row in rows]
    return (
        Difference(
            what="items without an error (several right solutions)",
            official="their steps count",
            well_formed="apart",
            num=sum(not error_steps(chain) for chain in chains),
        ),
        Difference(
            what="items with an error step outside the chain",
            official="its other error steps are wrong, all else is right",
            well_formed="left out",
            num=sum(map(_points_outside, chains)),
        ),
        Difference(
            what="items with an empty step (read as …)",
            official="all steps count",
            well_formed="left out",
            num=sum(map(_has_empty_step, chains)),
        ),
        Difference(
            what="items that repeat the idx of one of their class",
            official="the first counts",
            well_formed="all count",
            num=len(rows) - len(official.rows),
        ),
        Difference(
            what="steps with a score of exactly 0.5",
            official="wrong",
            well_formed="right",
            num=int((official.scores_N == OFFICIAL_VALUE).sum()),
        ),
        Difference(
            what="steps without a score",
            official="do not count",
            well_formed="right",
            num=int((~official.scored_N).sum()),
        ),
    )
