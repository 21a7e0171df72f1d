"""Rate every step of a chain exactly, from the problem's text alone.

A step is RIGHT if all it says is true and follows from the problem and the right steps before it, NEUTRAL if
it says nothing that can be checked, and WRONG otherwise, with the fault. Working out a quantity that the
question does not need is RIGHT; so is combining two derivations in one expression, and any order in which
nothing is used before it is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from cpmi.embedded.world.expression import Expression
from cpmi.embedded.world.language import Claim, Fact, read_step
from cpmi.embedded.world.plan import Kind, Op, Plan, Quantity, lead
from cpmi.embedded.world.ways import Ways
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


class _Checker:
    """Reads a chain step by step and remembers what is known by now, and what was wrongly claimed."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.ways = Ways(plan)
        self.known: set[Quantity] = set()
        self.told: dict[Quantity, set[Fraction]] = {}

    def step(self, text: str) -> Finding:
        said = read_step(text)
        if said is None:
            return _wrong(Fault.UNREADABLE, f"cannot be read: {text[:80]!r}")
        findings = [self._fact(part) if isinstance(part, Fact) else self._claim(part) for part in said]
        wrong = next((finding for finding in findings if finding.fault), None)
        return wrong or (_RIGHT if findings else Finding(Rating.NEUTRAL))

    def _fact(self, fact: Fact) -> Finding:
        quantity = fact.quantity
        if fact.rule.op is Op.GIVEN:
            return self._stated(quantity, None, [Fraction(fact.rule.numbers[0])])
        rule = self.plan.rules.get(quantity)
        if rule == fact.rule or self._is_known_lead(fact):
            return _RIGHT
        if rule is None:
            return _wrong(Fault.UNKNOWN_QUANTITY, f"the problem does not speak of {quantity}")
        fault = Fault.WRONG_OPERAND if rule.op is fact.rule.op else Fault.WRONG_RELATION
        return _wrong(fault, f"the problem says otherwise of {quantity}")

    def _is_known_lead(self, fact: Fact) -> bool:
        """Whether a comparison says what the problem says the other way round, or a step has worked out."""
        if fact.rule.op not in (Op.MORE, Op.FEWER):
            return False
        first, second = fact.quantity, fact.rule.operands[0]
        if first.item != second.item:
            return False
        high, low = (first, second) if fact.rule.op is Op.MORE else (second, first)
        ahead = lead(high.owners[0], low.owners[0], high.item)
        return self._is_known(ahead) and self.ways.value(ahead) == fact.rule.numbers[0]

    def _claim(self, claim: Claim) -> Finding:
        try:
            values = [side.value() for side in claim.sides]
        except ZeroDivisionError:
            return _wrong(Fault.FALSE_ARITHMETIC, "a division by zero")
        return self._stated(claim.quantity or self.plan.asked, claim.working, values)

    def _stated(self, quantity: Quantity, working: Expression | None, values: Sequence[Fraction]) -> Finding:
        """A quantity is said to be worth every one of `values`, which `working` shows."""
        truth = self.ways.value(quantity)
        if truth is None:
            return _wrong(Fault.UNKNOWN_QUANTITY, f"the problem does not define {quantity}")
        if working is None:
            finding = self._bare(quantity, truth, values)
        else:
            finding = self._worked(quantity, working, values)
        if finding is _RIGHT:
            self.known.add(quantity)
        else:
            self.told.setdefault(quantity, set()).add(values[-1])
        return finding

    def _is_known(self, quantity: Quantity) -> bool:
        """Whether the problem states the value or a step has worked it out; a lead either way round."""
        if self.ways.value(quantity) is None:
            return False
        if quantity in self.known or self.plan.is_given(quantity):
            return True
        other = Quantity(quantity.kind, quantity.owners[::-1], quantity.item)
        return quantity.kind is Kind.LEAD and (other in self.known or self.plan.is_given(other))

    def _bare(self, quantity: Quantity, truth: Fraction, values: Sequence[Fraction]) -> Finding:
        if any(value != values[0] for value in values):
            return _wrong(Fault.FALSE_ARITHMETIC, f"{values[0]} is no other number")
        if self._is_known(quantity):
            if values[0] == truth:
                return _RIGHT
            turned = quantity.kind is Kind.LEAD and values[0] == -truth
            fault = Fault.WRONG_RELATION if turned else Fault.WRONG_OPERAND
            return _wrong(fault, f"{quantity} is {truth}, not {values[0]}")
        if values[0] in self.told.get(quantity, ()):
            return _wrong(Fault.CARRIED, f"repeats a wrong value of {quantity}")
        return _wrong(Fault.SKIPPED_NEED, f"{quantity} was not worked out")

    def _worked(self, quantity: Quantity, working: Expression, values: Sequence[Fraction]) -> Finding:
        matching = self.ways.matching(quantity, working)
        if any(all(map(self._is_known, way.needs)) for way in matching):
            if all(value == values[0] for value in values):
                return _RIGHT
            return _wrong(Fault.FALSE_ARITHMETIC, f"{working} is {working.value()}")
        carried = self.ways.matching(quantity, working, self.told) if self.told else []
        if any(all(map(self._is_known, way.needs)) for way in carried):
            return _wrong(Fault.CARRIED, f"uses a wrong value for {quantity}")
        if matching:
            unknown = min(matching, key=lambda way: len(way.needs)).needs
            names = ", ".join(sorted(str(need) for need in unknown if not self._is_known(need)))
            return _wrong(Fault.NOT_YET_KNOWN, f"{names} was not worked out")
        return self._why_not(quantity, working)

    def _why_not(self, quantity: Quantity, working: Expression) -> Finding:
        """An expression that is no way to write the quantity: what is wrong with it."""
        usual = self.ways.usual(quantity)
        if usual is None:
            return _wrong(Fault.WRONG_RELATION, f"{quantity} is given")
        is_other_operand = self.ways.has_shape(quantity, working) and not self.ways.has_numbers(
            quantity, working
        )
        fault = Fault.WRONG_OPERAND if is_other_operand else Fault.WRONG_RELATION
        return _wrong(fault, f"{quantity} is {usual}")


def _wrong(fault: Fault, detail: str) -> Finding:
    return Finding(Rating.WRONG, fault, detail)
