"""Arithmetic as it is written in steps: read, computed exactly, and compared by form.

Two expressions have the same form if they differ by the order of summands and of factors alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_TOKEN = re.compile(r"\s*([0-9]+|[-+*/()])")

# What is longer is no expression: no working needs as much, and it could not be computed in reasonable time.
MAX_DIGITS, MAX_NUMBERS, MAX_NESTED = 15, 40, 40

Form = tuple[Any, ...]
"""A hashable normal form: ("n", value), or ("+" or "*", terms sorted, each with its sign or exponent)."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that the problem states."""

    number: int

    def value(self, _of_leaf: Callable[[Any], Fraction] | None = None) -> Fraction:
        """The exact value, given that of every leaf."""
        return Fraction(self.number)

    def leaves(self) -> Iterator[Any]:
        return iter(())

    def __str__(self) -> str:
        return str(self.number)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A quantity in a formula; it has a value only with a plan."""

    quantity: Hashable

    def value(self, of_leaf: Callable[[Any], Fraction] | None = None) -> Fraction:
        """The exact value, given that of every leaf."""
        if of_leaf is None:
            raise ValueError(f"{self.quantity} has no value by itself")
        return of_leaf(self.quantity)

    def leaves(self) -> Iterator[Any]:
        yield self.quantity


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right` with op one of + - * /.

    Raises:
        ZeroDivisionError: from `value`.
    """

    op: str
    left: Expression
    right: Expression

    def value(self, of_leaf: Callable[[Any], Fraction] | None = None) -> Fraction:
        """The exact value, given that of every leaf."""
        left, right = self.left.value(of_leaf), self.right.value(of_leaf)
        if self.op == "+":
            return left + right
        if self.op == "-":
            return left - right
        return left * right if self.op == "*" else left / right

    def leaves(self) -> Iterator[Any]:
        yield from self.left.leaves()
        yield from self.right.leaves()

    def __str__(self) -> str:
        left, right = str(self.left), str(self.right)
        if self.op in "*/" and isinstance(self.left, Binary) and self.left.op in "+-":
            left = f"({left})"
        if isinstance(self.right, Binary) and (self.op != "+" or self.right.op in "+-"):
            right = f"({right})"
        return f"{left} {self.op} {right}"


Expression = Number | Leaf | Binary


def parse(text: str) -> Expression | None:
    """The expression written in `text`, or None if it is none."""
    tokens, at = [], 0
    while match := _TOKEN.match(text, at):
        tokens.append(match.group(1))
        at = match.end()
    if text[at:].strip() or not tokens or _is_too_long(tokens):
        return None
    tokens.append("")
    result, end = _sum(tokens, 0)
    return result if end == len(tokens) - 1 else None


def _is_too_long(tokens: list[str]) -> bool:
    written = [token for token in tokens if token.isdigit()]
    longest = max(map(len, written), default=0)
    return longest > MAX_DIGITS or len(written) > MAX_NUMBERS or tokens.count("(") > MAX_NESTED


def _sum(tokens: list[str], at: int) -> tuple[Expression | None, int]:
    return _chain(tokens, at, "+-", _product)


def _product(tokens: list[str], at: int) -> tuple[Expression | None, int]:
    return _chain(tokens, at, "*/", _atom)


def _chain(
    tokens: list[str],
    at: int,
    ops: str,
    part: Callable[[list[str], int], tuple[Expression | None, int]],
) -> tuple[Expression | None, int]:
    left, at = part(tokens, at)
    while left is not None and tokens[at] and tokens[at] in ops:
        op = tokens[at]
        right, at = part(tokens, at + 1)
        left = None if right is None else Binary(op, left, right)
    return left, at


def _atom(tokens: list[str], at: int) -> tuple[Expression | None, int]:
    token = tokens[at]
    if token.isdigit():
        return Number(int(token)), at + 1
    if token == "-" and tokens[at + 1].isdigit():
        return Number(-int(tokens[at + 1])), at + 2
    if token == "(":
        inner, at = _sum(tokens, at + 1)
        return (inner, at + 1) if tokens[at] == ")" else (None, at)
    return None, at


def form(expression: Expression, of_leaf: Callable[[Any], Fraction] | None = None) -> Form:
    """The normal form, with leaves replaced by their values."""
    if not isinstance(expression, Binary):
        return ("n", expression.value(of_leaf))
    kind = "+" if expression.op in "+-" else "*"
    terms = sorted(_terms(expression, kind, 1, of_leaf), key=repr)
    if kind == "*":  # a factor one changes nothing
        terms = [term for term in terms if term[1] != ("n", Fraction(1))] or [(1, ("n", Fraction(1)))]
    if len(terms) == 1 and terms[0][0] == 1:
        return tuple(terms[0][1])
    return (kind, tuple(terms))


def _terms(
    expression: Expression, kind: str, sign: int, of_leaf: Callable[[Any], Fraction] | None
) -> Iterator[tuple[int, Form]]:
    """Summands with their signs or factors with their exponents, nested ones of the same kind included."""
    own_kind = isinstance(expression, Binary) and ("+" if expression.op in "+-" else "*")
    if isinstance(expression, Binary) and own_kind == kind:
        yield from _terms(expression.left, kind, sign, of_leaf)
        yield from _terms(expression.right, kind, sign if expression.op in "+*" else -sign, of_leaf)
    elif kind == "+" and isinstance(expression, Number) and expression.number < 0:
        yield -sign, ("n", Fraction(-expression.number))
    else:
        yield sign, form(expression, of_leaf)


def shape(normal: Form) -> Form:
    """A normal form without its numbers."""
    if normal[0] == "n":
        return ("n",)
    return (normal[0], tuple(sorted(((sign, shape(inner)) for sign, inner in normal[1]), key=repr)))


def numbers(expression: Expression) -> tuple[int, ...]:
    """The numbers written in an expression, sorted."""
    if isinstance(expression, Number):
        return (expression.number,)
    if isinstance(expression, Binary):
        return tuple(sorted(numbers(expression.left) + numbers(expression.right)))
    return ()
