r"""Other right ways to write the same answer: synonyms of the gold, not rivals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from cpmi.answers.exact import compare_answers
from cpmi.answers.forms import Answer, Kind
from cpmi.answers.numerals import Mixed
from cpmi.answers.reading import parse_answer
from cpmi.answers.words import like
from cpmi.types import Relation

_MAX_FORMS = 6
_MAX_DECIMALS = 4


def equivalent_forms(gold: str) -> list[str]:
    """A few other forms of `gold` that are certainly right, the gold itself excluded; may be empty.

    Doubtful ones are left out: 0.25 for `25\\%`, another order of a list.
    """
    answer = parse_answer(gold)
    kept: list[str] = []
    for form in _forms(answer):
        verdict = compare_answers(parse_answer(form), answer)
        # Where no exact value exists the forms below differ in blanks and braces only.
        certain = verdict is None or verdict.relation is Relation.SAME
        if form != gold and form not in kept and certain:
            kept.append(form)
    return kept[:_MAX_FORMS]


def _forms(answer: Answer) -> Iterator[str]:
    if answer.quantity is not None:
        yield from _quantity_forms(answer)
    elif answer.kind is Kind.CHOICE:
        yield from (answer.core, f"({answer.core})")
    elif answer.kind is Kind.WORD:
        bare = re.sub(r"\\(?:text|mbox|mathrm|textbf)\s*\{([^{}]*)\}", r"\1", answer.core).strip()
        yield from (bare, rf"\text{{{bare}}}", like(bare.lower(), "x"), like(bare, "Xx"))
    elif answer.core and answer.kind is not Kind.TIME:
        yield from _spacing_forms(answer)


def _quantity_forms(answer: Answer) -> Iterator[str]:
    quantity = answer.quantity
    if quantity is None or quantity.base != 10:
        if quantity is not None:
            base = quantity.base
            yield from (f"{answer.core}_{base}", f"{answer.core}_{{{base}}}")
        return
    amount = quantity.amount
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    if answer.kind is Kind.PERCENT:
        decimal = _decimal(size)
        for number in [decimal] if decimal else _number_forms(size, mixed=False):
            yield from (rf"{sign}{number}\%", f"{sign}{number}%", f"{sign}{number} percent")
        return
    if quantity.unit.scale != 1:
        yield from (sign + number for number in _number_forms(abs(quantity.value), mixed=False))
        return
    if answer.kind is Kind.MONEY:
        mark = quantity.currency.strip()
        marks = (r"\$", "$") if "$" in mark else (mark,)
        if size.denominator in (1, 2, 4, 5, 10, 20, 25, 50, 100):
            whole, cents_behind = divmod(int(size * 100), 100)
            cents = f"{whole}.{cents_behind:02d}"
            yield from (f"{sign}{mark}{cents}" for mark in (*marks, ""))
        if size.denominator == 1:
            yield from (f"{sign}{mark}{size}" for mark in (*marks, ""))
        return
    for number in _number_forms(size, mixed=isinstance(quantity.numeral, Mixed)):
        yield sign + number


def _number_forms(size: Fraction, *, mixed: bool) -> Iterator[str]:
    if size.denominator == 1:
        yield from (str(size), f"{size.numerator:,}", f"{size}.0")
        return
    a, b = size.numerator, size.denominator
    decimal = _decimal(size)
    if b <= 100 or decimal is None:
        yield from (rf"\frac{{{a}}}{{{b}}}", f"{a}/{b}")
    if mixed:
        yield rf"{a // b}\frac{{{a % b}}}{{{b}}}"
    if decimal is not None:
        yield from (decimal, decimal + "0")
        if decimal.startswith("0"):
            yield decimal[1:]
    if b <= 100 or decimal is None:
        yield rf"\dfrac{{{a}}}{{{b}}}"


def _decimal(size: Fraction) -> str | None:
    """The terminating decimal, or None if it has more than a few decimals."""
    if size.denominator == 1:
        return str(size)
    for decimals in range(1, _MAX_DECIMALS + 1):
        scaled = size * 10**decimals
        if scaled.denominator == 1:
            digits = str(scaled.numerator).rjust(decimals + 1, "0")
            return f"{digits[:-decimals]}.{digits[-decimals:]}"
    return None


def _spacing_forms(answer: Answer) -> Iterator[str]:
    """The same text with other blanks, brackets and fraction commands."""
    core = answer.core
    plain = re.sub(r"\\left\s*|\\right\s*|\\[,;!]", "", core)
    plain = re.sub(r"\\[dt]frac(?![a-z])", r"\\frac", plain)
    # A blank must stay where it ends a command (`\pi r`) or parts words.
    squeezed = re.sub(r"(?<!\\)(?<![A-Za-z])\s+|\s+(?![A-Za-z])", "", plain)
    if (
        "text" not in core
        and "mbox" not in core
        and "begin" not in core
        and not re.search(r"\b(?:and|or)\b", core)
    ):
        yield squeezed
    yield plain
    if answer.kind in (Kind.TUPLE, Kind.INTERVAL) and "cup" not in core and "," in squeezed:
        yield squeezed.replace(",", ", ")
    if answer.kind is Kind.ROOT:
        yield re.sub(r"\\sqrt\s*(\d)", r"\\sqrt{\1}", squeezed)
    if answer.kind in (Kind.EXPRESSION, Kind.ROOT, Kind.LIST, Kind.RATIO, Kind.SET):
        yield f"${core}$"
