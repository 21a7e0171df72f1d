"""All right ways to write a quantity: over its operands' values, or with their derivations in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product

from cpmi.embedded.world.expression import (
    MAX_DIGITS,
    Binary,
    Expression,
    Leaf,
    Number,
    form,
    numbers,
    shape,
)
from cpmi.embedded.world.plan import Kind, Op, Plan, Quantity, own

# Expressions that are tried for one claim: far more than drawn problems need, and hostile ones end too.
_MOST_TRIES = 5000

Told = Mapping[Quantity, AbstractSet[Fraction]]
"""Values that steps gave to quantities without right."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to write a quantity, with the quantities that it uses without working them out."""

    written: Expression
    needs: frozenset[Quantity]


class Ways:
    """The values of a plan's quantities, and how they may be written."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._values = _values(plan)

    def value(self, quantity: Quantity) -> Fraction | None:
        """The true value; None for what the problem does not define, or defines by itself."""
        if quantity.kind is Kind.OWN:
            return self._values.get(quantity)
        owned = [own(owner, quantity.item) for owner in quantity.owners]
        if len(set(owned)) < 2 or not all(each in self._values for each in owned):
            return None
        return self.plan.formulas(quantity)[0].value(self._values.__getitem__)

    def matching(self, quantity: Quantity, written: Expression, told: Told | None = None) -> list[Way]:
        """The ways of the same form as `written`; a value in `told` may be used as if it were known."""
        normal = form(written)
        return [way for way in self._ways(quantity, written, told) if form(way.written) == normal]

    def has_numbers(self, quantity: Quantity, written: Expression) -> bool:
        """Whether a right way puts the same numbers together, in whatever manner."""
        wanted = numbers(written)
        return any(numbers(way.written) == wanted for way in self._ways(quantity, written, None))

    def has_shape(self, quantity: Quantity, written: Expression) -> bool:
        """Whether a right way does the same operations, on whatever numbers."""
        wanted = shape(form(written))
        ways = _Search(self, written, {}, is_blurred=True).ways(quantity)
        return any(shape(form(way.written)) == wanted for way in ways)

    def usual(self, quantity: Quantity) -> Expression | None:
        """How the quantity is usually written; None if it is given."""
        return next((self._filled(formula) for formula in self.plan.formulas(quantity)), None)

    def _ways(self, quantity: Quantity, written: Expression, told: Told | None) -> list[Way]:
        return _Search(self, written, told or {}, is_blurred=False).ways(quantity)

    def _filled(self, formula: Expression) -> Expression:
        if isinstance(formula, Binary):
            return Binary(formula.op, self._filled(formula.left), self._filled(formula.right))
        value = formula.value(self._values.__getitem__)
        return _number(value) or Binary("/", Number(value.numerator), Number(value.denominator))

    def above(self, quantity: Quantity) -> list[Quantity]:
        """The quantities that this one hangs on, operands first."""
        found: set[Quantity] = set()
        waiting = [quantity]
        while waiting:
            for formula in self.plan.formulas(waiting.pop()):
                new = set(formula.leaves()) - found
                found |= new
                waiting += new
        return [known for known in self._values if known in found]


def _values(plan: Plan) -> dict[Quantity, Fraction]:
    """What can be computed, operands first; what hangs on itself or on nothing, or is too large, cannot."""
    values: dict[Quantity, Fraction] = {}
    waiting = list(plan.rules)
    while True:
        ready = [q for q in waiting if all(operand in values for operand in plan.rules[q].operands)]
        if not ready:
            return values
        tried = set(ready)
        waiting = [q for q in waiting if q not in tried]
        for quantity in ready:
            rule = plan.rules[quantity]
            try:
                formula = Number(rule.numbers[0]) if rule.op is Op.GIVEN else plan.formulas(quantity)[0]
                value = formula.value(values.__getitem__)
            except ZeroDivisionError:
                continue
            if max(abs(value.numerator), value.denominator) < 10**MAX_DIGITS:
                values[quantity] = value


def _number(value: Fraction) -> Number | None:
    """The value as a step can write it, if it can."""
    return Number(int(value)) if value.denominator == 1 and abs(value) < 10**MAX_DIGITS else None


class _Search:
    """The ways whose numbers all stand in `written` (if blurred: are no more than the numbers there)."""

    def __init__(self, known: Ways, written: Expression, told: Told, *, is_blurred: bool) -> None:
        self.known = known
        self.told = told
        self.is_blurred = is_blurred
        self.available = self._count(written, with_ones=is_blurred)
        self.found: dict[Quantity, list[Way]] = {}
        self.tries = 0

    def ways(self, quantity: Quantity) -> list[Way]:
        for current in self.known.above(quantity):
            self.found[current] = self._all(current)
        return self._all(quantity)

    def _all(self, quantity: Quantity) -> list[Way]:
        formulas = self.known.plan.formulas(quantity)
        found = {self._key(way): way for formula in formulas for way in self._written(formula)}
        return list(found.values())

    def _key(self, way: Way) -> Hashable:
        """What is of one key is as good, here and within any larger expression."""
        normal = form(way.written)
        return shape(normal) if self.is_blurred else (normal, way.needs)

    def _written(self, formula: Expression) -> Iterator[Way]:
        if isinstance(formula, Binary):
            left, right = list(self._written(formula.left)), list(self._written(formula.right))
            for one, other in islice(product(left, right), _MOST_TRIES - self.tries):
                self.tries += 1
                written = Binary(formula.op, one.written, other.written)
                if self._fits(written):
                    yield Way(written, one.needs | other.needs)
        elif isinstance(formula, Leaf):
            assert isinstance(formula.quantity, Quantity)
            yield from self._of_operand(formula.quantity)
        elif self._fits(formula):
            yield Way(formula, frozenset())

    def _of_operand(self, operand: Quantity) -> Iterator[Way]:
        true = self.known.value(operand)
        assert true is not None
        values = [(true, frozenset((operand,)))]
        values += [(value, frozenset()) for value in self.told.get(operand, ())]
        for value, needs in values:
            written = _number(value)
            if written is not None and self._fits(written):
                yield Way(written, needs)
        yield from self.found[operand]

    def _fits(self, written: Expression) -> bool:
        return self._count(written) <= self.available

    def _count(self, written: Expression, *, with_ones: bool = False) -> Counter[int]:
        """How often every number stands there; a way may have any ones, for a form leaves them out."""
        sizes = (abs(number) for number in numbers(written))
        return Counter(0 if self.is_blurred else size for size in sizes if size != 1 or with_ones)
