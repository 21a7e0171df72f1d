"""What the cases of every language have in common: the answer that is found, and what it is the same as."""

from __future__ import annotations

from cpmi.answers import Decimal, Equivalence, extract_answer
from cpmi.types import Relation


def expect_answer(text: str, answer: str, decimal: Decimal = "point") -> None:
    """The text states this answer."""
    found = extract_answer(text, decimal)
    assert found is not None
    assert found.text == answer


def expect_case(text: str, answer: str, gold: str, other: str, decimal: Decimal = "point") -> None:
    """The text states this answer, which is the gold, and is not the other one, where there is another."""
    expect_answer(text, answer, decimal)
    expect_relation(gold, answer, Relation.SAME, decimal)
    if other:
        expect_relation(other, answer, Relation.DIFFERENT, decimal)


def expect_relation(first: str, second: str, relation: Relation, decimal: Decimal = "point") -> None:
    """The two answers compare so."""
    with Equivalence(inline=True) as equivalence:
        assert equivalence.compare(first, second, decimal).relation is relation
