r"""Matrices: entry by entry, and sums and products of small ones whose entries are rational numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import chain

from cpmi.answers.evaluation import NoValueError, exact_value
from cpmi.answers.expression_reader import read_expression
from cpmi.answers.forms import Answer
from cpmi.answers.reading import parse_answer
from cpmi.answers.verdicts import DIFFERENT, SAME, undecided
from cpmi.types import Relation, Verdict

Matrix = list[list[str]]
Compare = Callable[[Answer, Answer], Verdict | None]

_ONE = re.compile(
    r"(?:\\left|\\right|[\s(\[])*\\begin\{(?P<kind>(?:[pbB]|small)?matrix|array)\}(?:\{[lcr|]*\})?(?P<body>(?:(?!\\begin).)*?)"
    r"\\end\{(?P=kind)\}(?:(?:\\right\s*)?[)\].]|\s)*",
    re.S,
)
_ROW = re.compile(r"\\\\(?:\s*\[[^\]]*\])?|\\cr(?![A-Za-z])")
_BETWEEN = re.compile(r"[-+]|\\cdot(?![A-Za-z])|")
_MAX_ENTRIES = 100


def read_matrix(text: str) -> Matrix | None:
    """The entries of a matrix, row by row, or of a sum or a product of such; None for any other text."""
    result: Matrix | None = None
    at, signs = 0, set[str]()
    while at < len(text):
        sign = _BETWEEN.match(text, at)
        match = _ONE.match(text, sign.end() if sign else at)
        if match is None or sign is None or (result is None and sign.group()):
            return None
        entries = [row.split("&") for row in _ROW.split(match["body"]) if row.strip()]
        at = match.end()
        if result is None:
            result = entries
            continue
        signs.add(sign.group().lstrip("\\"))
        result = _combined(result, entries, sign.group())
        if result is None or (signs & {"+", "-"} and signs & {"", "cdot"}):
            return None
    return result


def compare_matrices(left: Matrix, right: Matrix, compare: Compare) -> Verdict:
    """SAME where all entries are, DIFFERENT where one is, or where the numbers of entries differ."""
    if [len(row) for row in left] != [len(row) for row in right]:
        several = sum(map(len, left)) != sum(map(len, right))
        return DIFFERENT if several else undecided("matrices of other shapes")
    doubt = SAME
    for x, y in zip(chain.from_iterable(left), chain.from_iterable(right), strict=True):
        verdict = compare(parse_answer(x.strip()), parse_answer(y.strip()))
        if verdict is not None and verdict.relation is Relation.DIFFERENT:
            return verdict
        if verdict is not SAME:
            doubt = verdict or undecided("entries that cannot be compared")
    return doubt


def _combined(left: Matrix, right: Matrix, sign: str) -> Matrix | None:
    first, second = _numbers(left), _numbers(right)
    if first is None or second is None:
        return None
    if sign in ("+", "-"):
        if [len(row) for row in first] != [len(row) for row in second]:
            return None
        factor = 1 if sign == "+" else -1
        found = [
            [x + factor * y for x, y in zip(*rows, strict=True)] for rows in zip(first, second, strict=True)
        ]
    else:
        if any(len(row) != len(second) for row in first) or len({len(row) for row in second}) != 1:
            return None
        columns = list(zip(*second, strict=True))
        found = [
            [sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0)) for column in columns]
            for row in first
        ]
    return [[str(entry) for entry in row] for row in found]


def _numbers(matrix: Matrix) -> list[list[Fraction]] | None:
    nodes = [[read_expression(entry.strip()) for entry in row] for row in matrix]
    if sum(map(len, matrix)) > _MAX_ENTRIES:
        return None
    try:
        return [[exact_value(node, {}) for node in row if node is not None] for row in nodes]
    except (KeyError, NoValueError):
        return None
