"""Whether two answers are the same, for a pair or two; for many, `Equivalence` keeps its workers."""

from __future__ import annotations

from cpmi.answers.equivalence import Equivalence, Percent
from cpmi.types import Relation


def same_answer(first: str, second: str, *, percent: Percent = "undecided") -> bool | None:
    r"""Whether two answers are the same: `1/2` and `\frac{1}{2}` are; None where that is undecided.

    Args:
        first, second: the answers, without the words around them (`extract_answer` finds them in a text).
        percent: what `25\%` is against `25`, as `Equivalence`.

    Raises:
        ConfigError: there is no such `percent`.
        WorkerError: the process that does the algebra cannot be started.
    """
    with Equivalence(percent=percent) as equivalence:
        relation = equivalence.compare(first, second).relation
    return None if relation is Relation.UNDECIDED else relation is Relation.SAME
