"""The value of a formula at a point: exactly, as a fraction, or to any number of digits.

Sizes are checked before each operation, so that no formula can take long: what would be too large is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from cpmi.answers.expressions import Node

Point = Mapping[str, Fraction]

COMMON = ("gcd", "lcm")
_MAX_BITS = 120_000  # of a numerator or denominator, about 36,000 digits
_MAX_FACTORIAL = 8_000
_MAX_MAGNITUDE = 4_000  # bits before the point of a function's argument


class NoValueError(ArithmeticError):
    """The formula has no value here: outside its domain, too large, or not of this kind of number."""


def exact_value(node: Node, point: Point) -> Fraction:
    """The rational value.

    Raises:
        NoValueError: it is not rational by its form, is undefined here or has too many digits.
    """
    if node.op == "number":
        return node.value
    if node.op == "letter":
        return point[node.name]
    rule = _EXACT.get(node.op)
    if rule is None and node.op not in COMMON:
        raise NoValueError(node.op)
    values = [exact_value(arg, point) for arg in node.args]
    value = rule(*values) if rule else _common(node, values)
    _check(value)
    return value


def _check(value: Fraction) -> None:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
        raise NoValueError("too many digits")


def _sum(*terms: Fraction) -> Fraction:
    return sum(terms, Fraction(0))


def _product(*factors: Fraction) -> Fraction:
    result = Fraction(1)
    for factor in factors:
        result *= factor
        _check(result)
    return result


def _quotient(above: Fraction, below: Fraction) -> Fraction:
    if not below:
        raise NoValueError("division by zero")
    return above / below


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or (not base and exponent <= 0):
        raise NoValueError("no whole power")
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(base) != 1 and base and abs(exponent) * bits > 2 * _MAX_BITS:
        raise NoValueError("too many digits")
    if abs(base) == 1:
        return base if exponent % 2 else Fraction(1)
    return base ** int(exponent)


def _factorial(value: Fraction) -> Fraction:
    if value.denominator != 1 or not 0 <= value <= _MAX_FACTORIAL:
        raise NoValueError("no factorial")
    return Fraction(math.factorial(int(value)))


def _binomial(above: Fraction, below: Fraction) -> Fraction:
    if above.denominator != 1 or below.denominator != 1 or not 0 <= above <= _MAX_FACTORIAL or below < 0:
        raise NoValueError("no binomial coefficient")
    return Fraction(math.comb(int(above), int(below)))


def _common(node: Node, values: list[Fraction]) -> Fraction:
    """Greatest common divisor or least common multiple, of fractions too unless letters count something."""
    if node.letters and any(value.denominator != 1 for value in values):
        raise NoValueError("no whole numbers")
    above, below = (math.gcd, math.lcm) if node.op == "gcd" else (math.lcm, math.gcd)
    return Fraction(
        above(*[value.numerator for value in values]), below(*[value.denominator for value in values])
    )


_EXACT: dict[str, Callable[..., Fraction]] = {
    "+": _sum,
    "*": _product,
    "/": _quotient,
    "^": _power,
    "factorial": _factorial,
    "binomial": _binomial,
    "abs": abs,
    "floor": lambda value: Fraction(math.floor(value)),
    "ceil": lambda value: Fraction(math.ceil(value)),
    "max": max,
    "min": min,
    "mod": lambda above, below: above % below if below else _quotient(above, below),
}


@lru_cache(maxsize=64)
def _context(digits: int) -> Any:
    from mpmath import MPContext  # type: ignore[import-untyped]

    context = MPContext()
    context.dps = digits
    return context


class Approximation:
    """Evaluates formulas to a number of digits with mpmath.

    Roots of odd degree are real; unless `real` is false, when those of negative numbers have no value, as the
    complex root may be meant. Other roots of negative numbers are complex. A power with a fraction as its
    exponent is such a root; with any other exponent, and in a logarithm, the base must be positive.

    Attributes:
        largest: the largest size of any intermediate value so far, which bounds what cancellation can hide.
    """

    def __init__(self, digits: int, *, real: bool = True) -> None:
        self._real = real
        self._mp = _context(digits)
        self.largest: Any = self._mp.mpf(0)
        self._one: dict[str, Callable[[Any], Any]] = {
            "sin": self._mp.sin, "cos": self._mp.cos, "tan": self._mp.tan, "cot": self._mp.cot,
            "arsinh": self._mp.asinh, "arcosh": self._mp.acosh, "artanh": self._mp.atanh,
            "conjugate": self._mp.conj, "sec": self._mp.sec, "csc": self._mp.csc,
            "arcsin": self._mp.asin, "arccos": self._mp.acos, "arctan": self._mp.atan,
            "sinh": self._mp.sinh, "cosh": self._mp.cosh, "tanh": self._mp.tanh,
            "abs": abs, "degree": lambda value: value * self._mp.pi / 180, "ln": self._logarithm,
            "floor": lambda value: self._mp.floor(self._clear(value)),
            "ceil": lambda value: self._mp.ceil(self._clear(value)), "factorial": self._factorial,
        }  # fmt: skip

    def value(self, node: Node, point: Point) -> Any:
        """An mpmath number; of complex type where the value is not real.

        Raises:
            NoValueError: undefined here, or too large to compute.
        """
        if node.op == "number":
            return self._rational(node.value)
        if node.op == "letter":
            return self._rational(point[node.name])
        if node.op == "constant":
            return {"pi": +self._mp.pi, "e": +self._mp.e, "i": self._mp.mpc(0, 1)}[node.name]
        if node.op in COMMON:
            return self._rational(exact_value(node, point))
        values = [self.value(arg, point) for arg in node.args]
        try:
            result = self._apply(node, values, point)
        except (ZeroDivisionError, ValueError, OverflowError) as error:
            raise NoValueError(node.op) from error
        if not self._mp.isfinite(result):
            raise NoValueError(node.op)
        if not self._mp.im(result):
            result = self._mp.re(result)
        self.largest = max(self.largest, abs(result))
        return result

    def _rational(self, value: Fraction) -> Any:
        return self._mp.mpf(value.numerator) / value.denominator

    def _apply(self, node: Node, values: list[Any], point: Point) -> Any:
        op = node.op
        if op == "+":
            return self._mp.fsum(values)
        if op == "*":
            return self._mp.fprod(values)
        if op == "/":
            return values[0] / values[1]
        if op == "^":
            return self._power(node, values[0], values[1], point)
        if op == "root":
            return self._root(values[0], values[1])
        if op == "binomial":
            return self._binomial(*values)
        if op == "mod":
            self._want_real(*values)
            return values[0] - values[1] * self._mp.floor(self._clear(values[0] / values[1]))
        if op in ("max", "min"):
            self._want_real(*values)
            return (max if op == "max" else min)(values)
        rule = self._one.get(op)
        if rule is None:
            raise NoValueError(op)
        if self._mp.mag(values[0]) > _MAX_MAGNITUDE and op not in ("abs", "degree", "ln"):
            raise NoValueError("too large")
        return rule(values[0])

    def _want_real(self, *values: Any) -> None:
        if any(self._mp.im(value) for value in values):
            raise NoValueError("not real")

    def _clear(self, value: Any) -> Any:
        """The value, if rounding errors cannot move it over a whole number."""
        self._want_real(value)
        distance = abs(value - self._mp.nint(value))
        if distance and self._mp.mag(distance) < -self._mp.prec // 2:
            raise NoValueError("too near to a whole number")
        return value

    def _power(self, node: Node, base: Any, exponent: Any, point: Point) -> Any:
        size = abs(self._mp.mag(base)) + 1 if base else 1
        if abs(exponent) * size > _MAX_BITS:
            raise NoValueError("too large")
        if not base and not self._mp.re(exponent) > 0:
            raise NoValueError("zero to a power that is not positive")
        if self._mp.isint(exponent):
            return base ** int(self._mp.re(exponent))
        is_real = not self._mp.im(base)
        if node.args[0].op == "constant" or (is_real and self._mp.re(base) > 0):
            return base**exponent
        if not is_real:
            raise NoValueError("a fraction as the exponent of a complex number")
        fraction = exact_value(node.args[1], point)
        return self._root(self._mp.mpf(fraction.denominator), base) ** fraction.numerator

    def _root(self, degree: Any, radicand: Any) -> Any:
        if not self._mp.isint(degree) or not 2 <= degree <= 1_000:
            raise NoValueError("a root of this degree")
        degree = int(degree)
        if degree % 2 and not self._mp.im(radicand) and self._mp.re(radicand) < 0:
            if not self._real:
                raise NoValueError("a root that may be real or complex")
            return -self._mp.root(-self._mp.re(radicand), degree)
        return self._mp.root(radicand, degree)

    def _logarithm(self, value: Any) -> Any:
        self._want_real(value)
        if not self._mp.re(value) > 0:
            raise NoValueError("a logarithm of a number that is not positive")
        return self._mp.ln(self._mp.re(value))

    def _factorial(self, value: Any) -> Any:
        self._want_real(value)
        if not -1 < value <= _MAX_FACTORIAL:
            raise NoValueError("no factorial")
        return self._mp.factorial(value)

    def _binomial(self, above: Any, below: Any) -> Any:
        self._want_real(above, below)
        if max(abs(above), abs(below)) > _MAX_FACTORIAL:
            raise NoValueError("too large")
        return self._mp.binomial(above, below)
