"""Rate every step of a chain exactly, from the problem's text alone.

A step is RIGHT if all it says is true and follows from the problem and the right steps before it, NEUTRAL if
it says nothing that can be checked, and WRONG otherwise, with the fault. Working out a quantity that the
question does not need is RIGHT; so is combining two derivations in one expression, and any order in which
nothing is used before it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import product

from cpmi.embedded.world.expression import Binary, Expression, Form, Leaf, Number, form, numbers, shape
from cpmi.embedded.world.language import Claim, Fact, read_step
from cpmi.embedded.world.plan import Kind, Op, Plan, Quantity, lead
from cpmi.types import Rating


class Fault(StrEnum):
    """Why a step is WRONG."""

    FALSE_ARITHMETIC = "false arithmetic"  # the right expression, a wrong result
    WRONG_OPERAND = "wrong operand"  # the right operation on another number, or a misquoted number
    WRONG_RELATION = "wrong relation"  # another operation than the problem states
    NOT_YET_KNOWN = "quantity not yet known"  # uses a value that no step has worked out
    SKIPPED_NEED = "skipped need"  # states a result without working it out
    CARRIED = "carried error"  # consistent with an earlier wrong step
    UNKNOWN_QUANTITY = "unknown quantity"  # speaks of something the problem does not define
    UNREADABLE = "unreadable"  # numbers in words outside the language


@dataclass(frozen=True, slots=True)
class Finding:
    """What the checker says of one step."""

    rating: Rating
    fault: Fault | None = None
    detail: str = ""


_RIGHT = Finding(Rating.RIGHT)


def rate(plan: Plan, steps: Sequence[str]) -> tuple[Finding, ...]:
    """One Finding a step, in order."""
    checker = _Checker(plan)
    return tuple(checker.step(step) for step in steps)


def first_error(findings: Sequence[Finding]) -> int | None:
    """0-based index of the first WRONG step, None if there is none."""
    return next((i for i, finding in enumerate(findings) if finding.rating is Rating.WRONG), None)


@dataclass(frozen=True, slots=True)
class _Way:
    """One right way to write a quantity: its form, and the quantities it uses without working them out."""

    written: Expression
    needs: frozenset[Quantity]

    @property
    def form(self) -> Form:
        return form(self.written)


class _Checker:
    """Reads a chain step by step and remembers what is known by now, and what was wrongly claimed."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.known: set[Quantity] = set()
        self.claimed: dict[Quantity, Fraction] = {}

    def step(self, text: str) -> Finding:
        said = read_step(text)
        if said is None:
            return _wrong(Fault.UNREADABLE, f"cannot be read: {text!r}")
        findings = [self._fact(part) if isinstance(part, Fact) else self._claim(part) for part in said]
        wrong = next((finding for finding in findings if finding.fault), None)
        return wrong or (_RIGHT if findings else Finding(Rating.NEUTRAL))

    def _fact(self, fact: Fact) -> Finding:
        rule = self.plan.rules.get(fact.quantity)
        if rule == fact.rule or self._is_stated_lead(fact):
            return _RIGHT
        if rule is None:
            return _wrong(Fault.UNKNOWN_QUANTITY, f"the problem does not speak of {fact.quantity}")
        fault = Fault.WRONG_OPERAND if rule.op is fact.rule.op else Fault.WRONG_RELATION
        return _wrong(fault, f"the problem says otherwise of {fact.quantity}")

    def _is_stated_lead(self, fact: Fact) -> bool:
        """Whether a comparison says, the other way round, what the problem says."""
        if fact.rule.op not in (Op.MORE, Op.FEWER):
            return False
        first, second = fact.quantity, fact.rule.operands[0]
        if first.item != second.item:
            return False
        high, low = (first, second) if fact.rule.op is Op.MORE else (second, first)
        ahead = lead(high.owners[0], low.owners[0], high.item)
        return (
            self.plan.knows(ahead)
            and self.plan.is_given(ahead)
            and self.plan.value(ahead) == fact.rule.numbers[0]
        )

    def _claim(self, claim: Claim) -> Finding:
        quantity = claim.quantity or self.plan.asked
        if not self.plan.knows(quantity):
            return _wrong(Fault.UNKNOWN_QUANTITY, f"the problem does not define {quantity}")
        try:
            values = [side.value() for side in claim.sides]
        except ZeroDivisionError:
            return _wrong(Fault.FALSE_ARITHMETIC, "a division by zero")
        finding = self._bare(quantity, values[0]) if claim.is_bare else self._worked(quantity, claim, values)
        if finding is _RIGHT:
            self.known.add(quantity)
        elif quantity not in self.known:
            self.claimed[quantity] = values[-1]
        return finding

    def _is_known(self, quantity: Quantity) -> bool:
        return quantity in self.known or self.plan.is_given(quantity)

    def _bare(self, quantity: Quantity, value: Fraction) -> Finding:
        if self._is_known(quantity):
            truth = self.plan.value(quantity)
            return (
                _RIGHT
                if value == truth
                else _wrong(Fault.WRONG_OPERAND, f"{quantity} is {truth}, not {value}")
            )
        if self.claimed.get(quantity) == value:
            return _wrong(Fault.CARRIED, f"repeats a wrong value of {quantity}")
        return _wrong(Fault.SKIPPED_NEED, f"{quantity} was not worked out")

    def _worked(self, quantity: Quantity, claim: Claim, values: Sequence[Fraction]) -> Finding:
        written = claim.sides[0]
        ways = list(self._ways(quantity, {}))
        matching = [way for way in ways if way.form == form(written)]
        if any(all(map(self._is_known, way.needs)) for way in matching):
            if all(value == values[0] for value in values):
                return _RIGHT
            return _wrong(Fault.FALSE_ARITHMETIC, f"{written} is {values[0]}")
        if self._is_carried(quantity, written):
            return _wrong(Fault.CARRIED, f"uses a wrong value for {quantity}")
        if matching:
            unknown = min(matching, key=lambda way: len(way.needs)).needs
            names = ", ".join(sorted(str(need) for need in unknown if not self._is_known(need)))
            return _wrong(Fault.NOT_YET_KNOWN, f"{names} was not worked out")
        return self._why_not(quantity, written, ways)

    def _is_carried(self, quantity: Quantity, written: Expression) -> bool:
        """Whether the expression is right but for values that an earlier step got wrong."""
        return any(
            way.form == form(written)
            and all(need in self.claimed or self._is_known(need) for need in way.needs)
            for way in self._ways(quantity, self.claimed)
        )

    def _why_not(self, quantity: Quantity, written: Expression, ways: Sequence[_Way]) -> Finding:
        """An expression that is no way to write the quantity: what is wrong with it."""
        if not ways:
            return _wrong(Fault.WRONG_RELATION, f"{quantity} is given")
        shapes = {shape(way.form) for way in ways}
        same_numbers = any(numbers(way.written) == numbers(written) for way in ways)
        if shape(form(written)) in shapes and not same_numbers:
            return _wrong(Fault.WRONG_OPERAND, f"{quantity} is {ways[0].written}")
        return _wrong(Fault.WRONG_RELATION, f"{quantity} is {ways[0].written}")

    def _ways(self, quantity: Quantity, instead: dict[Quantity, Fraction]) -> Iterator[_Way]:
        """All ways to write a quantity: over its operands' values, or with their derivations in place.

        instead: values to use for some quantities in the place of the true ones.
        """
        for formula in self.plan.formulas(quantity):
            yield from self._written(formula, instead)

    def _written(self, formula: Expression, instead: dict[Quantity, Fraction]) -> Iterator[_Way]:
        if isinstance(formula, Number):
            yield _Way(formula, frozenset())
        elif isinstance(formula, Binary):
            sides = (list(self._written(side, instead)) for side in (formula.left, formula.right))
            for left, right in product(*sides):
                yield _Way(Binary(formula.op, left.written, right.written), left.needs | right.needs)
        elif isinstance(formula, Leaf):
            quantity = formula.quantity
            assert isinstance(quantity, Quantity)
            value = instead.get(quantity, self.plan.value(quantity))
            if value.denominator == 1:
                yield _Way(Number(int(value)), frozenset((quantity,)))
            if not (quantity.kind is Kind.OWN and self.plan.is_given(quantity)):
                yield from self._ways(quantity, instead)


def _wrong(fault: Fault, detail: str) -> Finding:
    return Finding(Rating.WRONG, fault, detail)
