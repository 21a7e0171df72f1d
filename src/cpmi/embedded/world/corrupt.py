"""Plant one fault of a chosen kind into a right chain, written or sampled."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from cpmi.embedded.world.check import Fault, rate
from cpmi.embedded.world.expression import Binary, Expression, Number, numbers
from cpmi.embedded.world.language import Claim, read_step
from cpmi.embedded.world.plan import Plan
from cpmi.types import Rating

PLANTED = (
    Fault.FALSE_ARITHMETIC,
    Fault.WRONG_OPERAND,
    Fault.WRONG_RELATION,
    Fault.NOT_YET_KNOWN,
    Fault.SKIPPED_NEED,
)
"""The kinds that `plant` can plant."""


def plant(plan: Plan, steps: Sequence[str], fault: Fault, random: Random) -> tuple[list[str], int] | None:
    """(The chain with one fault, the index of the faulty step), or None where this chain has no place for it.

    What is planted follows from how the text was changed, never from what the checker says of the result.
    """
    worked = [
        (index, said[-1])
        for index, step in enumerate(steps)
        if (said := read_step(step)) and isinstance(said[-1], Claim) and isinstance(said[-1].sides[0], Binary)
    ]
    random.shuffle(worked)
    for index, claim in worked:
        if fault is Fault.NOT_YET_KNOWN:
            planted = _without_first_use(plan, steps, index, claim)
            if planted:
                return planted
            continue
        text = _changed(plan, claim, fault, random)
        if text is not None:
            start, end = claim.span
            changed = list(steps)
            changed[index] = steps[index][:start] + text + steps[index][end:]
            return changed, index
    return None


def _changed(plan: Plan, claim: Claim, fault: Fault, random: Random) -> str | None:
    """The text in the place of the claim's equation."""
    written, result = claim.sides[0], claim.sides[-1]
    assert isinstance(written, Binary)
    if fault is Fault.SKIPPED_NEED:
        return str(result)
    if fault is Fault.FALSE_ARITHMETIC:
        value = int(result.value())
        others = {value + d for d in (-10, -2, -1, 1, 2, 10) if value + d > 0}
        return f"{written} = {random.choice(sorted(others))}"
    if fault is Fault.WRONG_OPERAND:
        return _with_other_operand(plan, written, random)
    return _with_other_operation(written, random)


def _with_other_operand(plan: Plan, written: Binary, random: Random) -> str | None:
    """One number of the expression replaced by another one; the result computed from it."""
    own_numbers = numbers(written)
    constants = {n for rule in plan.rules.values() for n in rule.numbers}
    pool = sorted((constants | {n + 1 for n in own_numbers}) - set(own_numbers) - {0, 1})
    left, right = written.left, written.right
    if isinstance(left, Number) and random.random() < 0.5:
        return _equation(Binary(written.op, Number(random.choice(pool)), right))
    if isinstance(right, Number):
        return _equation(Binary(written.op, left, Number(random.choice(pool))))
    return None


def _with_other_operation(written: Binary, random: Random) -> str | None:
    others = [op for op in "+-*/" if op != written.op]
    random.shuffle(others)
    for op in others:
        other = Binary(op, written.left, written.right)
        # 2 + 2 = 2 * 2: the numbers would not tell, and times one is no operation.
        if 1 not in numbers(written) and (text := _equation(other)):
            return text
    return None


def _equation(written: Expression) -> str | None:
    value = written.value()
    return f"{written} = {value}" if value.denominator == 1 and value > 0 else None


def _without_first_use(
    plan: Plan, steps: Sequence[str], index: int, claim: Claim
) -> tuple[list[str], int] | None:
    """The chain without the step that works a quantity out, and the step that then uses it unknown."""
    quantity = claim.quantity or plan.asked
    kept = [step for at, step in enumerate(steps) if at != index]
    for at, step in enumerate(kept):
        said = read_step(step)
        if at < index or not said or not isinstance(said[-1], Claim):
            continue
        user = said[-1].quantity or plan.asked
        if said[-1].is_bare:
            if user == quantity:
                return None  # stated again, bare: that would be a skipped need
            continue
        if quantity in set(plan.formulas(user)[0].leaves()):
            return kept, at
    return None


def is_right(plan: Plan, steps: Sequence[str]) -> bool:
    """Whether a chain has no wrong step."""
    return all(finding.rating is not Rating.WRONG for finding in rate(plan, steps))
