r"""Formulas in a text: where `$...$`, `\(...\)`, `\[...\]` and boxes are, and the value of a formula."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from cpmi.answers.forms import Kind
from cpmi.answers.numerals import Plain
from cpmi.answers.reading import MAX_LENGTH, parse_answer

_CLOSING = {r"\(": r"\)", r"\[": r"\]", "$": "$", "$$": "$$"}
_MARK = re.compile(r"\\.|\$(?=(?P<second>\$)?)|\n", re.S)
# `$18 per egg, so $` and `$3+$` are what lies between two amounts of money.
_MONEY = re.compile(r"\d[\d,.]*(?:.*[-+*/=(\s])?", re.S)
_BOX = re.compile(r"\\(?:boxed|fbox)\s{0,9}(?:(?P<brace>\{)|(?P<single>[0-9A-Za-z]))")
_BRACE = re.compile(r"\\.|[{}]", re.S)


def _seam(pattern: str) -> re.Pattern[str]:
    """A pattern at which `_split` cuts."""
    return re.compile(rf"(?P<seam>{pattern})|[(){{}}\[\]]")


_EQUALS = _seam(r"(?<![<>!\\:])&?=(?!=)")
_APPROXIMATES = _seam(r"\\approx(?![a-z])|≈|\\simeq|\\doteq")
_SEPARATOR = _seam(
    r"(?:[,;]\s*)?(?:\\(?:text|mbox|textrm)\s*\{\s*(?:and|or)\s*\}|\b(?:and|or)\b)"
    r"|\\q?quad|[,;](?!\\!|\d{3}(?!\d))"
)
_NAME = re.compile(r"\\?[A-Za-z]+'?(?:_(?:\w|\{\w+\}))?(?:\(\w+\))?")
_ALIGNED = re.compile(r"\\(?:begin|end)\{(?:align|aligned|gather|gathered|split|equation|eqnarray)\*?\}")
_COMMAND = re.compile(r"\\(?:text|mbox|mathrm)\s*\{[^{}]*\}|\\(?!alpha|beta|theta|phi|lambda)[A-Za-z]+")
_CLOSED_FORM = re.compile(
    r"\\[dtc]?frac|\\sqrt|\\pi|π|√|\d\s*/\s*\d"
    r"|(?<![A-Za-z])(?:(?:arc)?(?:sin|cos|tan|cot)|sec|csc|ln|log|lg|exp)(?![a-z])|(?<![A-Za-z\\])e(?![A-Za-z\d])"
)
_STILL_TO_CALCULATE = re.compile(r"\d\.\d|\\times|\\cdot|\\div|[×*÷]")
_DECIMAL = re.compile(r"\d*\.\d+")
# `f(2)`, a letter before a bracket without letters, is the value of a function.
_POLYNOMIAL = re.compile(r"(?!.*[A-Za-z]\s*\([^A-Za-z()]*\))[A-Za-z\d\s.+*/^(){}−–-]+")
_PRODUCT_OR_FRACTION = re.compile(r"\\(?:cdot|times|left|right|[dt]?frac)(?![a-z])")
_CURVE = re.compile(
    r"\b(?:equation|plane|line|circle|ellipse|hyperbola|parabola|curve|locus|graph|surface|sphere)\b"
    r"[^.\n]{0,60}\b(?:is|becomes|as|by)\b\s*:?\s*$",
    re.I,
)


class Span(NamedTuple):
    """A formula in a text: where it starts and ends with its delimiters, and what is between them."""

    start: int
    end: int
    content: str


def find_formulas(text: str) -> list[Span]:
    r"""The formulas of a text, in order; `$...$` on one line only, and no amounts of money."""
    marks = list(_MARK.finditer(text))
    places: dict[str, list[int]] = defaultdict(list)
    for mark in marks:
        places[mark.group()].append(mark.start())
        if mark["second"]:
            places["$$"].append(mark.start())
    found: list[Span] = []
    for mark in marks:
        if found and mark.start() < found[-1].end:
            continue
        for opening in ("$$", "$") if mark["second"] else (mark.group(),):
            span = _closed(text, places, mark.start(), opening)
            if span is not None:
                found.append(span)
                break
    return found


def _closed(text: str, places: dict[str, list[int]], start: int, opening: str) -> Span | None:
    closing = _CLOSING.get(opening)
    if closing is None:
        return None
    inner = start + len(opening)
    end = _next(places[closing], inner + 1)
    if end is None or end - inner > MAX_LENGTH:
        return None
    after = end + len(closing)
    if opening == "$":
        line_end = _next(places["\n"], inner)
        money = _MONEY.fullmatch(text, inner, end)
        if (line_end is not None and line_end < end) or (
            money and (text[end - 1] in "-+*/=( \t" or text[after : after + 1].isdigit())
        ):
            return None
    return Span(start, after, text[inner:end])


def _next(places: list[int], start: int) -> int | None:
    index = bisect_left(places, start)
    return places[index] if index < len(places) else None


def find_boxes(text: str) -> list[Span]:
    r"""The closed, non-empty boxes `\boxed{...}` and `\boxed 5` of a text, in order."""
    boxes = list(_BOX.finditer(text))
    closing = _matching_braces(text, boxes[0].start()) if boxes else {}
    found = []
    for box in boxes:
        if box["single"]:
            found.append(Span(box.start(), box.end(), box["single"]))
            continue
        end = closing.get(box.start("brace"))
        if end is not None and end - box.end() <= MAX_LENGTH and text[box.end() : end].strip():
            found.append(Span(box.start(), end + 1, text[box.end() : end]))
    return found


def _matching_braces(text: str, start: int) -> dict[int, int]:
    """The index of the closing brace by that of the opening one from `start` on, escaped ones aside."""
    opened: list[int] = []
    closing: dict[int, int] = {}
    for brace in _BRACE.finditer(text, start):
        if brace.group() == "{":
            opened.append(brace.start())
        elif brace.group() == "}" and opened:
            closing[opened.pop()] = brace.start()
    return closing


def value_of(formula: str, *, before: str = "", stated: bool = False) -> str:
    r"""The value that a formula states.

    `a = b = c` gives c, `x = 3, x = 4` gives `3, 4`, an exact value followed by its approximation the exact
    one, and an equation of a curve such as `x + y - z + 1 = 0` itself.

    Args:
        formula: LaTeX or plain text without its delimiters.
        before: the text before it, which may call it the equation of something.
        stated: whether the text announces it as the answer; `3x - 4y = 12` is an equation then.
    """
    if _ALIGNED.search(formula):
        bare = _ALIGNED.sub("", formula)
        rows = [row for row in bare.split(r"\\") if row.strip()]
        formula = bare if "\\begin" in bare or not rows else rows[-1]
    parts = [part for part in _split(formula, _SEPARATOR) if part.strip()]
    if len(parts) > 1 and all(assignment(part) for part in parts):
        return join(parts)
    exact, *approximations = _split(formula, _APPROXIMATES)
    sides = _split(exact, _EQUALS)
    if approximations and not _is_exact(sides[-1], approximations[-1]):
        return _split(approximations[-1], _EQUALS)[-1].strip()
    curve = _CURVE.search(before[-120:]) is not None
    if len(sides) == 2 and _is_equation(*sides, stated=stated, calls_it_curve=curve):
        return exact.strip()
    return sides[-1].strip()


def assignment(formula: str) -> tuple[str, str] | None:
    """Name and value of `x = 3`, or None if it is none."""
    sides = _split(formula, _EQUALS)
    name = sides[0].strip()
    return (name, sides[1].strip()) if len(sides) == 2 and _NAME.fullmatch(name) else None


def join(parts: list[str]) -> str:
    """Several values or assignments as one answer: without the name if it is the same, each value once."""
    named = [assignment(part) for part in parts]
    names = {pair[0] for pair in named if pair}
    values = [pair[1] if pair else part.strip() for pair, part in zip(named, parts, strict=True)]
    if len(names) > 1:
        return ", ".join(part.strip() for part in parts)
    kept: list[str] = []
    for value in values:
        repeated = [other for other in kept if _are_one(other, value)]
        if not repeated:
            kept.append(value)
        elif len(repeated[0]) > len(value) and _decimals(repeated[0]):
            kept[kept.index(repeated[0])] = value
    return ", ".join(kept)


def _are_one(first: str, second: str) -> bool:
    """Whether two values are equal, or one is the other rounded to its decimals."""
    a, b = parse_answer(first), parse_answer(second)
    if a.value is None or b.value is None:
        return a.core == b.core
    decimals = max(_decimals(first), _decimals(second))
    return abs(a.value - b.value) <= (Fraction(1, 2 * 10**decimals) if decimals else 0)


def _decimals(value: str) -> int:
    quantity = parse_answer(value).quantity
    return quantity.numeral.decimals if quantity and isinstance(quantity.numeral, Plain) else 0


def _split(text: str, seam: re.Pattern[str]) -> list[str]:
    """Cut a text at a seam outside all brackets."""
    pieces, depth, start = [], 0, 0
    for match in seam.finditer(text):
        if match["seam"] is None:
            depth += 1 if match.group() in "([{" else -1
        elif depth <= 0:
            pieces.append(text[start : match.start()])
            start = match.end()
    return [*pieces, text[start:]]


def _is_exact(value: str, approximation: str) -> bool:
    """Whether a value is written out (`\frac{1}{3}`) that is then approximated by a decimal."""
    closed = _CLOSED_FORM.search(value) and not _STILL_TO_CALCULATE.search(value)
    return bool(closed) and _DECIMAL.search(approximation) is not None


def _is_equation(left: str, right: str, *, stated: bool, calls_it_curve: bool) -> bool:
    """Whether two sides are an equation that is itself the answer, and no value of what is on the left."""
    unknowns, others = _letters(left), _letters(right)
    if left.strip() in ("x", "y", "z", "r"):
        return bool(others & {*"xyzt", "theta"})
    if _NAME.fullmatch(left.strip()):
        return False
    if others:
        return bool(unknowns) and calls_it_curve
    zero = right.strip(" .") == "0"
    known = unknowns if zero and stated else unknowns & set("xyz")
    if len(unknowns) == 1:
        bare = _PRODUCT_OR_FRACTION.sub(" ", left)
        is_polynomial = _POLYNOMIAL.fullmatch(bare) is not None and bool(known or zero or "^" in left)
        return is_polynomial and (stated or calls_it_curve)
    return len(known) > 1 and (zero or stated or calls_it_curve)


def _letters(side: str) -> set[str]:
    """The one-letter variables of a formula."""
    runs = re.findall(r"[A-Za-z]+", _COMMAND.sub(" ", side))
    greek = {run for run in runs if run in ("alpha", "beta", "theta", "phi", "lambda")}
    return greek | {letter for run in runs if len(run) <= 3 and run not in greek for letter in run}


def is_value(formula: str) -> bool:
    """Whether a formula holds a number or a command, and so more than a name."""
    return re.search(r"\d|\\", formula) is not None and parse_answer(formula).kind is not Kind.TEXT
