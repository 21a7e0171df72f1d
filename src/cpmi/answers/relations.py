r"""Equations and inequalities: `y=2x+3` against `2x-y+3=0`, `1<x\le4` against `(1,4]`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from cpmi.answers.evaluation import Approximation, NoValueError, exact_value
from cpmi.answers.expression_reader import read_expression
from cpmi.answers.expression_text import plain_formula
from cpmi.answers.expression_tokens import Habits
from cpmi.answers.expressions import Node, difference, number, substitute
from cpmi.answers.identity import identical
from cpmi.answers.values import Gap, gap_at, points, with_shared_letters
from cpmi.answers.verdicts import DIFFERENT, SAME, undecided
from cpmi.types import Verdict

_SIGNS_AND_BRACES = re.compile(
    r"\\?[{}]|(?P<ne>\\neq?(?![A-Za-z])|\\not\s*=|!=)|(?P<le>\\le(?:q|qslant)?(?![A-Za-z])|<=)|(?P<ge>\\ge(?:q|qslant)?(?![A-Za-z])|>=)"
    r"|(?P<lt><|\\lt(?![A-Za-z]))|(?P<gt>>|\\gt(?![A-Za-z]))|(?P<eq>=)"
)
_TURNED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
_OR = re.compile(r"\\text\s*\{\s*or\s*\}|\bor\b|\\cup(?![A-Za-z])|\\lor(?![A-Za-z])")
_LETTER = re.compile(r"\\?[A-Za-z]+(?:_\{?\w+\}?)?(?:\([A-Za-z]\))?")
_GRID = tuple(Fraction(value, 4) for value in (-37, -21, -13, -8, -5, -3, -2, -1, 1, 2, 3, 5, 8, 13, 21, 37))


def is_relation(text: str) -> bool:
    """Whether an equality or inequality sign is written in a text, outside of braces."""
    return bool(_signs(text))


def _signs(text: str) -> list[re.Match[str]]:
    depth = 0
    found = []
    for match in _SIGNS_AND_BRACES.finditer(text):
        if match.lastgroup is None:
            depth += {"{": 1, "}": -1}.get(match.group(), 0)
        elif depth == 0:
            found.append(match)
    return found


def split_relation(text: str) -> tuple[list[str], list[str]]:
    """The sides of a relation and the names of the signs between them ("eq", "lt", "le", ...)."""
    text = plain_formula(text)
    matches = _signs(text)
    starts = [0, *(match.end() for match in matches)]
    ends = [*(match.start() for match in matches), len(text)]
    sides = [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return sides, [match.lastgroup or "" for match in matches]


def as_interval(text: str) -> tuple[str, str] | None:
    r"""The letter and its values, as intervals in text, of `x>2`, `1<x\le4`, `x<-1 or x>2`, `x\ne3`."""
    pieces = [_one_interval(piece) for piece in _OR.split(text)]
    known = [piece for piece in pieces if piece is not None]
    if len(known) < len(pieces) or len({letter for letter, _ in known}) != 1:
        return None
    return known[0][0], r" \cup ".join(interval for _, interval in known)


def _one_interval(text: str) -> tuple[str, str] | None:
    sides, signs = split_relation(text)
    if len(signs) not in (1, 2) or not all(sides):
        return None
    places = [
        place
        for place, side in enumerate(sides)
        if _LETTER.fullmatch(side) and side not in (r"\pi", "pi", "e")
    ]
    if len(places) != 1 or (len(signs) == 2 and places != [1]):
        return None
    place = places[0]
    name = sides[place]
    if len(signs) == 2:
        if set(signs) <= {"lt", "le"}:
            return name, _interval(sides[0], signs[0], sides[2], signs[1])
        if set(signs) <= {"gt", "ge"}:
            return name, _interval(sides[2], signs[1], sides[0], signs[0])
        return None
    sign, bound = (signs[0], sides[1]) if place == 0 else (_TURNED[signs[0]], sides[0])
    if sign == "ne":
        return name, rf"(-\infty,{bound}) \cup ({bound},\infty)"
    if sign in ("lt", "le"):
        return name, _interval(r"-\infty", "lt", bound, sign)
    return (name, _interval(bound, sign, r"\infty", "gt")) if sign in ("gt", "ge") else None


def _interval(low: str, first: str, high: str, second: str) -> str:
    return (
        ("[" if first in ("le", "ge") else "(") + f"{low},{high}" + ("]" if second in ("le", "ge") else ")")
    )


@dataclass(frozen=True, slots=True)
class Relation:
    """`value` is zero, positive or the like, as `sign` says."""

    value: Node
    sign: str


def read_relation(text: str, habits: Habits) -> Relation | None:
    """A relation of two sides; None if it has other than two or a side is not read."""
    sides, signs = split_relation(text)
    if len(signs) != 1:
        return None
    left, right = (read_expression(side, habits) for side in sides)
    if left is None or right is None:
        return None
    if signs[0] in ("lt", "le"):
        left, right = right, left
    return Relation(difference(left, right), _TURNED[signs[0]] if signs[0] in ("lt", "le") else signs[0])


def compare_relations(first: Relation, second: Relation) -> Verdict:
    """SAME where one is the other times a constant; DIFFERENT where a point fulfills one only."""
    if not first.value.has_open and not second.value.has_open:
        return _compare_computed(first, second)
    one, other = with_shared_letters(first.value, second.value)
    verdict = _compare_computed(replace(first, value=one), replace(second, value=other))
    return SAME if verdict is SAME else undecided("a value that is not computed")


def _compare_computed(first: Relation, second: Relation) -> Verdict:
    if first.value.letters != second.value.letters:
        return undecided("relations of other letters")
    if first.value.is_complex or second.value.is_complex:
        return undecided("relations of complex numbers")
    if any(map(_is_constant, (first.value, second.value))):
        return undecided("a relation that does not depend on a letter")
    factor = _factor(first, second)
    if factor is not None and identical(Node("*", (number(factor), first.value)), second.value):
        if first.sign == second.sign and (factor > 0 or first.sign in ("eq", "ne")):
            return SAME
        return DIFFERENT
    if first.sign == second.sign == "eq":
        apart = _solution_of_one(first.value, second.value) or _solution_of_one(second.value, first.value)
        return DIFFERENT if apart else undecided("equations that are not multiples of each other")
    return (
        DIFFERENT
        if _truths_differ(first, second)
        else undecided("relations that are not multiples of each other")
    )


def _is_constant(value: Node) -> bool:
    if not value.letters:
        return True
    there = {name: number(place + 2) for place, name in enumerate(sorted(value.letters))}
    return identical(substitute(value, there), value)


def _factor(first: Relation, second: Relation) -> Fraction | None:
    """What the first value is multiplied by to give the second at a point, if it is rational."""
    for point in points(first.value.letters):
        values = {name: number(value) for name, value in point.items()}
        one, other = substitute(first.value, values), substitute(second.value, values)
        try:
            return _ratio(one, other)
        except NoValueError:
            continue
    return None


def _ratio(one: Node, other: Node) -> Fraction | None:
    try:
        below = exact_value(one, {})
        return exact_value(other, {}) / below if below else None
    except NoValueError:
        fine = Approximation(40)
        below = fine.value(one, {})
        ratio: Any = fine.value(other, {}) / below if below else None
    if ratio is None or ratio != ratio.real:
        return None
    return Fraction(str(ratio)).limit_denominator(1_000) or None


def _truths_differ(first: Relation, second: Relation) -> bool:
    """Whether a point fulfills one of the relations only, with certainty."""
    for point in points(first.value.letters):
        try:
            if _is_true(first, point) != _is_true(second, point):
                return True
        except NoValueError:
            continue
    return False


def _is_true(relation: Relation, point: Any) -> bool:
    if gap_at(relation.value, number(0), point) is not Gap.CERTAIN:
        raise NoValueError("too near to a border")
    positive = Approximation(50).value(relation.value, point) > 0
    return relation.sign == "ne" or (relation.sign in ("gt", "ge") and bool(positive))


def _solution_of_one(value: Node, other: Node) -> bool:
    """Whether a solution of `value = 0` is certainly none of `other = 0`.

    A change of sign between two points encloses a solution; it is narrowed until the other value keeps far
    from zero on both ends compared with its change between them.
    """
    names = sorted(value.letters)
    fine = Approximation(60)
    for moved in names:
        for base in list(points(value.letters))[:3]:
            ends = [{**base, moved: place} for place in _GRID]
            for low, high in pairwise(ends):
                try:
                    if fine.value(value, low) * fine.value(value, high) < 0 and _misses(
                        value, other, low, high, moved
                    ):
                        return True
                except (NoValueError, TypeError):
                    continue
    return False


def _misses(
    value: Node, other: Node, low: dict[str, Fraction], high: dict[str, Fraction], moved: str
) -> bool:
    fine = Approximation(60)
    for _ in range(60):
        middle = {**low, moved: (low[moved] + high[moved]) / 2}
        if fine.value(value, low) * fine.value(value, middle) <= 0:
            high = middle
        else:
            low = middle
    # A pole changes its sign too, but does not come near to zero.
    near = max(abs(fine.value(value, low)), abs(fine.value(value, high)))
    first, second = fine.value(other, low), fine.value(other, high)
    return bool(near < 1e-9 and abs(first) > 1e-6 and abs(first - second) < abs(first) / 1_000)
