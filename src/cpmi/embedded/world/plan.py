"""The hidden plan of a problem: quantities, the rules that define them, and the one that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from cpmi.embedded.world.expression import Binary, Expression, Leaf, Number


class Kind(StrEnum):
    """What a quantity counts."""

    OWN = "own"  # how many items one owner has
    TOTAL = "total"  # how many two owners have together
    LEAD = "lead"  # how many more the first owner has than the second


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something countable. A TOTAL names its owners in alphabetical order."""

    kind: Kind
    owners: tuple[str, ...]
    item: str

    def __str__(self) -> str:
        if self.kind is Kind.LEAD:
            return f"{self.owners[0]}'s lead over {self.owners[1]} in {self.item}"
        return f"{' and '.join(self.owners)}'s {self.item}"


def own(owner: str, item: str) -> Quantity:
    """How many items an owner has."""
    return Quantity(Kind.OWN, (owner,), item)


def total(first: str, second: str, item: str) -> Quantity:
    """How many items two owners have together, in either order."""
    return Quantity(Kind.TOTAL, (min(first, second), max(first, second)), item)


def lead(first: str, second: str, item: str) -> Quantity:
    """How many items more the first owner has than the second."""
    return Quantity(Kind.LEAD, (first, second), item)


class Op(StrEnum):
    """How a quantity comes from others."""

    GIVEN = "given"  # n
    MORE = "more"  # P + n
    FEWER = "fewer"  # P - n
    TIMES = "times"  # P * n
    PART = "part"  # P / b * a
    PERCENT = "percent"  # P * p / 100
    SUM = "sum"  # P + R
    DIFFERENCE = "difference"  # P - R
    LOSE = "lose"  # P - n, some are given away
    GAIN = "gain"  # P + n, some come in
    PACK = "pack"  # P / n containers
    UNPACK = "unpack"  # P containers of n each


@dataclass(frozen=True, slots=True)
class Rule:
    """What the problem says of one quantity: an operation on other quantities and on numbers."""

    op: Op
    operands: tuple[Quantity, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a problem says, distractors included, and the quantity it asks for.

    Raises:
        KeyError: from `value` and `formulas`, for a quantity that the problem does not define.
    """

    rules: Mapping[Quantity, Rule]
    asked: Quantity

    def knows(self, quantity: Quantity) -> bool:
        """Whether the quantity has a value in this world."""
        if quantity.kind is Kind.OWN:
            return quantity in self.rules
        return all(own(owner, quantity.item) in self.rules for owner in quantity.owners)

    def is_given(self, quantity: Quantity) -> bool:
        """Whether the problem states the value itself: a count, or a lead that defines one of its owners."""
        if quantity.kind is Kind.OWN:
            return self.rules[quantity].op is Op.GIVEN
        return quantity.kind is Kind.LEAD and self._stated_lead(quantity) is not None

    def _stated_lead(self, quantity: Quantity) -> int | None:
        first, second = (own(owner, quantity.item) for owner in quantity.owners)
        if self.rules[first].op is Op.MORE and self.rules[first].operands == (second,):
            return self.rules[first].numbers[0]
        if self.rules[second].op is Op.FEWER and self.rules[second].operands == (first,):
            return self.rules[second].numbers[0]
        return None

    def value(self, quantity: Quantity) -> Fraction:
        """The true value."""
        if quantity.kind is Kind.OWN and self.rules[quantity].op is Op.GIVEN:
            return Fraction(self.rules[quantity].numbers[0])
        return self.formulas(quantity)[0].value(self.value)

    def formulas(self, quantity: Quantity) -> tuple[Expression, ...]:
        """Ways to write the quantity over its operands, the usual one first; empty where it is just given."""
        if quantity.kind is not Kind.OWN:
            first, second = (Leaf(own(owner, quantity.item)) for owner in quantity.owners)
            return (Binary("+" if quantity.kind is Kind.TOTAL else "-", first, second),)
        return formulas_of(self.rules[quantity])

    def needs(self, quantity: Quantity) -> Iterator[Quantity]:
        """The quantities that must be worked out for this one, operands first, itself last; each once."""
        seen: set[Quantity] = set()

        def visit(current: Quantity) -> Iterator[Quantity]:
            if current in seen or (current.kind is Kind.OWN and self.rules[current].op is Op.GIVEN):
                return
            seen.add(current)
            for leaf in self.formulas(current)[0].leaves():
                yield from visit(leaf)
            yield current

        return visit(quantity)

    def shape(self, quantity: Quantity | None = None) -> str:
        """The structure without names, numbers and the order of summands: one shape is solved in one way."""
        quantity = quantity or self.asked
        if quantity.kind is Kind.OWN:
            rule = self.rules[quantity]
            name, operands = rule.op.value, rule.operands
        else:
            name, operands = quantity.kind.value, tuple(own(o, quantity.item) for o in quantity.owners)
        shapes = [self.shape(operand) for operand in operands]
        if name in (Kind.TOTAL, Op.SUM):
            shapes.sort()
        return f"{name}({','.join(shapes)})"

    def constants(self) -> tuple[int, ...]:
        """The numbers that the solution needs, sorted."""
        needed = {leaf for q in self.needs(self.asked) for leaf in (q, *self.formulas(q)[0].leaves())}
        numbers = [n for q in needed if q in self.rules for n in self.rules[q].numbers]
        return tuple(sorted(numbers))


def formulas_of(rule: Rule) -> tuple[Expression, ...]:
    """A rule as expressions over its operands; see `Plan.formulas`."""
    leaves = [Leaf(operand) for operand in rule.operands]
    numbers = [Number(number) for number in rule.numbers]
    match rule.op:
        case Op.GIVEN:
            return ()
        case Op.MORE | Op.GAIN:
            return (Binary("+", leaves[0], numbers[0]),)
        case Op.FEWER | Op.LOSE:
            return (Binary("-", leaves[0], numbers[0]),)
        case Op.TIMES | Op.UNPACK:
            return (Binary("*", leaves[0], numbers[0]),)
        case Op.PACK:
            return (Binary("/", leaves[0], numbers[0]),)
        case Op.SUM:
            return (Binary("+", *leaves),)
        case Op.DIFFERENCE:
            return (Binary("-", *leaves),)
        case Op.PART:
            return (_part(leaves[0], *rule.numbers),)
        case Op.PERCENT:
            share = Fraction(rule.numbers[0], 100)
            written = Binary("/", Binary("*", leaves[0], numbers[0]), Number(100))
            return (_part(leaves[0], share.numerator, share.denominator), written)


def _part(whole: Expression, numerator: int, denominator: int) -> Expression:
    one = Binary("/", whole, Number(denominator))
    return one if numerator == 1 else Binary("*", one, Number(numerator))
