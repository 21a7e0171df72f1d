r"""One side of a comparison of formulas: its text, without a unit or a remark at its end, and its tree."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cpmi.answers.expression_reader import read_expression
from cpmi.answers.expression_tokens import Habits
from cpmi.answers.expressions import Node, number
from cpmi.answers.forms import Answer
from cpmi.answers.numerals import Plain
from cpmi.answers.units import PERCENT, Unit, read_unit

_BLANK = r"(?:\\[,;: ]|~|\s)*"
_REMARK = re.compile(
    r"\s*[,;]?\s*(?:\\quad|\\;|\\,)*\s*(?:\\text\s*\{\s*,?\s*)?(?:for|where|with)\b.*"
    r"\b(?:constant|any|arbitrary|integer)\b.*$"
)
_UNIT = re.compile(
    rf"{_BLANK}(?P<unit>"
    r"(?:\\(?:text|mathrm|mbox|textrm|textnormal)\s*\{[^{}]*\}|(?<=\s)[A-Za-z]{2,}[A-Za-z/ ]*)"
    r"(?:\s*\^\s*\{?\s*[23]\s*\}?|[²³])?)\s*$"
)
# In `1.5 \\times 10^8 m` the letter is a unit.
_AFTER_POWER_OF_TEN = re.compile(
    rf"(?:\\times|\\cdot|[×·*])\s*10\s*\^\s*(?:\{{\s*-?\d+\s*\}}|\d)(?=[\s~\\]){_BLANK}(?P<unit>[mgsLh])$"
)
_NO_UNITS = frozenset(["pi", "sin", "cos", "tan", "mod", "ln", "log"])
_FUNCTION = re.compile("sin|cos|tan|cot|sec|csc")
_DEGREE = re.compile(r"°|circ(?![a-z])|degree")


@dataclass(frozen=True, slots=True)
class Side:
    """A formula to be compared.

    Attributes:
        text: the formula.
        unit: what follows it.
        value: the formula of a plain number, whose percent sign or magnitude counts; None for others.
        amount: the same without percent sign.
        is_angle: degrees are written, and not only inside a function.
    """

    text: str
    unit: Unit
    value: Node | None
    amount: Node | None
    is_angle: bool

    def read(self, habits: Habits) -> Node | None:
        """The tree; None where the text is not read with certainty."""
        return self.value or read_expression(self.text, habits)


def without_remark(text: str) -> str:
    """A formula without "for any real constant c"."""
    return _REMARK.sub("", text)


def side_of(answer: Answer) -> Side:
    """The side that an answer makes."""
    is_angle = bool(_DEGREE.search(answer.text)) and not _FUNCTION.search(answer.text)
    quantity = answer.quantity
    if quantity is None or quantity.unit.is_letter:
        # A lone letter may be a variable.
        text = answer.core if quantity is None else answer.core + answer.suffix
        text, unit = _split(without_remark(text)) if quantity is None else (text, Unit())
        return Side(text, unit, None, None, is_angle)
    decimals = quantity.numeral.decimals if isinstance(quantity.numeral, Plain) else 0
    shift = 2 if quantity.unit.name == PERCENT else 0
    value = number(quantity.value, decimals + shift if decimals else None)
    amount = number(quantity.amount, decimals or None)
    return Side(answer.core, quantity.unit, value, amount, is_angle)


def _split(text: str) -> tuple[str, Unit]:
    """A formula's text and the unit at its end: `5\\cdot 10^6` and watt."""
    if match := _AFTER_POWER_OF_TEN.search(text):
        return text[: match.start("unit")], Unit(name=match["unit"])
    match = _UNIT.search(text)
    if match is None or not text[: match.start()].strip():
        return text, Unit()
    before, written = text[: match.start()], match["unit"]
    words = re.sub(r"\\[a-z]+|[^A-Za-z ]", " ", written).split()
    if not words or set(words) & _NO_UNITS:
        return text, Unit()
    # After a formula with letters, `ft` is more likely a product of two.
    if not written.startswith("\\") and len("".join(words)) < 3 and re.search(r"[A-Za-z]", before):
        return text, Unit()
    unit = read_unit(" " + written)
    if unit is None or not unit.name or unit.is_letter or unit.scale != 1:
        return text, Unit()
    return before, unit
