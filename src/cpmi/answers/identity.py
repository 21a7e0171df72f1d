r"""Proof that two formulas are one: exact arithmetic at several points, computer algebra for the rest.

Transcendental parts (`\pi`, `\sin u`, `2^n`) are treated as further variables, equal ones as the same. What
is left is an algebraic function, and a difference of such is zero everywhere (but on branches, which the
caller has looked at) if it is exactly zero at a few points chosen without regard to it. With roots, "exactly
zero" is decided by a separation bound: Burnikel, Funke, Mehlhorn, Schirra, Schmitt, "A separation bound for
real algebraic expressions" (2001), theorem 1.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from cpmi.answers.evaluation import Approximation, NoValueError, Point, exact_value
from cpmi.answers.expressions import Node, difference, letter, minus, number

_POINTS = 4
_TRIES = 12
_MAX_BITS = 120_000
_MAX_NODES = 250  # for computer algebra
_MAX_NESTED = 4  # functions within functions there, as its time doubles with each
_EVEN = frozenset(["cos", "cosh", "abs"])
_ODD = frozenset(["sin", "sinh", "tanh", "arcsin", "arctan"])
_QUOTIENTS = {"tan": ("sin", "cos"), "cot": ("cos", "sin"), "sec": ("", "cos"), "csc": ("", "sin")}
_MINUS_ONE = number(-1)
_I = Node("root", (number(2), _MINUS_ONE))


def identical(left: Node, right: Node) -> bool:
    """Whether the formulas are proven equal for positive letters. False proves nothing."""
    atoms = _Atoms()
    rewritten = difference(atoms.rewrite(left), atoms.rewrite(right))
    is_algebraic = not any(name.startswith("@") for name in rewritten.letters)
    return _vanishes(rewritten) or (not is_algebraic and _algebra_agrees(left, right))


class _Atoms:
    """Rewrites formulas over one set of new variables for their transcendental parts."""

    def __init__(self) -> None:
        self._known: list[tuple[str, tuple[Node, ...], Node]] = []

    def rewrite(self, node: Node) -> Node:
        if not node.letters:
            try:
                return number(exact_value(node, {}))
            except NoValueError:
                pass
        if node.op in ("number", "letter"):
            return node
        if node.op == "constant":
            return _I if node.name == "i" else letter("@" + node.name)
        if node.op == "^":
            return self._power(self.rewrite(node.args[0]), node.args[1])
        args = tuple(self.rewrite(arg) for arg in node.args)
        if node.op in ("+", "*", "/", "root"):
            return Node(node.op, args)
        if node.op == "degree":
            return Node("/", (Node("*", (args[0], letter("@pi"))), number(180)))
        if node.op in _QUOTIENTS:
            above, below = _QUOTIENTS[node.op]
            return Node("/", (self._atom(above, args) if above else number(1), self._atom(below, args)))
        return self._atom(node.op, args)

    def _power(self, base: Node, exponent: Node) -> Node:
        try:
            value = exact_value(exponent, {})
        except (NoValueError, KeyError):
            return self._open_power(base, exponent)
        whole = Node("^", (base, number(value.numerator)))
        return whole if value.denominator == 1 else Node("root", (number(value.denominator), whole))

    def _open_power(self, base: Node, exponent: Node) -> Node:
        if exponent.op == "+":
            return Node("*", tuple(self._power(base, term) for term in exponent.args))
        first = exponent.args[0] if exponent.op == "*" else exponent
        if exponent.op == "*" and first.op == "number" and first.value.denominator == 1:
            rest = exponent.args[1:]
            inner = self._power(base, rest[0] if len(rest) == 1 else Node("*", rest))
            return Node("^", (inner, first))
        return self._atom("^", (base, self.rewrite(exponent)))

    def _atom(self, op: str, args: tuple[Node, ...]) -> Node:
        for known_op, known_args, atom in self._known:
            if known_op != op or len(known_args) != len(args):
                continue
            if all(_vanishes(difference(x, y)) for x, y in zip(args, known_args, strict=True)):
                return atom
            if op in _EVEN | _ODD and _vanishes(Node("+", (args[0], known_args[0]))):
                return atom if op in _EVEN else minus(atom)
            if op == "^" and args[0] == known_args[0] and _vanishes(Node("+", (args[1], known_args[1]))):
                return Node("/", (number(1), atom))
        atom = letter(f"@{len(self._known)}")
        self._known.append((op, args, atom))
        return atom


def _vanishes(node: Node) -> bool:
    """Whether an algebraic function is zero at enough points to be zero."""
    letters = sorted(node.letters)
    largest = 10_000 if node.has("root") else 10**9
    found = 0
    for attempt in range(_TRIES):
        draw = random.Random(f"{attempt}")  # points that do not depend on the formula
        point = {name: Fraction(draw.randint(2, largest)) for name in letters}
        try:
            if not _is_zero(node, point):
                return False
        except NoValueError:
            continue
        found += 1
        if found == _POINTS or not letters:
            return True
    return False


def _is_zero(node: Node, point: Point) -> bool:
    """Whether an algebraic number is zero, exactly.

    Raises:
        NoValueError: undefined, or too many digits are needed.
    """
    if not node.has("root"):
        return exact_value(node, point) == 0
    roots: dict[Node, int] = {}
    above, below = _sizes(node, point, roots)
    degree = 1
    for order in roots.values():
        degree *= order
    bits = above * (degree * degree - 1) + below
    if bits > _MAX_BITS:
        raise NoValueError("too many digits")
    precision = int(bits + above + below) + 64
    value = Approximation(precision * 302 // 1000 + 10).value(node, point)
    return bool(abs(value) * 2 ** (int(bits) + 8) < 1)


def _sizes(node: Node, point: Point, roots: dict[Node, int]) -> tuple[float, float]:
    """Binary logarithms of the bounds u and l of the theorem; fills `roots` with the degrees of all roots."""
    if node.op in ("number", "letter"):
        value = node.value if node.op == "number" else point[node.name]
        return max(1, value.numerator.bit_length()), value.denominator.bit_length()
    if node.op == "root":
        order, radicand = node.args
        if order.op != "number" or order.value.denominator != 1 or order.value < 2:
            raise NoValueError("a root of this degree")
        roots[node] = int(order.value)
        above, below = _sizes(radicand, point, roots)
        return above / int(order.value), below / int(order.value)
    sizes = [_sizes(arg, point, roots) for arg in node.args]
    if node.op == "*":
        return sum(above for above, _ in sizes), sum(below for _, below in sizes)
    if node.op == "/":
        return sizes[0][0] + sizes[1][1], sizes[0][1] + sizes[1][0]
    if node.op == "+":
        total = sum(below for _, below in sizes)
        return max(above + total - below for above, below in sizes) + len(sizes).bit_length(), total
    if node.op == "^" and node.args[1].op == "number" and node.args[1].value.denominator == 1:
        exponent = int(node.args[1].value)
        above, below = sizes[0] if exponent >= 0 else sizes[0][::-1]
        return above * abs(exponent), below * abs(exponent)
    raise NoValueError(node.op)


def _algebra_agrees(left: Node, right: Node) -> bool:
    """Whether sympy reduces the difference to zero, the letters taken as positive."""
    parts = [*left.walk(), *right.walk()]
    if (
        len(parts) > _MAX_NODES
        or max(_nested(left), _nested(right)) > _MAX_NESTED
        or any(max(abs(part.value.numerator), part.value.denominator) > 10**30 for part in parts)
    ):
        return False
    import sympy  # type: ignore[import-untyped]

    try:
        rest = sympy.simplify(_to_sympy(left) - _to_sympy(right))
        return bool(rest == 0 or (rest.has(sympy.I) and sympy.expand_complex(rest) == 0))
    except (ArithmeticError, AttributeError, NotImplementedError, RecursionError, TypeError, ValueError):
        return False


def _nested(node: Node) -> int:
    """How many functions lie within each other."""
    inner = max(map(_nested, node.args), default=0)
    return inner + (bool(node.args) and node.op not in ("+", "*", "/", "^"))


def _to_sympy(node: Node) -> Any:
    import sympy

    if node.op == "number":
        return sympy.Rational(node.value.numerator, node.value.denominator)
    if node.op == "letter":
        return sympy.Symbol(node.name, positive=True)
    if node.op == "constant":
        return {"pi": sympy.pi, "e": sympy.E, "i": sympy.I}[node.name]
    args = [_to_sympy(arg) for arg in node.args]
    rules: dict[str, Callable[..., Any]] = {
        "+": sympy.Add, "*": sympy.Mul, "/": lambda a, b: a / b, "^": _sympy_power, "root": _sympy_root,
        "degree": lambda a: a * sympy.pi / 180, "ln": sympy.log, "abs": sympy.Abs, "ceil": sympy.ceiling,
        "arsinh": sympy.asinh, "arcosh": sympy.acosh,
        "artanh": sympy.atanh, "mod": sympy.Mod, "arcsin": sympy.asin, "arccos": sympy.acos,
        "arctan": sympy.atan, "max": sympy.Max, "min": sympy.Min,
    }  # fmt: skip
    return rules[node.op](*args) if node.op in rules else getattr(sympy, node.op)(*args)


def _sympy_power(base: Any, exponent: Any) -> Any:
    if exponent.is_number and abs(exponent) > 1_000:
        raise ValueError("too large")
    return base**exponent


def _sympy_root(degree: Any, radicand: Any) -> Any:
    import sympy

    return sympy.real_root(radicand, degree) if degree.is_odd else sympy.root(radicand, degree)
