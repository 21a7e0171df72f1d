r"""Sets of values with an integer parameter: `k\pi, k \in \mathbb{Z}`, whatever the parameter is called."""

from __future__ import annotations

import re
from typing import NamedTuple

from cpmi.answers.expression_reader import read_expression
from cpmi.answers.expressions import Node, letter, number, substitute
from cpmi.answers.latex import plain_text, unwrap
from cpmi.answers.reading import parse_answer
from cpmi.answers.values import compare_values
from cpmi.answers.verdicts import DIFFERENT, SAME, undecided
from cpmi.types import Verdict

_MAX_LENGTH = 300
_SHIFTS = (0, 1, -1)
_INTEGERS = r"(?:\\mathbb\s*\{?\s*Z\s*\}?|\\mathbf\s*\{?\s*Z\s*\}?|\\Z(?![A-Za-z])|ℤ|Z)"
_JOINED = r"(?:[\s,;:(|]|\b(?:for|where|with|and|any|all|every|each|some|an?|arbitrary)\b)*"
_DECLARED = re.compile(
    rf"{_JOINED}(?:(?P<in>[A-Za-z])\s*(?:\\in(?![A-Za-z])|∈|in)\s*{_INTEGERS}"
    r"|(?P<is>[A-Za-z])\s+(?:is\s+)?(?:an?\s+|any\s+)?(?:arbitrary\s+)?integers?|integers?\s+(?P<of>[A-Za-z]))\s*\)?\s*\Z"
)


class IntegerSet(NamedTuple):
    """The values of a formula for all integers in the place of a letter."""

    name: str
    formula: Node | None
    parameter: str


def states_integer_set(text: str) -> bool:
    """Whether a text states a formula and that a letter of it is an integer."""
    return ("Z" in text or "ℤ" in text or "integer" in text) and read_integer_set(text) is not None


def read_integer_set(text: str) -> IntegerSet | None:
    r"""The set that a text states, `x = k\pi, k \in \mathbb{Z}`; None where no letter is an integer."""
    text = unwrap(text).core
    if len(text) > _MAX_LENGTH:
        return None
    text = plain_text(text)
    declared = next((found for at in _starts(text) if (found := _DECLARED.match(text, at))), None)
    if declared is None or not text[: declared.start()].strip():
        return None
    answer = parse_answer(text[: declared.start()].strip())
    parameter = declared["in"] or declared["is"] or declared["of"]
    return IntegerSet(answer.name, read_expression(answer.core), parameter)


def compare_integer_sets(first: str, second: str) -> Verdict | None:
    """The verdict where a side states such a set; None where none does.

    SAME where a parameter can be renamed, turned and moved by one so that the formulas are equal.
    """
    sets = read_integer_set(first), read_integer_set(second)
    one, other = sets
    if one is None and other is None:
        return None
    if one is None or other is None:
        alone, text = (one, second) if one is not None else (other, first)
        value = read_expression(parse_answer(text).core)
        known = alone is not None and alone.formula is not None and alone.parameter in alone.formula.letters
        if known and value is not None and not value.letters:
            return DIFFERENT
        return undecided("an integer parameter on one side")
    if one.name and other.name and one.name != other.name:
        return undecided(f"assigned to {one.name} and to {other.name}")
    if one.formula is None or other.formula is None:
        return undecided("not read as a formula")
    left, right = (each.formula and _with_parameter(each) for each in (one, other))
    for sign in (1, -1):
        for shift in _SHIFTS:
            moved = Node("+", (Node("*", (number(sign), letter(_PARAMETER))), number(shift)))
            if left and right and compare_values(left, substitute(right, {_PARAMETER: moved})) is SAME:
                return SAME
    return undecided("sets with an integer parameter")


_PARAMETER = "integer"


def _with_parameter(each: IntegerSet) -> Node:
    assert each.formula is not None
    return substitute(each.formula, {each.parameter: letter(_PARAMETER)})


def _starts(text: str) -> list[int]:
    """Where a declaration may begin: behind a formula, at a mark, a blank or a bracket."""
    return [match.start() for match in re.finditer(r"[\s,;:(|]+", text)]
