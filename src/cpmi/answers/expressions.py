"""The tree of a formula, and what may be asked of it without computing its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

_OPEN = frozenset(["integral", "sum", "product", "limit", "value"])


@dataclass(frozen=True, slots=True)
class Node:
    """A formula.

    Attributes:
        op: "number", "letter", "constant" (leaves); "+", "*", "/", "^" (two or more arguments, `+` and `*`
            any number); "root" (degree, radicand); "degree" (an angle); "sum", "product", "integral between"
            (body, bounds); "integral" (body, variable); "limit", "limit +", "limit -" (body, point);
            "value f" (arguments); else a function's name.
        args: the arguments.
        name: of a letter or a constant.
        value: of a number.
        decimals: digits after the point of a number written as a decimal (less its power of ten), else None.
    """

    op: str
    args: tuple[Node, ...] = ()
    name: str = ""
    value: Fraction = Fraction(0)
    decimals: int | None = None

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(node.args)

    @property
    def is_open(self) -> bool:
        """Whether it is an integral, sum, product, limit or value of a function, which is not computed."""
        return self.op.partition(" ")[0] in _OPEN

    @property
    def letters(self) -> frozenset[str]:
        return frozenset(node.name for node in self.walk() if node.op == "letter")

    def has(self, op: str) -> bool:
        return any(node.op == op for node in self.walk())

    @property
    def has_open(self) -> bool:
        return any(node.is_open for node in self.walk())

    @property
    def is_complex(self) -> bool:
        """Whether the imaginary unit is written in it."""
        return any(node.op == "constant" and node.name == "i" for node in self.walk())


def number(value: Fraction | int, decimals: int | None = None) -> Node:
    """A rational constant."""
    return Node("number", value=Fraction(value), decimals=decimals)


def letter(name: str) -> Node:
    """A variable."""
    return Node("letter", name=name)


def minus(node: Node) -> Node:
    """The negative of a formula."""
    if node.op == "number":
        return replace(node, value=-node.value)
    return Node("*", (number(-1), node))


def difference(left: Node, right: Node) -> Node:
    """`left - right`."""
    return Node("+", (left, minus(right)))


def substitute(node: Node, values: Mapping[str, Node]) -> Node:
    """The formula with letters replaced."""
    if node.op == "letter":
        return values.get(node.name, node)
    if not node.args:
        return node
    return replace(node, args=tuple(substitute(arg, values) for arg in node.args))
