r"""Amounts with units of measure, in any notation: `9.8 m/s^2` and `9.8 m s^{-2}`, `1.2 kN` and `1200 N`.

Two amounts are compared by value where both are read to their last character and the units convert exactly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from cpmi.answers.forms import Answer
from cpmi.answers.numerals import Plain, read_numeral
from cpmi.answers.unit_table import Scale, scale_of
from cpmi.answers.units import unit_symbol
from cpmi.answers.verdicts import DIFFERENT, SAME, undecided
from cpmi.types import Verdict

_MAX_LENGTH = 120
_MAX_POWER = 6
_MAX_EXPONENT = 400
_SIGN = re.compile(r"\s*([-−–+]?)\s*")
_TEN = re.compile(r"10\s*\^\s*(?:\{\s*([-−]?\d{1,3})\s*\}|(-?\d{1,3}))")
_TIMES_TEN = re.compile(r"\s*(?:\\times|\\cdot|[×·⋅*x])\s*" + _TEN.pattern)
_FONT = re.compile(r"\\(?:mathrm|text|textrm|textnormal|mathsf|operatorname|mbox|rm)(?![A-Za-z])\s*")
_BLANK = re.compile(r"\\[,;!: ]|~|\\q?quad(?![A-Za-z])|\$")
_DEGREES = re.compile(r"(?:\^\s*\{?\s*\\circ\s*\}?|\\degree(?![A-Za-z])|°)\s*(?=[CF](?![A-Za-z]))")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_SQUARE = re.compile(r"\b(square|cubic|sq\.?|cu\.?)\s+([A-Za-z]+)")
_TOKEN = re.compile(
    r"\s*(?:(?P<over>/|\bper\b)|(?P<times>\\cdot(?![A-Za-z])|\\times(?![A-Za-z])|[·⋅*×])|(?P<open>\()|(?P<close>\))"
    r"|(?P<unit>°?[A-Za-zµμΩ]+)"
    r"(?:\s*\^\s*(?:\{\s*(?P<braced>[-−]?\d)\s*\}|(?P<bare>[-−]?\d)(?!\d)))?)"
)
# A whole number may round what it is off by less than one part in this many, once units are converted.
_ROUNDING = 100


@dataclass(frozen=True, slots=True)
class Measure:
    """An amount.

    Attributes:
        amount: the number.
        place: worth of its last digit, 1 for a whole number; 0 where it is exact, as a fraction is.
        scale: of its unit.
        unit: as it is written.
    """

    amount: Fraction
    place: Fraction
    scale: Scale
    unit: str


def compare_measures(a: Answer, b: Answer) -> Verdict | None:
    """The verdict on two amounts of one dimension; None where one is no amount, or of another dimension."""
    first, second = measure_of(_written(a)), measure_of(_written(b))
    if first is None or second is None or first.scale.dimension != second.scale.dimension:
        return None
    with_zero = first.scale.zero is not None or second.scale.zero is not None
    left, right = (one.amount * one.scale.factor for one in (first, second))
    ends = [(left, right)]
    if with_zero:
        ends.insert(0, (left + (first.scale.zero or 0), right + (second.scale.zero or 0)))
    if ends[0][0] == ends[0][1]:
        return SAME
    if first.amount == second.amount:
        return undecided(f"units differ: {first.unit} and {second.unit}")
    if with_zero and left == right:
        return undecided("perhaps differences of temperature")
    if any(_may_be_rounded(first, second, *pair) for pair in ends):
        return undecided("equal up to rounding")
    return DIFFERENT


def is_measure(answer: Answer) -> bool:
    """Whether an answer can be read as an amount with a unit of measure, which is more than one letter."""
    found = measure_of(_written(answer))
    return found is not None and len(re.findall(r"[A-Za-z°Ω]", _FONT.sub("", found.unit))) > 1


@lru_cache(maxsize=4_096)
def measure_of(text: str) -> Measure | None:
    """The amount that a text is to its last character; None for other texts."""
    if len(text) > _MAX_LENGTH or not re.search(r"[A-Za-z°Ω]", text):
        return None
    number = _number(text)
    if number is None:
        return None
    amount, place, end = number
    scale = _scale(text[end:])
    return None if scale is None else Measure(amount, place, scale, text[end:].strip())


def _written(answer: Answer) -> str:
    """Number and unit, without dollars, brackets and periods around them."""
    text = answer.core + answer.suffix
    while (shorter := re.sub(r"(?:\s|\$|\\\)|\\\]|[.*`])+$", "", text)) != text or (
        text.endswith("}") and text.count("}") > text.count("{")
    ):
        text = shorter if shorter != text else text[:-1]
    return text


def _number(text: str) -> tuple[Fraction, Fraction, int] | None:
    """A number with its last place at the head of a text, and the index after it."""
    sign = _SIGN.match(text)
    start = sign.end() if sign else 0
    negative = -1 if sign and sign[1] not in ("", "+") else 1
    if ten := _TEN.match(text, start):
        power = Fraction(10) ** _exponent(ten)
        return negative * power, Fraction(0), ten.end()
    found = read_numeral(text, start)
    if found is None:
        return None
    numeral, end = found
    place = Fraction(1, 10**numeral.decimals) if isinstance(numeral, Plain) else Fraction(0)
    power = Fraction(1)
    if ten := _TIMES_TEN.match(text, end):
        if abs(_exponent(ten)) > _MAX_EXPONENT:
            return None
        power, end = Fraction(10) ** _exponent(ten), ten.end()
    return negative * numeral.value * power, place * power, end


def _exponent(ten: re.Match[str]) -> int:
    return int((ten[1] or ten[2]).replace("−", "-"))


def _scale(text: str) -> Scale | None:
    """The scale of a unit that is the whole text."""
    text = _RAISED.sub(lambda raised: "^{" + raised.group().translate(_SUPERSCRIPTS) + "}", text)
    text = _BLANK.sub(" ", _FONT.sub(" ", text)).replace(r"\Omega", "Ω")
    text = _DEGREES.sub("°", text)
    text = _SQUARE.sub(lambda m: f"{m[2]}^{2 if m[1].startswith('s') else 3}", text)
    # Braces hold an exponent, or the letters of a font.
    text = re.sub(r"(?<!\^)\{([^{}^]*(?:\^\{?-?\d\}?[^{}^]*)*)\}", r" \1 ", text).strip()
    factors = _factors(text)
    if not factors:
        return None
    if len(factors) == 1 and factors[0][1] == 1:
        return factors[0][0]
    scale = Scale()
    for factor, power in factors:
        scale = scale.times(factor, power)
    return scale


def _factors(text: str) -> list[tuple[Scale, int]]:
    """The units of a product with their powers; empty where it is not read to its last character.

    Of `J/kg K` nobody can say whether K is below the line: after a `/` comes one unit, or a bracket.
    """
    found: list[tuple[Scale, int]] = []
    at, sign, in_bracket, wants_unit, is_over = 0, 1, False, True, False
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return []
        at = token.end()
        if token["over"] or token["times"]:
            if wants_unit or (in_bracket and token["over"]):
                return []
            sign = sign if in_bracket else (-1 if token["over"] else 1)
            is_over = is_over or bool(token["over"])
            wants_unit = True
        elif token["open"]:
            if in_bracket or not wants_unit:
                return []
            in_bracket = True
        elif token["close"]:
            if not in_bracket or wants_unit:
                return []
            in_bracket, sign = False, 1
        else:
            if not wants_unit and is_over and not in_bracket:
                return []
            scale = scale_of(unit_symbol(token["unit"]))
            power = int((token["braced"] or token["bare"] or "1").replace("−", "-"))
            if scale is None or not 0 < abs(power) <= _MAX_POWER:
                return []
            found.append((scale, sign * power))
            wants_unit = False
    return [] if in_bracket or wants_unit else found


def _may_be_rounded(first: Measure, second: Measure, left: Fraction, right: Fraction) -> bool:
    """Whether one amount rounds the other once both are in base units."""
    if first.scale == second.scale and not (first.place < 1 or second.place < 1):
        return False
    for one in (first, second):
        step = one.place * one.scale.factor
        if abs(left - right) < step and (one.place < 1 or abs(left - right) * _ROUNDING < abs(left)):
            return True
    return False
