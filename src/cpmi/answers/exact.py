r"""Exact comparison of two answers by their typed values, without computer algebra.

Decides plain numbers, roots, choice letters, words and structures of these; None where it takes more. Doubt
is UNDECIDED, never a guess: a wrong DIFFERENT would make a right answer a negative.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction

from cpmi.answers.forms import Answer, Kind, Root
from cpmi.answers.latex import MINUS_SIGNS, plain_text
from cpmi.answers.numerals import Plain
from cpmi.answers.reading import parse_answer
from cpmi.answers.structures import bracket_of, is_infinite
from cpmi.answers.units import PERCENT, Unit
from cpmi.answers.words import normalize_words, peers
from cpmi.types import Relation, Verdict

SAME = Verdict(relation=Relation.SAME)
DIFFERENT = Verdict(relation=Relation.DIFFERENT)

# Below this relative difference a decimal may be a rounding of anything.
_ROUNDING = Fraction(1, 2_000)


def undecided(reason: str) -> Verdict:
    """A verdict of neither, with the reason."""
    return Verdict(relation=Relation.UNDECIDED, reason=reason)


def compare_exactly(first: str, second: str) -> Verdict | None:
    """Compare two answers by value if both are of kinds with exact values.

    Returns:
        a verdict, or None if the pair needs computer algebra.
    """
    return compare_answers(parse_answer(first), parse_answer(second))


def compare_answers(a: Answer, b: Answer) -> Verdict | None:
    """As `compare_exactly`, for answers already read."""
    if not a.core.strip() or not b.core.strip():
        return undecided("empty answer")
    if a.name and b.name and a.name != b.name:
        return undecided(f"assigned to {a.name} and to {b.name}")
    if _squeezed(a) == _squeezed(b) and a.kind == b.kind:
        return SAME
    if a.quantity and b.quantity:
        return _compare_quantities(a, b)
    if a.root and b.root:
        return _compare_roots(a.root, b.root)
    if (a.root and b.quantity) or (a.quantity and b.root):
        return _compare_root_and_number(a, b) if a.root else _compare_root_and_number(b, a)
    if Kind.CHOICE in (a.kind, b.kind):
        if a.kind is b.kind:
            return SAME if a.core.upper() == b.core.upper() else DIFFERENT
        return undecided("a choice letter against another kind of answer")
    if Kind.WORD in (a.kind, b.kind):
        return _compare_words(a, b)
    if Kind.TIME in (a.kind, b.kind):
        return _compare_times(a, b)
    if Kind.TEXT in (a.kind, b.kind):
        return undecided("not read as an answer")
    if a.parts and b.parts:
        return _compare_structures(a, b)
    return None


def _squeezed(answer: Answer) -> str:
    return "".join((answer.core + answer.unit).split())


def _compare_quantities(a: Answer, b: Answer) -> Verdict:
    if a.quantity is None or b.quantity is None:
        raise TypeError("both answers must be quantities")
    unit_a, unit_b = a.quantity.unit, b.quantity.unit
    value_a, value_b = a.quantity.value, b.quantity.value
    if a.quantity.base != b.quantity.base:
        return undecided("written in different bases")
    differ = bool(unit_a.name and unit_b.name) and not _is_one_unit(unit_a.name, unit_b.name)
    if PERCENT in (unit_a.name, unit_b.name) and unit_a.name != unit_b.name:
        if differ:
            return undecided(f"units differ: {unit_a.name} and {unit_b.name}")
        if value_a == value_b:
            return SAME
        if a.quantity.amount == b.quantity.amount:
            return undecided("a percent sign is missing on one side")
    elif differ:
        return undecided(f"units differ: {unit_a.name} and {unit_b.name}")
    if value_a == value_b:
        return SAME
    if unit_a.scale != unit_b.scale and a.quantity.amount == b.quantity.amount:
        return undecided("a word of magnitude is missing on one side")
    if _may_be_another_unit(unit_a, unit_b, value_a, value_b):
        return undecided("perhaps the same in another unit")
    if _may_be_rounded(a, value_b) or _may_be_rounded(b, value_a):
        return undecided("equal up to rounding")
    return DIFFERENT


def _is_one_unit(first: str, second: str) -> bool:
    """Equal, or one says more than the other: `$15` and `$15 per hour`."""
    return first == second or first.startswith(second + " ") or second.startswith(first + " ")


def _may_be_another_unit(a: Unit, b: Unit, value_a: Fraction, value_b: Fraction) -> bool:
    """Whether one side lacks its unit and may mean another one: a bare 120 for `2 hours`."""
    if bool(a.name) == bool(b.name) or not value_a or not value_b:
        return False
    factor = abs(value_a / value_b)
    return max(factor, 1 / factor) in (a.conversions or b.conversions)


def _may_be_rounded(rounded: Answer, exact: Fraction) -> bool:
    """Whether `rounded` is a decimal, or a whole number, that `exact` rounds or is cut to."""
    quantity = rounded.quantity
    if quantity is None or not isinstance(quantity.numeral, Plain) or quantity.base != 10:
        return False
    scale = Fraction(10) ** quantity.numeral.decimals / quantity.unit.scale
    scaled: Fraction = exact * scale
    written: Fraction = quantity.value * scale
    if scaled.denominator == 1:
        return False
    difference = abs(scaled - written)
    if quantity.numeral.decimals:
        return difference <= Fraction(1, 2) or math.trunc(scaled) == written
    return difference < 1 and difference < abs(scaled) * _ROUNDING


def _compare_roots(a: Root, b: Root) -> Verdict:
    # Equal n-th powers of both, taken to a common exponent, with equal signs: equal numbers.
    if a.negative != b.negative:
        return DIFFERENT
    return SAME if abs(a.power) ** b.degree == abs(b.power) ** a.degree else DIFFERENT


def _compare_root_and_number(a: Answer, b: Answer) -> Verdict:
    if a.root is None or b.quantity is None:
        raise TypeError("expected a root and a quantity")
    value, root = b.quantity.value, a.root
    if root.negative == (value < 0) and abs(value) ** root.degree == abs(root.power):
        return SAME
    if _may_be_rounded(b, _approximation(root)):
        return undecided("equal up to rounding")
    return DIFFERENT


def _approximation(root: Root) -> Fraction:
    with localcontext() as context:
        context.prec = 40
        power = abs(root.power)
        size = (Decimal(power.numerator) / Decimal(power.denominator)) ** (Decimal(1) / root.degree)
    return -Fraction(size) if root.negative else Fraction(size)


def _compare_words(a: Answer, b: Answer) -> Verdict:
    first, second = normalize_words(a.text), normalize_words(b.text)
    if first == second:
        return SAME
    if a.kind is not b.kind:
        return undecided("words against another kind of answer")
    if second in peers(first) or first in peers(second):
        return DIFFERENT
    if " " in first or " " in second:
        return undecided("phrases that are not the same")
    if first.startswith(second[:4]) or second.startswith(first[:4]):
        return undecided("words of one stem")
    # Two names are two persons; other words may be synonyms.
    if _is_name(a) and _is_name(b):
        return DIFFERENT
    return undecided("words that are not known to exclude each other")


def _is_name(answer: Answer) -> bool:
    text = plain_text(answer.core)
    return text[:1].isupper() and text[1:].islower()


def _compare_times(a: Answer, b: Answer) -> Verdict:
    if a.kind is not b.kind and Kind.RATIO not in (a.kind, b.kind):
        return undecided("a time against another kind of answer")
    clock_a, half_a = _clock(a)
    clock_b, half_b = _clock(b)
    if clock_a == clock_b:
        return SAME if half_a == half_b or not (half_a and half_b) else DIFFERENT
    if abs(clock_a - clock_b) == 12 * 60 and half_a != half_b:
        return undecided("perhaps the same time in 12 and 24 hours")
    return DIFFERENT


def _clock(answer: Answer) -> tuple[int, str]:
    """Minutes and half of the day ("a", "p" or "")."""
    text = "".join(plain_text(answer.core).lower().replace(".", "").split())
    hours, minutes = text.rstrip("apm{}").replace("\\colon", ":").split(":")[:2]
    half = "a" if text.endswith("am") else "p" if text.endswith("pm") else ""
    return int(hours) * 60 + int(minutes), half


def _compare_structures(a: Answer, b: Answer) -> Verdict | None:
    if {a.kind, b.kind} == {Kind.TUPLE, Kind.INTERVAL}:
        return _compare_interval_and_tuple(a, b)
    if a.kind is Kind.INTERVAL and b.kind is Kind.INTERVAL:
        if len(a.parts) != len(b.parts):
            return None  # pieces of a union may touch
        return _compare_intervals(a, b)
    if a.kind is Kind.RATIO and b.kind is Kind.RATIO:
        return _compare_ratios(a, b)
    if Kind.RATIO in (a.kind, b.kind) or Kind.INTERVAL in (a.kind, b.kind):
        return undecided(f"{a.kind} against {b.kind}")
    return _compare_entries(a, b)


def _compare_entries(a: Answer, b: Answer) -> Verdict | None:
    """Tuples, lists and sets. The order of a set is free, that of a list is doubtful."""
    if a.kind is Kind.SET and b.kind is Kind.SET and len(a.parts) != len(b.parts):
        return None  # an entry may be repeated
    if len(a.parts) != len(b.parts):
        ordered = a.kind is Kind.TUPLE and b.kind is Kind.TUPLE
        return DIFFERENT if ordered or a.kind is b.kind else undecided("a list of another length")
    in_order = _all_of([compare_answers(x, y) for x, y in zip(a.parts, b.parts, strict=True)])
    if in_order is None or in_order.relation is not Relation.DIFFERENT:
        return in_order
    if a.kind is Kind.TUPLE and b.kind is Kind.TUPLE:
        return DIFFERENT
    permuted = _match_in_any_order(a.parts, b.parts)
    if permuted is SAME:
        sets = a.kind is Kind.SET and b.kind is Kind.SET
        return SAME if sets else undecided("the order of the entries differs")
    return permuted


def _all_of(verdicts: list[Verdict | None]) -> Verdict | None:
    """DIFFERENT if one entry is; SAME if all are; None or UNDECIDED if one is."""
    if any(v is not None and v.relation is Relation.DIFFERENT for v in verdicts):
        return DIFFERENT
    if None in verdicts:
        return None
    return next((v for v in verdicts if v is not None and v.relation is Relation.UNDECIDED), SAME)


def _match_in_any_order(first: tuple[Answer, ...], second: tuple[Answer, ...]) -> Verdict | None:
    """SAME if the entries pair up, DIFFERENT if an entry of one differs from all of the other."""
    left = list(second)
    doubt: Verdict | None = SAME
    for entry in first:
        verdicts = [compare_answers(entry, other) for other in left]
        if SAME in verdicts:
            left.pop(verdicts.index(SAME))
        elif all(v is not None and v.relation is Relation.DIFFERENT for v in verdicts):
            return DIFFERENT
        else:
            doubt = None if None in verdicts else undecided("entries that cannot be paired")
    return doubt


def _compare_ratios(a: Answer, b: Answer) -> Verdict:
    if len(a.parts) != len(b.parts):
        return DIFFERENT
    first = [part.value or Fraction(0) for part in a.parts]
    second = [part.value or Fraction(0) for part in b.parts]
    equal = all(x * second[0] == y * first[0] for x, y in zip(first, second, strict=True))
    return SAME if equal else DIFFERENT


def _compare_intervals(a: Answer, b: Answer) -> Verdict | None:
    ends = _all_of([_compare_ends(x, y) for x, y in zip(a.parts, b.parts, strict=True)])
    if len(a.parts) > 2 and ends is DIFFERENT:
        return None  # a union in another order
    if ends is not SAME:
        return ends
    if _brackets(a) == _brackets(b):
        return SAME
    if len(a.parts) == 2 and {_brackets(a), _brackets(b)} == {"[]", "()"}:
        return undecided("[a,b] may be a pair in square brackets")
    return DIFFERENT


def _compare_ends(a: Answer, b: Answer) -> Verdict | None:
    infinite = is_infinite(a.core), is_infinite(b.core)
    if all(infinite):
        minus = [answer.core.strip()[0] in MINUS_SIGNS for answer in (a, b)]
        return SAME if minus[0] == minus[1] else DIFFERENT
    return DIFFERENT if any(infinite) else compare_answers(a, b)


def _brackets(answer: Answer) -> str:
    found = ""
    for seam in answer.seams:
        if "cup" in seam or "∪" in seam or "U" in seam:
            pieces = seam.replace("∪", r"\cup").replace("U", r"\cup").split(r"\cup")
            found += bracket_of(pieces[0]) + bracket_of(pieces[-1])
        else:
            found += bracket_of(seam)
    return found


def _compare_interval_and_tuple(a: Answer, b: Answer) -> Verdict | None:
    if len(a.parts) != len(b.parts):
        return None
    verdict = _all_of([_compare_ends(x, y) for x, y in zip(a.parts, b.parts, strict=True)])
    if verdict is not SAME:
        return verdict
    if {_brackets(a), _brackets(b)} == {"[]", "()"}:
        return undecided("[a,b] may be a pair in square brackets")
    # (0,1] against (0,1): if the pair is an open interval they differ, if it is a point they differ too.
    return DIFFERENT
