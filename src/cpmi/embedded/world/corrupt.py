"""Plant one fault of a chosen kind into a right chain, written or sampled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from cpmi.embedded.world.check import Fault
from cpmi.embedded.world.expression import Binary, Expression, Number, form, numbers
from cpmi.embedded.world.language import Claim, Fact, read_step
from cpmi.embedded.world.plan import Op, Plan, Quantity, lead

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
    worked = list(_first_derivations(plan, steps))
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


def _first_derivations(plan: Plan, steps: Sequence[str]) -> Iterator[tuple[int, Claim]]:
    """The claims that show their working, where nothing said the same value before, and their steps."""
    said_before: set[Quantity | None] = set()
    for index, step in enumerate(steps):
        said = read_step(step) or []
        said_before |= {_valued(plan, part) for part in said[:-1]}
        if said and isinstance(claim := said[-1], Claim) and isinstance(claim.sides[0], Binary):
            quantity = _of(plan, claim)
            if quantity not in said_before and plan.knows(quantity) and not plan.is_given(quantity):
                yield index, claim
        said_before |= {_valued(plan, part) for part in said[-1:]}


def _valued(plan: Plan, said: Claim | Fact) -> Quantity | None:
    """The quantity whose value is said: of a comparison the lead, of other relations none."""
    if isinstance(said, Claim):
        return _of(plan, said)
    if said.rule.op in (Op.MORE, Op.FEWER) and said.quantity.item == said.rule.operands[0].item:
        pair = (said.quantity.owners[0], said.rule.operands[0].owners[0])
        return lead(*(pair if said.rule.op is Op.MORE else pair[::-1]), said.quantity.item)
    return said.quantity if said.rule.op is Op.GIVEN else None


def _changed(plan: Plan, claim: Claim, fault: Fault, random: Random) -> str | None:
    """The text in the place of the claim's equation."""
    written, result = claim.sides[0], claim.sides[-1]
    assert isinstance(written, Binary)
    if fault is Fault.SKIPPED_NEED:
        return str(result.value())
    if fault is Fault.FALSE_ARITHMETIC:
        value = int(result.value())
        others = {value + d for d in (-10, -2, -1, 1, 2, 10) if value + d > 0} or {value + 1}
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
    if not pool:
        return None
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
    try:
        value = written.value()
    except ZeroDivisionError:
        return None
    return f"{written} = {value}" if value.denominator == 1 and value > 0 else None


def _without_first_use(
    plan: Plan, steps: Sequence[str], index: int, claim: Claim
) -> tuple[list[str], int] | None:
    """The chain without the step that works a quantity out, and the step that then uses it unknown."""
    quantity = _of(plan, claim)
    if sum(isinstance(part, Claim) for part in read_step(steps[index]) or ()) > 1:
        return None
    kept = [step for at, step in enumerate(steps) if at != index]
    for at, step in enumerate(kept[index:], start=index):
        said = read_step(step) or []
        if any(_valued(plan, part) == quantity for part in said):
            return None  # stated again: a skipped need, or worked out a second time
        for part in said:
            if isinstance(part, Claim) and part.working and quantity in set(plan.needs(_of(plan, part))):
                return (kept, at) if _uses(plan, part, quantity) else None
    return None


def _of(plan: Plan, claim: Claim) -> Quantity:
    return claim.quantity or plan.asked


def _uses(plan: Plan, claim: Claim, operand: Quantity) -> bool:
    """Whether the working stands over its operands' values, this one's among them, with none worked out."""
    written = form(claim.working or claim.sides[0])
    formulas = plan.formulas(_of(plan, claim))
    return operand in set(formulas[0].leaves()) and any(form(f, plan.value) == written for f in formulas)
