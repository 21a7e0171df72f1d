"""Comparison of two formulas by their values at points, with what the digits prove.

DIFFERENT needs a point inside both domains at which the values are certainly apart; SAME needs equal values
at every point and a proof. What is equal at some points only (branches of roots and logarithms) is doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from fractions import Fraction
from typing import Any

from cpmi.answers.evaluation import Approximation, NoValueError, Point, exact_value
from cpmi.answers.expressions import Node, letter, number, substitute
from cpmi.answers.identity import identical
from cpmi.answers.verdicts import DIFFERENT, SAME, undecided
from cpmi.types import Verdict

_DIGITS = 50
_MORE_DIGITS = (400, 3_000)
# A decimal this long is a number printed by a machine: its rounding is no other answer.
PRINTED_DIGITS = 12
# A whole number may round what is off by less than one part in _ROUNDING; 1 does not round 1 + 1e-9.
_ROUNDING, _FINEST = 200, 1e-7
_LESS = 1 + 1e-9  # 0.25 and 0.26 are no roundings of each other
_HIGH_POWER = 10
_MAX_OPEN = 12  # nodes without a value whose parts are compared with each other; beyond, letter by letter
_MAX_SHIFT = 5  # a decimal may be a rounding of what is off by less than one part in this many
# Values of the letters: alone, or by turns.
_VALUES = ("1.37", "0.41", "2.83", "17.9", "0.093", "131.7", "-1.37 0.59", "-2.83 -0.73", "0.67 -3.1")
# Letters for a constant that may be chosen freely, as in an antiderivative.
_FREE = re.compile(r"[CcKk](?:_\d)?")


class Gap(Enum):
    """What the values at a point say."""

    NONE = "equal as far as computed"
    CERTAIN = "certainly apart"


def compare_values(left: Node, right: Node) -> Verdict:
    """SAME, DIFFERENT or UNDECIDED with a reason, for two formulas without a relation sign."""
    if not left.has_open and not right.has_open:
        return _compare_computed(left, right)
    left, right = with_shared_letters(left, right)
    return SAME if _compare_computed(left, right) is SAME else undecided("a value that is not computed")


def with_shared_letters(left: Node, right: Node) -> tuple[Node, Node]:
    """The formulas with one letter for equal open nodes: integrals, sums, limits, values of functions."""
    known: list[Node] = []

    def replaced(node: Node) -> Node:
        if not node.is_open:
            return replace(node, args=tuple(map(replaced, node.args))) if node.args else node
        same = _are_one if len(known) < _MAX_OPEN else Node.__eq__
        place = next((place for place, other in enumerate(known) if same(node, other)), len(known))
        known.append(node)
        return letter(f"value {place}")

    return replaced(left), replaced(right)


def _are_one(first: Node, second: Node) -> bool:
    """Whether two open nodes have equal parts."""
    pairs = zip(first.args, second.args, strict=False)
    return first == second or (
        (first.op, len(first.args)) == (second.op, len(second.args))
        and all(compare_values(x, y) is SAME for x, y in pairs)
    )


def _compare_computed(left: Node, right: Node) -> Verdict:
    letters = left.letters | right.letters
    found: set[Gap] = set()
    witness: Point | None = None
    for point in (*points(letters), *whole_points(letters)):
        if found and all(value.denominator == 1 for value in point.values()):
            break
        try:
            gap = gap_at(left, right, point)
        except NoValueError:
            continue
        found.add(gap)
        if gap is Gap.CERTAIN:
            witness = witness or point
        if len(found) == 2:
            return undecided("equal for some values of the letters only")
    if not found:
        return undecided("no value to compare")
    if witness is not None:
        return _judge_difference(left, right, witness)
    # A few more digits take less time than a proof.
    if not letters and _certain_at(left, right, {}, _MORE_DIGITS[0]):
        return DIFFERENT
    if identical(left, right):
        return SAME
    if not letters and _certain_at(left, right, {}, _MORE_DIGITS[1]):
        return DIFFERENT
    return undecided("equal by number, not by proof")


def points(letters: frozenset[str]) -> Iterator[Point]:
    """Points with all letters positive, then with negative ones; one empty point where there are none."""
    names = sorted(letters)
    for value in _VALUES if names else ("0",):
        pair = value.split()
        yield {
            name: Fraction(pair[place % len(pair)]) * (1 + Fraction(37 * place, 101))
            for place, name in enumerate(names)
        }


def whole_points(letters: frozenset[str]) -> Iterator[Point]:
    """Points of whole numbers, where `(-1)^n` has a value; there, unequal formulas may well meet."""
    for start in (5, 8) if letters else ():
        yield {name: Fraction(start + 3 * place) for place, name in enumerate(sorted(letters))}


def gap_at(left: Node, right: Node, point: Point) -> Gap:
    """Compare the values at one point.

    Raises:
        NoValueError: one side has no value there, or a complex one where no imaginary unit is written.
    """
    try:
        return Gap.NONE if exact_value(left, point) == exact_value(right, point) else Gap.CERTAIN
    except NoValueError:
        return Gap.CERTAIN if _certain_at(left, right, point, _DIGITS) else Gap.NONE


def _certain_at(left: Node, right: Node, point: Point, digits: int, *, real: bool = True) -> bool:
    """Whether the values are apart by far more than the rounding errors of the computation.

    The errors are measured: each side is computed with `digits` and with twice as many.
    """
    written = left.is_complex or right.is_complex
    real = real and not written
    rough, fine = Approximation(digits, real=real), Approximation(2 * digits, real=real)
    error: Any = 0
    values = []
    for node in (left, right):
        value = fine.value(node, point)
        error += abs(rough.value(node, point) - value)
        values.append(value)
    error += max(rough.largest, *map(abs, values)) / 10 ** (digits - 5)
    if any(getattr(value, "imag", 0) for value in values) and not written:
        if real:
            return _certain_at(left, right, point, digits, real=False)
        if point:
            raise NoValueError("not real")
    return bool(abs(values[0] - values[1]) > 1000 * error)


def _judge_difference(left: Node, right: Node, witness: Point) -> Verdict:
    doubt = _other_letters(left, right)
    if doubt:
        return undecided(doubt)
    for rounded, other in ((left, right), (right, left)):
        if _is_printed(rounded, other, witness):
            return SAME
    if _may_be_rounded(left, right, witness):
        return undecided("equal up to rounding")
    return DIFFERENT


def _other_letters(left: Node, right: Node) -> str:
    """Why a difference may be one of names only; "" if it cannot."""
    only_left, only_right = left.letters - right.letters, right.letters - left.letters
    if "I" in only_left | only_right and _agree_with(left, right, {"I": Node("constant", name="i")}):
        return "I may be the imaginary unit"
    shared = left.letters & right.letters
    free = only_left | only_right
    if (
        shared
        and free
        and all(map(_FREE.fullmatch, free))
        and _agree_with(left, right, dict.fromkeys(free, number(0)))
    ):
        return "differ in a constant of free choice"
    if not only_left or not only_right:
        return ""
    if {name.lower() for name in only_left} == {name.lower() for name in only_right}:
        return "letters differ in case"
    indexed = {name.partition("_")[0] for name in only_left} & {name.partition("_")[0] for name in only_right}
    if not shared and not indexed and len(only_left) == len(only_right):
        return "written in other letters"
    return ""


def _agree_with(left: Node, right: Node, values: dict[str, Node]) -> bool:
    """Whether no difference is left once letters have these values."""
    first, second = substitute(left, values), substitute(right, values)
    try:
        return all(
            gap_at(first, second, point) is Gap.NONE for point in points(first.letters | second.letters)
        )
    except NoValueError:
        return False


def _difference_size(left: Node, right: Node, point: Point) -> tuple[Any, Any]:
    """Difference of the values and the larger size."""
    fine = Approximation(_DIGITS)
    first, second = fine.value(left, point), fine.value(right, point)
    return first - second, max(abs(first), abs(second))


def _is_printed(rounded: Node, other: Node, point: Point) -> bool:
    """Whether one side is a long decimal and the other rounds to it: 0.142857142857143 for 1/7."""
    decimals = rounded.decimals or 0
    if rounded.op != "number" or decimals < PRINTED_DIGITS or other.op == "number":
        return False
    if abs(rounded.value) * 10**decimals < 10 ** (PRINTED_DIGITS - 1):
        return False
    distance, _ = _difference_size(rounded, other, point)
    return bool(abs(distance) * 10**decimals * 1000 <= 501)


def _may_be_rounded(left: Node, right: Node, point: Point) -> bool:
    """Whether less than one in the last place of the decimals of one side would close the gap."""
    try:
        distance, size = _difference_size(left, right, point)
        if abs(distance) * _MAX_SHIFT > size:
            return False
        return any(
            _reach(*sides, point, distance, size) > abs(distance) * _LESS
            for sides in ((left, right), (right, left))
        )
    except NoValueError:
        return False


def _reach(side: Node, other: Node, point: Point, distance: Any, size: Any) -> Any:
    """How far one side moves if each of its decimals moves by one in the last place."""
    if _is_whole(side) and _is_irrational(other):
        return 1 if size * _FINEST < abs(distance) * _ROUNDING < size else 0
    reach: Any = 0
    exact = _exact_bases(side) | set(other.walk())
    decimals = {part for part in side.walk() if part.op == "number" and part.decimals is not None}
    for literal in decimals - exact:
        step = Fraction(10) ** -(literal.decimals or 0)
        moved = _replaced(side, literal, replace(literal, value=literal.value + step))
        reach += abs(_difference_size(moved, side, point)[0])
    return reach


def _exact_bases(side: Node) -> set[Node]:
    """Decimals under a power so high that rounding them would have made no sense."""
    powers = [part.args for part in side.walk() if part.op == "^"]
    return {base for base, exponent in powers if exponent.op == "number" and exponent.value >= _HIGH_POWER}


def _is_whole(node: Node) -> bool:
    return node.op == "number" and node.decimals is None and node.value.denominator == 1


def _is_irrational(node: Node) -> bool:
    """Whether a constant is not rational by its form."""
    if node.letters:
        return False
    try:
        exact_value(node, {})
    except NoValueError:
        return True
    return False


def _replaced(node: Node, old: Node, new: Node) -> Node:
    if node == old:
        return new
    return replace(node, args=tuple(_replaced(arg, old, new) for arg in node.args)) if node.args else node
