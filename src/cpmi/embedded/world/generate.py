"""Draw problems: a plan by chance, told in sentences, each in one of three disjoint splits.

Train, dev and test differ in the structure of the plan and in the numbers: a test problem's structure is
never seen in training, nor is its set of numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from random import Random

from cpmi.embedded.world.language import FACTS, QUESTIONS, words_of
from cpmi.embedded.world.plan import Op, Plan, Quantity, Rule, lead, own, total
from cpmi.embedded.world.words import CONTAINERS, ITEMS, NAMES, PERCENTS, VERBS

# A value of 1 would vanish as a factor: the working would not show it.
MIN_VALUE, MAX_VALUE = 2, 100

# Steps of the solution at each level of difficulty, fewest and most, and distractor facts at most. Level 0 is
# for learners: nobody is tested on it.
LEVELS = {0: (1, 1, 1), 1: (2, 3, 0), 2: (3, 5, 1), 3: (4, 8, 2)}

_WEIGHTS = {
    Op.MORE: 5, Op.FEWER: 4, Op.TIMES: 4, Op.PART: 4, Op.PERCENT: 2, Op.SUM: 3, Op.DIFFERENCE: 2,
    Op.LOSE: 2, Op.GAIN: 2, Op.PACK: 2, Op.UNPACK: 2,
}  # fmt: skip


class Split(StrEnum):
    """The parts of the world; they share no structure of a plan."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


# Of ten buckets by hash: most structures and numbers are for training.
_BUCKETS = {Split.TRAIN: range(6), Split.DEV: range(6, 8), Split.TEST: range(8, 10)}


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem as text, with the plan behind it."""

    text: str
    plan: Plan
    level: int

    @property
    def gold(self) -> str:
        return str(self.plan.value(self.plan.asked))


def split_of(plan: Plan) -> Split | None:
    """The split that owns both the plan's structure and its numbers; None if no split owns both."""
    buckets = [_bucket(plan.shape()), _bucket(repr(plan.constants()))]
    for split, own_buckets in _BUCKETS.items():
        if all(bucket in own_buckets for bucket in buckets):
            return split
    return None


def _bucket(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8]) % 10


def draw_problem(random: Random, split: Split | str, level: int | None = None) -> Problem:
    """A problem of a split and level (None: any level).

    Raises:
        KeyError: there is no such level.
    """
    level = random.choice((1, 2, 3)) if level is None else level
    fewest, most, num_distractors = LEVELS[level]
    # Drawn before anything is refused: else easily found plans would crowd out long ones.
    num_steps = random.randint(fewest, most)
    while True:
        plan = _Draft(random).draw(num_steps, random.randint(0, num_distractors))
        if plan is not None and split_of(plan) == split:
            return Problem(_tell(plan, random, shuffle=level == 3), plan, level)


def _tell(plan: Plan, random: Random, *, shuffle: bool) -> str:
    facts = list(plan.rules.items())
    if shuffle:
        facts = _scattered(facts, random)
    told = [
        random.choice(FACTS[rule.op]).fill({**words_of(quantity, rule), "v": random.choice(VERBS)})
        for quantity, rule in facts
    ]
    asked = random.choice(QUESTIONS[plan.asked.kind]).fill(words_of(plan.asked))
    return " ".join((*told, asked))


def _scattered(facts: list[tuple[Quantity, Rule]], random: Random) -> list[tuple[Quantity, Rule]]:
    """Given counts anywhere among the other facts, which keep their order."""
    told = [fact for fact in facts if fact[1].op is not Op.GIVEN]
    for fact in facts:
        if fact[1].op is Op.GIVEN:
            told.insert(random.randint(0, len(told)), fact)
    return told


class _Draft:
    """A plan in the making: quantities with values, and those that nothing uses yet."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.rules: dict[Quantity, Rule] = {}
        self.values: dict[Quantity, int] = {}
        self.unused: list[Quantity] = []
        self.names = random.sample(NAMES, 5)
        self.items = random.sample(ITEMS, random.choice((1, 2, 2, 3)))
        self.containers = random.sample(CONTAINERS, 2)

    def draw(self, num_steps: int, num_distractors: int) -> Plan | None:
        """A plan whose solution takes `num_steps` steps; None if the draws led nowhere."""
        for _ in range(self.random.choice((1, 2, 2))):
            self._give(self._free_item())
        asks_two = self.random.random() < 0.4
        for _ in range(num_steps - asks_two):
            if not self._derive():
                return None
        asked = self._ask_two() if asks_two else self.unused[-1]
        if asked is None:
            return None
        plan = Plan(dict(self.rules), asked)
        if plan.is_given(asked) or plan.value(asked) < MIN_VALUE:
            return None
        if len(list(plan.needs(asked))) != num_steps:
            return None
        needed = {leaf for q in plan.needs(asked) for leaf in (q, *plan.formulas(q)[0].leaves())}
        extra = [quantity for quantity in self.rules if quantity not in needed]
        if any(self.rules[quantity].op is not Op.GIVEN for quantity in extra) or len(extra) > num_distractors:
            return None
        for _ in range(num_distractors - len(extra)):
            self._give(self._free_item())
        return Plan(dict(self.rules), asked)

    def _give(self, quantity: Quantity) -> None:
        self._add(quantity, Rule(Op.GIVEN, (), (self.random.randint(2, 50),)), None)

    def _add(self, quantity: Quantity, rule: Rule, value: int | None) -> None:
        self.rules[quantity] = rule
        self.values[quantity] = rule.numbers[0] if value is None else value
        self.unused = [q for q in self.unused if q not in rule.operands] + [quantity]

    def _free_item(self) -> Quantity:
        while True:
            quantity = own(self.random.choice(self.names), self.random.choice(self.items))
            if quantity not in self.rules:
                return quantity
            if sum(q.item in self.items for q in self.rules) >= len(self.names) * len(self.items):
                self.items.append(self.random.choice([item for item in ITEMS if item not in self.items]))

    def _operand(self) -> Quantity:
        """Mostly one that nothing uses yet, so that plans hang together."""
        if self.unused and self.random.random() < 0.85:
            return self.random.choice(self.unused)
        return self.random.choice(list(self.rules))

    def _derive(self) -> bool:
        for _ in range(20):
            op = self.random.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
            if self._try(op):
                return True
        return False

    def _try(self, op: Op) -> bool:
        base = self._operand()
        made = _MAKERS[op](self, base)
        if made is None:
            return False
        quantity, rule, value = made
        if quantity in self.rules or not MIN_VALUE <= value <= MAX_VALUE:
            return False
        self._add(quantity, rule, value)
        return True

    def _ask_two(self) -> Quantity | None:
        """A total or a lead over two quantities of one item, the latest among them."""
        last = self.unused[-1]
        others = [q for q in self.rules if q.item == last.item and q.owners != last.owners]
        if not others:
            return None
        other = self.random.choice([q for q in others if q in self.unused] or others)
        if self.random.random() < 0.6:
            return total(last.owners[0], other.owners[0], last.item)
        if self.values[last] == self.values[other]:
            return None
        high, low = (last, other) if self.values[last] > self.values[other] else (other, last)
        return lead(high.owners[0], low.owners[0], last.item)


_Made = tuple[Quantity, Rule, int] | None


def _compared(op: Op, low: int, high: int) -> Callable[[_Draft, Quantity], _Made]:
    def make(draft: _Draft, base: Quantity) -> _Made:
        n, value = draft.random.randint(low, high), draft.values[base]
        result = {Op.MORE: value + n, Op.FEWER: value - n, Op.TIMES: value * n}[op]
        target = _other_owner(draft, base)
        return None if target is None else (target, Rule(op, (base,), (n,)), result)

    return make


def _other_owner(draft: _Draft, base: Quantity) -> Quantity | None:
    target = draft._free_item()
    return target if target.owners != base.owners else None


def _part(draft: _Draft, base: Quantity) -> _Made:
    denominator = draft.random.randint(2, 5)
    numerator = draft.random.randint(1, denominator - 1)
    value = draft.values[base]
    target = _other_owner(draft, base)
    if target is None or value % denominator or _has_common_factor(numerator, denominator):
        return None
    return target, Rule(Op.PART, (base,), (numerator, denominator)), value // denominator * numerator


def _has_common_factor(numerator: int, denominator: int) -> bool:
    return numerator == 2 and denominator == 4


def _percent(draft: _Draft, base: Quantity) -> _Made:
    percent, value = draft.random.choice(PERCENTS), draft.values[base]
    target = _other_owner(draft, base)
    if target is None or value * percent % 100:
        return None
    return target, Rule(Op.PERCENT, (base,), (percent,)), value * percent // 100


def _of_two(op: Op) -> Callable[[_Draft, Quantity], _Made]:
    def make(draft: _Draft, base: Quantity) -> _Made:
        second = draft._operand()
        target = draft._free_item()
        if second == base or target.owners in (base.owners, second.owners):
            return None
        sign = 1 if op is Op.SUM else -1
        return target, Rule(op, (base, second)), draft.values[base] + sign * draft.values[second]

    return make


def _changed(op: Op, state: str, sign: int) -> Callable[[_Draft, Quantity], _Made]:
    def make(draft: _Draft, base: Quantity) -> _Made:
        if base.item not in ITEMS:
            return None
        n = draft.random.randint(2, 30)
        return own(base.owners[0], base.item + state), Rule(op, (base,), (n,)), draft.values[base] + sign * n

    return make


def _pack(draft: _Draft, base: Quantity) -> _Made:
    n, value = draft.random.randint(2, 10), draft.values[base]
    if base.item not in ITEMS or value % n:
        return None
    return (
        own(base.owners[0], draft.random.choice(draft.containers)),
        Rule(Op.PACK, (base,), (n,)),
        value // n,
    )


def _unpack(draft: _Draft, base: Quantity) -> _Made:
    n = draft.random.randint(2, 9)
    if base.item not in CONTAINERS:
        base = own(draft.random.choice(draft.names), draft.random.choice(draft.containers))
        if base in draft.rules:
            return None
        count = draft.random.randint(2, 10)
        item = draft.random.choice(draft.items)
        if own(base.owners[0], item) in draft.rules:
            return None
        draft._add(base, Rule(Op.GIVEN, (), (count,)), None)
        return own(base.owners[0], item), Rule(Op.UNPACK, (base,), (n,)), count * n
    item = draft.random.choice(draft.items)
    rule = draft.rules[base]
    if rule.op is Op.PACK and rule.operands[0].item == item:
        return None
    return own(base.owners[0], item), Rule(Op.UNPACK, (base,), (n,)), draft.values[base] * n


_MAKERS: dict[Op, Callable[[_Draft, Quantity], _Made]] = {
    Op.MORE: _compared(Op.MORE, 2, 30),
    Op.FEWER: _compared(Op.FEWER, 2, 30),
    Op.TIMES: _compared(Op.TIMES, 2, 5),
    Op.PART: _part,
    Op.PERCENT: _percent,
    Op.SUM: _of_two(Op.SUM),
    Op.DIFFERENCE: _of_two(Op.DIFFERENCE),
    Op.LOSE: _changed(Op.LOSE, " left", -1),
    Op.GAIN: _changed(Op.GAIN, " now", 1),
    Op.PACK: _pack,
    Op.UNPACK: _unpack,
}
