"""The worked solution of a problem, in one of its many wordings."""

from __future__ import annotations

from random import Random

from cpmi.embedded.world.expression import Binary, Expression, Number
from cpmi.embedded.world.language import ANSWERS, CLAIMS, FACTS, REASON, REMARKS, RESTATED, words_of
from cpmi.embedded.world.plan import Kind, Op, Plan, Quantity
from cpmi.embedded.world.words import VERBS

# How often a step that is not needed stands between the others: so the number of steps says little.
REMARK_SHARE, RESTATE_SHARE, REASON_SHARE, SWAP_SHARE = 0.08, 0.12, 0.3, 0.05


def solve(plan: Plan, random: Random) -> tuple[str, ...]:
    """The steps of a right solution, the answer's line last."""
    steps: list[str] = []
    for quantity in _order(plan, random):
        if random.random() < REMARK_SHARE:
            steps.append(_remark(quantity, random))
        if random.random() < RESTATE_SHARE and (given := _given_operand(plan, quantity, random)):
            steps.append(RESTATED + random.choice(FACTS[Op.GIVEN]).fill(_words(plan, given, random)))
        steps.append(_derivation(plan, quantity, random))
    answer = ANSWERS[0].fill({"E": plan.value(plan.asked)})
    return (*steps, answer)


def _order(plan: Plan, random: Random) -> list[Quantity]:
    """An order in which everything is known before it is used; mostly that in which the problem tells it."""
    needed = list(plan.needs(plan.asked))
    left = [q for q in plan.rules if q in needed] + [q for q in needed if q not in plan.rules]
    order: list[Quantity] = []
    while left:
        ready = next(q for q in left if not set(left) & set(plan.formulas(q)[0].leaves()))
        order.append(ready)
        left.remove(ready)
    for at in range(len(order) - 1):
        first, second = order[at], order[at + 1]
        if random.random() < SWAP_SHARE and first not in set(plan.formulas(second)[0].leaves()):
            order[at], order[at + 1] = second, first
    return order


def _derivation(plan: Plan, quantity: Quantity, random: Random) -> str:
    """The step that works a quantity out."""
    claim = random.choice(CLAIMS[quantity.kind]).fill(
        {**words_of(quantity), "E": equation(plan, quantity), "v": random.choice(VERBS)}
    )
    if quantity.kind is not Kind.OWN or random.random() >= REASON_SHARE:
        return claim
    fact = random.choice(FACTS[plan.rules[quantity].op]).fill(_words(plan, quantity, random))
    # Names stay as they are; of the words that begin sentences only "The" and those of claims are not names.
    fact = fact.removesuffix(".")
    fact = f"the{fact[3:]}" if fact.startswith("The ") else fact
    return f"{REASON[0]}{fact}{REASON[1]}{claim[0].lower()}{claim[1:]}"


def equation(plan: Plan, quantity: Quantity) -> str:
    """`expression = value`, with the value between where there are two operations."""
    written = with_values(plan, plan.formulas(quantity)[0])
    sides = [str(written)]
    if isinstance(written, Binary) and isinstance(written.left, Binary):
        sides.append(str(Binary(written.op, Number(int(written.left.value())), written.right)))
    return " = ".join((*sides, str(plan.value(quantity))))


def with_values(plan: Plan, formula: Expression) -> Expression:
    """A formula with numbers in the place of its operands."""
    if isinstance(formula, Binary):
        return Binary(formula.op, with_values(plan, formula.left), with_values(plan, formula.right))
    return Number(int(formula.value(plan.value)))


def _given_operand(plan: Plan, quantity: Quantity, random: Random) -> Quantity | None:
    given = [leaf for leaf in plan.formulas(quantity)[0].leaves() if plan.rules[leaf].op is Op.GIVEN]
    return random.choice(given) if given else None


def _remark(quantity: Quantity, random: Random) -> str:
    return random.choice(REMARKS).fill({"A": random.choice(quantity.owners), "x": quantity.item})


def _words(plan: Plan, quantity: Quantity, random: Random) -> dict[str, object]:
    return {**words_of(quantity, plan.rules[quantity]), "v": random.choice(VERBS)}
