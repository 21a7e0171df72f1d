r"""Exact comparison of two answers by their typed values, without computer algebra.

Decides plain numbers, roots, choice letters, words and structures of these; None where it takes more. Doubt
is UNDECIDED, never a guess: a wrong DIFFERENT would make a right answer a negative.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

from cpmi.answers.dates import compare_dates
from cpmi.answers.entries import compare_structures, has_either_sign
from cpmi.answers.forms import Answer, Kind, Root
from cpmi.answers.integer_sets import compare_integer_sets, states_integer_set
from cpmi.answers.latex import MINUS_SIGNS, plain_text
from cpmi.answers.measures import compare_measures
from cpmi.answers.numerals import Plain
from cpmi.answers.reading import MAX_LENGTH, parse_answer
from cpmi.answers.shorthand import shorthand_value
from cpmi.answers.structures import is_empty_set, is_infinite
from cpmi.answers.units import DEGREE, PERCENT, Unit
from cpmi.answers.values import PRINTED_DIGITS
from cpmi.answers.verdicts import DIFFERENT, PERCENT_MISSING, SAME, undecided
from cpmi.answers.words import normalize_words, number_word, peers
from cpmi.types import Verdict

Formulas = Callable[[Answer, Answer], Verdict | None]

_TOO_LONG = 2 * MAX_LENGTH
# Below this relative difference a decimal may be a rounding of anything.
_ROUNDING = Fraction(1, 2_000)
_COMMA_DECIMAL = re.compile(rf"([{MINUS_SIGNS}]?)(\d{{1,3}}(?:[. ]\d{{3}})+|\d+),(\d+)")
_ABOUT = r"(?:≈|\\approx(?![A-Za-z]))"
_APPROXIMATELY = re.compile(rf"([^=<>≈]+){_ABOUT}\s*(?:\\?\$)?-?[\d,.]+(?:\\l?dots|…)?|{_ABOUT}([^=<>≈]+)")
_ESCAPED_TWICE = re.compile(r"\\\\(?=[A-Za-z{}%])")
_LETTERS = re.compile(r"[A-Za-z ]{2,}")  # `AB` is no product, and `is` is not `si`
_REALS = re.compile(r"\\(?:mathbb|mathbf|Bbb)\s*\{?\s*R\s*\}?|ℝ|\\R")
_REPEATED = re.compile(r"\\overline\s*\{?(\d+)\}?")


def compare_exactly(first: str, second: str) -> Verdict | None:
    """Compare two answers by value if both are of kinds with exact values.

    Returns:
        a verdict, or None if the pair needs computer algebra.
    """
    if len(first) > _TOO_LONG or len(second) > _TOO_LONG:
        squeezed = ["".join(text.split()) for text in (first, second)]
        return SAME if squeezed[0] == squeezed[1] != "" else undecided("too long to be read")
    return compare_answers(parse_answer(unescaped(first)), parse_answer(unescaped(second)))


def unescaped(text: str) -> str:
    r"""`\frac` for `\\frac`, as a text escaped twice holds it; a matrix keeps its line breaks."""
    return text if r"\begin" in text else _ESCAPED_TWICE.sub(r"\\", text)


def compare_answers(a: Answer, b: Answer, formulas: Formulas | None = None) -> Verdict | None:
    """As `compare_exactly`, for answers already read.

    Args:
        a: one answer.
        b: the other.
        formulas: compares what has no exact value; None leaves such pairs, and those with such entries, open.
    """
    a, b = _exact_part(a), _exact_part(b)
    if not a.core.strip() or not b.core.strip():
        return undecided("empty answer")
    if (of_dates := compare_dates(a.core.strip(), b.core.strip())) is not None:
        return of_dates
    if a.name and b.name and a.name != b.name:
        return undecided(f"assigned to {a.name} and to {b.name}")
    if a.option or b.option:
        verdict = _compare_options(a, b, formulas)
        if verdict is not None:
            return verdict
    if a.kind == b.kind and _squeezed(a) == _squeezed(b):
        return SAME
    if not (a.quantity and b.quantity) and (states_integer_set(a.text) or states_integer_set(b.text)):
        return None if formulas is None else compare_integer_sets(a.text, b.text)
    if _forgot_bar(a, b) or _forgot_bar(b, a):
        return DIFFERENT
    if doubt := _other_marks(a, b) or _other_marks(b, a):
        return undecided(doubt)
    return _compare_values(a, b) or _compare_kinds(a, b, formulas)


def _exact_part(answer: Answer) -> Answer:
    r"""`\frac13` of `\frac13 \approx 0.33`; the interval that `\mathbb{R}` is."""
    if _REALS.fullmatch(answer.core):
        return replace(parse_answer(r"(-\infty,\infty)"), name=answer.name)
    match = _APPROXIMATELY.fullmatch(answer.core)
    return answer if match is None else replace(parse_answer(match[1] or match[2]), name=answer.name)


def _compare_values(a: Answer, b: Answer) -> Verdict | None:
    """Numbers, letters and words."""
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
    if _LETTERS.fullmatch(a.core) and _LETTERS.fullmatch(b.core):
        return undecided("letters that may be words or names")
    return None


def _compare_kinds(a: Answer, b: Answer, formulas: Formulas | None) -> Verdict | None:
    """Structures, infinities, the empty set, and what is left for algebra."""

    def compare(first: Answer, second: Answer) -> Verdict | None:
        return compare_answers(first, second, formulas)

    for test in (is_infinite, is_empty_set):
        special = test(a.core), test(b.core)
        if all(special):
            return SAME if _is_negative(a) == _is_negative(b) else DIFFERENT
        if any(special) and (a.quantity or b.quantity or a.parts or b.parts):
            return DIFFERENT
    if {a.kind, b.kind} == {Kind.LIST, Kind.INTERVAL}:
        return None if formulas is None else formulas(a, b)
    if (a.parts and b.parts) or (has_either_sign(a) or has_either_sign(b)):
        return compare_structures(a, b, compare)
    if a.parts or b.parts:
        structure, other = (a, b) if a.parts else (b, a)
        if structure.kind is Kind.SET and len(structure.parts) == 1:
            verdict = compare(structure.parts[0], other)
            if verdict is SAME and "\\" in structure.seams[0] and structure.parts[0].kind is Kind.EXPRESSION:
                return undecided("braces that may take the fractional part")
            return verdict
        if other.quantity or other.root:
            return _compare_structure_and_number(structure, other)
    return None if formulas is None else formulas(a, b)


def _is_negative(answer: Answer) -> bool:
    return answer.core.strip()[0] in MINUS_SIGNS


def _compare_structure_and_number(structure: Answer, number: Answer) -> Verdict:
    if structure.kind is Kind.RATIO and len(structure.parts) == 2 and number.value is not None:
        above, below = (part.value for part in structure.parts)
        if above == number.value * (below or 0):
            return undecided("a ratio against a number")
    # `4 red and 6 blue` may be meant as 10.
    numbers = all(part.kind not in (Kind.WORD, Kind.CHOICE) for part in structure.parts)
    bare = all(part.unit in ("", DEGREE, PERCENT) for part in structure.parts)
    return DIFFERENT if numbers and bare else undecided("a list of words or amounts")


def _compare_options(a: Answer, b: Answer, formulas: Formulas | None) -> Verdict | None:
    """A choice letter with its value, `(B) 12`, against a letter, a value or another such pair."""
    letters = [
        answer.option or (answer.core.upper() if answer.kind is Kind.CHOICE else "") for answer in (a, b)
    ]
    alone = [answer.kind is Kind.CHOICE and not answer.option for answer in (a, b)]
    if any(alone):
        return SAME if letters[0] == letters[1] else DIFFERENT
    values = compare_answers(_without_option(a), _without_option(b), formulas)
    if not all(letters) or values is None:
        return values
    agree = SAME if letters[0] == letters[1] else DIFFERENT
    return values if values.relation is agree.relation else undecided("letter and value disagree")


def _without_option(answer: Answer) -> Answer:
    return replace(answer, option="")


def _forgot_bar(repeating: Answer, other: Answer) -> bool:
    """Whether one is the other's repeating decimal without its bar: 0.27 for `0.\\overline{27}`."""
    plain, count = _REPEATED.subn(r"\1", repeating.core)
    return count == 1 and plain == other.core


def _other_marks(a: Answer, b: Answer) -> str:
    """Whether `a` has the value of `b` once its comma or point is read as in other countries; "" if not."""
    if b.quantity is None or a.text == b.text:
        return ""
    if shorthand_value(a.text) == b.quantity.value:
        return "perhaps the same number in shorthand"
    if match := _COMMA_DECIMAL.fullmatch(a.core):
        value = Fraction(re.sub("[. ]", "", match[2]) + "." + match[3]) * (-1 if match[1] else 1)
        if value == b.quantity.amount:
            return "perhaps a decimal comma"
    if a.quantity is None or not isinstance(a.quantity.numeral, Plain) or a.quantity.numeral.decimals != 3:
        return ""
    thousands = 1 <= abs(a.quantity.amount) < 1_000 and a.quantity.amount * 1_000 == b.quantity.amount
    return "perhaps a point between thousands" if thousands else ""


def _squeezed(answer: Answer) -> str:
    quantity = answer.quantity
    extra = f"_{quantity.base}*{quantity.unit.scale}" if quantity else ""
    return "".join((answer.core + answer.unit).split()) + extra


def _compare_quantities(a: Answer, b: Answer) -> Verdict:
    if a.quantity is None or b.quantity is None:
        raise TypeError("both answers must be quantities")
    unit_a, unit_b = a.quantity.unit, b.quantity.unit
    value_a, value_b = a.quantity.value, b.quantity.value
    if a.quantity.base != b.quantity.base:
        return undecided("written in different bases")
    differ = bool(unit_a.name and unit_b.name) and not _is_one_unit(unit_a.name, unit_b.name)
    if differ and (of_measures := compare_measures(a, b)) is not None:
        return of_measures
    if PERCENT in (unit_a.name, unit_b.name) and unit_a.name != unit_b.name:
        if differ:
            return undecided(f"units differ: {unit_a.name} and {unit_b.name}")
        if value_a == value_b:
            return SAME
        if a.quantity.amount == b.quantity.amount:
            return undecided(PERCENT_MISSING)
    elif differ:
        return undecided(f"units differ: {unit_a.name} and {unit_b.name}")
    if value_a == value_b:
        if (unit_a.is_letter or unit_b.is_letter) and not (unit_a.name and unit_b.name):
            return undecided("a letter that may be a unit")
        return SAME
    if unit_a.scale != unit_b.scale and a.quantity.amount == b.quantity.amount:
        return undecided("a word of magnitude is missing on one side")
    if _may_be_another_unit(unit_a, unit_b, value_a, value_b):
        return undecided("perhaps the same in another unit")
    if any(_is_printed(x, value, endless=_is_endless(value)) for x, value in ((a, value_b), (b, value_a))):
        return SAME
    if _may_be_rounded(a, value_b) or _may_be_rounded(b, value_a):
        return undecided("equal up to rounding")
    return DIFFERENT


def _is_printed(decimal: Answer, exact: Fraction, *, endless: bool) -> bool:
    """Whether a long decimal is an endless one as a machine prints it: 0.142857142857143 for 1/7."""
    quantity = decimal.quantity
    if (
        quantity is None
        or not isinstance(quantity.numeral, Plain)
        or quantity.numeral.decimals < PRINTED_DIGITS
    ):
        return False
    scaled = exact * 10**quantity.numeral.decimals / quantity.unit.scale
    long = abs(scaled) >= 10 ** (PRINTED_DIGITS - 1)
    return (
        long and endless and abs(scaled - quantity.amount * 10**quantity.numeral.decimals) <= Fraction(1, 2)
    )


def _is_endless(value: Fraction) -> bool:
    """Whether its decimals never end."""
    return value.denominator > 1 and pow(10, value.denominator.bit_length(), value.denominator) != 0


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
    if exact.denominator == quantity.unit.scale == 1:
        return False  # a whole number has nothing to round
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
    if a.unit.name and b.unit.name and not _is_one_unit(a.unit.name, b.unit.name):
        return undecided(f"units differ: {a.unit.name} and {b.unit.name}")
    if a.negative != b.negative:
        return DIFFERENT
    return SAME if abs(a.power) ** b.degree == abs(b.power) ** a.degree else DIFFERENT


def _compare_root_and_number(a: Answer, b: Answer) -> Verdict:
    if a.root is None or b.quantity is None:
        raise TypeError("expected a root and a quantity")
    value, root = b.quantity.value, a.root
    if root.negative == (value < 0) and abs(value) ** root.degree == abs(root.power):
        return SAME
    if _is_printed(b, _approximation(root), endless=True):
        return SAME
    if _may_be_rounded(b, _approximation(root)):
        return undecided("equal up to rounding")
    return DIFFERENT


@lru_cache(maxsize=1_024)
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
        word, other = (first, b) if a.kind is Kind.WORD else (second, a)
        if number_word(word) is not None and number_word(word) == other.value:
            return SAME
        return undecided("words against another kind of answer")
    if second in peers(first) or first in peers(second):
        return DIFFERENT
    if " " in first or " " in second:
        return undecided("phrases that are not the same")
    return undecided("words that are not known to exclude each other")


def _compare_times(a: Answer, b: Answer) -> Verdict:
    if a.kind is not b.kind and Kind.RATIO not in (a.kind, b.kind):
        return undecided("a time against another kind of answer")
    if len(a.parts) > 2 or len(b.parts) > 2:
        return undecided("a time against a ratio")
    clock_a, half_a = _clock(a)
    clock_b, half_b = _clock(b)
    if clock_a == clock_b:
        return SAME if half_a == half_b or not (half_a and half_b) else DIFFERENT
    if not half_a and not half_b and _are_equal_ratios(clock_a, clock_b):
        return undecided("equal as ratios, not as times")
    if abs(clock_a - clock_b) == 12 * 60 and half_a != half_b:
        return undecided("perhaps the same time in 12 and 24 hours")
    return DIFFERENT


def _clock(answer: Answer) -> tuple[int, str]:
    """Minutes and half of the day ("a", "p" or ""); of a ratio as if it were a time."""
    if answer.parts:
        return int(answer.parts[0].value or 0) * 60 + int(answer.parts[1].value or 0), ""
    text = "".join(plain_text(answer.core).lower().replace(".", "").split()).replace("{:}", ":")
    hours, minutes = text.rstrip("apm{}").replace("\\colon", ":").split(":")[:2]
    half = "a" if text.endswith("am") else "p" if text.endswith("pm") else ""
    return int(hours) * 60 + int(minutes), half


def _are_equal_ratios(first: int, second: int) -> bool:
    return first % 60 > 0 and first // 60 * (second % 60) == second // 60 * (first % 60)
