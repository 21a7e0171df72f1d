"""Rebuild chains from rated steps: every row rates one step that continues a prefix.

The rows of one problem form a tree; each leaf, a chain that no other row extends, is one chain. Rows that
say the same of the same step are merged. Rows that rate the same step differently are contradictory: none
of their ratings is used, each such step is reported once, and the chains that run through it stay, with
that step NOT_JUDGED. A null rates nothing and contradicts nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cpmi.data.format import ReadOutcome
from cpmi.data.record import SKIP_HINT, RawRecord
from cpmi.errors import RecordError
from cpmi.types import Chain, Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedStep:
    """One row: `step` continues `prefix` and has `rating`; `answer` is what the step states, if it does."""

    prefix: tuple[str, ...]
    step: str
    rating: Rating
    answer: str | None
    source: str


@dataclass(slots=True)
class _Node:
    """One step in its place; `depth` steps lead up to and include it."""

    children: dict[str, _Node] = field(default_factory=dict)
    rows: list[RatedStep] = field(default_factory=list)


class StepTree:
    """The rated steps of one problem. Mutable: rows are added, then the chains are read."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, row: RatedStep) -> None:
        node = self._root
        for step in row.prefix:
            node = node.children.setdefault(step, _Node())
        node.children.setdefault(row.step, _Node()).rows.append(row)

    def outcomes(self, record: RawRecord, *, question: str, gold: str | None = None) -> Iterator[ReadOutcome]:
        """One chain per leaf, in order of first appearance, and one RecordError a contradictory step.

        Args:
            record: names the problem; the leaves' ids are its id and their number.
            question: the problem's text.
            gold: its right answer, if known.
        """
        num_leaves = 0
        # An own stack, not recursion: chains may be deeper than Python's stack.
        stack: list[tuple[_Node, tuple[str, ...], tuple[Rating, ...]]] = [(self._root, (), ())]
        while stack:
            node, steps, ratings = stack.pop()
            if steps and _is_contradictory(node):
                yield _contradiction(node, record, len(steps) - 1)
            for step, child in reversed(node.children.items()):
                stack.append((child, (*steps, step), (*ratings, _rating(child))))
            if steps and not node.children:
                try:
                    yield Chain(
                        id=f"{record.id}/{num_leaves}",
                        question=question,
                        steps=steps,
                        gold=gold,
                        answer=_answer(node),
                        ratings=ratings,
                        source=node.rows[0].source,
                    )
                except RecordError as error:
                    yield error
                num_leaves += 1


def _judgments(node: _Node) -> set[Rating]:
    return {row.rating for row in node.rows} - {Rating.NOT_JUDGED}


def _is_contradictory(node: _Node) -> bool:
    return len(_judgments(node)) > 1


def _rating(node: _Node) -> Rating:
    judgments = _judgments(node)
    return judgments.pop() if len(judgments) == 1 else Rating.NOT_JUDGED


def _answer(node: _Node) -> str | None:
    """What the last step states; None where its rows state several answers."""
    answers = {row.answer for row in node.rows if row.answer}
    return answers.pop() if len(answers) == 1 else None


def _contradiction(node: _Node, record: RawRecord, step_index: int) -> RecordError:
    ratings = Counter(row.rating for row in node.rows)
    return RecordError(
        "rows rate the same step differently",
        where=f"{node.rows[0].source} [{record.id}, step {step_index + 1}]",
        got=", ".join(f"{rating} {count} times" for rating, count in ratings.items()),
        expected="one rating of one step after one prefix",
        hint=f"{SKIP_HINT} The chains through it then have this step as not judged.",
    )
