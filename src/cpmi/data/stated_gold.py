"""The gold answer in a text that may be a whole reference solution."""

from __future__ import annotations

from cpmi.answers import compare_exactly, extract_answer
from cpmi.types import Relation

GOLD_MARK = "####"
BOX = "\\boxed"


def stated_gold(text: str) -> str:
    """What is behind the last `####`, else in the last box, else all of the text, stripped."""
    _, mark, behind = text.rpartition(GOLD_MARK)
    if mark and behind.strip():
        return behind.strip()
    if BOX in text and (found := extract_answer(text)) is not None:
        return found.text
    return text.strip()


def say_the_same(first: object, second: object) -> bool:
    """Whether two columns of golds, whatever they hold, say the same by text or by exact value: 7 and 7.0."""
    one, other = (stated_gold(str(_alone(value))) for value in (first, second))
    if one == other:
        return True
    verdict = compare_exactly(one, other)
    return verdict is not None and verdict.relation is Relation.SAME


def _alone(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
