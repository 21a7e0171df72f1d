"""Whether two answers are the same, for a pair or two; for many, `Equivalence` keeps its workers."""

from __future__ import annotations

from cpmi.answers.equivalence import Equivalence
from cpmi.answers.grading import Grading
from cpmi.arguments import checked
from cpmi.types import Relation


@checked
def same_answer(first: str, second: str, *, grading: Grading | None = None) -> bool | None:
    r"""Whether two answers are the same: `1/2` and `\frac{1}{2}` are; None where that is undecided.

    Args:
        first, second: the answers, without the words around them (`extract_answer` finds them in a text).
        grading: how they are compared; by default as math.

    Raises:
        ConfigError: a function of the grading cannot be loaded.
        WorkerError, AnswerCheckError: as `Equivalence.compare_many`.
    """
    with Equivalence(grading=grading or Grading()) as equivalence:
        relation = equivalence.compare(first, second).relation
    return None if relation is Relation.UNDECIDED else relation is Relation.SAME
