"""The world's language: what problems and steps say, and reading it back.

Facts and questions make up a problem; claims and facts make up a step. Every sentence is made from and read
by the same tables, so what one module writes the other one reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpmi.embedded.world.expression import Expression, Number, parse
from cpmi.embedded.world.phrases import Phrase, phrases
from cpmi.embedded.world.plan import Kind, Op, Plan, Quantity, Rule, lead, own, total

# For every operation: how a problem states it. {x} is the item that the rule defines.
FACTS: Mapping[Op, tuple[Phrase, ...]] = {
    Op.GIVEN: phrases("{A} {v} {n} {x}.", "{n} {x} belong to {A}.", "{A} counts {n} {x}."),
    Op.MORE: phrases("{A} {v} {n} more {x} than {P}.", "The {x} of {A} are {n} more than {M}."),
    Op.FEWER: phrases("{A} {v} {n} fewer {x} than {P}.", "The {x} of {A} are {n} fewer than {M}."),
    Op.TIMES: phrases("{A} {v} {n} times as many {x} as {P}.", "The {x} of {A} are {n} times {M}."),
    Op.PART: phrases("{A} {v} {n}/{d} as many {x} as {P}.", "{A} {v} as many {x} as {n}/{d} of {M}."),
    Op.PERCENT: phrases(
        "{A} {v} {n} percent as many {x} as {P}.", "{A} {v} as many {x} as {n} percent of {M}."
    ),
    Op.SUM: phrases(
        "{A} {v} as many {x} as {M} and {N} together.", "{A} {v} as many {x} as the sum of {M} and {N}."
    ),
    Op.DIFFERENCE: phrases(
        "{A} {v} as many {x} as the difference between {M} and {N}.",
        "{A} {v} as many {x} as {M} less {N}.",
    ),
    Op.LOSE: phrases("{A} gives away {n} of the {x}.", "{A} loses {n} {x}."),
    Op.GAIN: phrases("{A} buys {n} more {x}.", "{A} finds {n} {x}."),
    Op.PACK: phrases("{A} packs the {x} into {c} of {n}.", "{A} fills {c} with {n} {x} each."),
    Op.UNPACK: phrases("Each of the {c} of {A} contains {n} {x}.", "The {c} of {A} contain {n} {x} each."),
}

QUESTIONS: Mapping[Kind, tuple[Phrase, ...]] = {
    Kind.OWN: phrases("How many {x} does {A} have?", "What is the number of {x} of {A}?"),
    Kind.TOTAL: phrases(
        "How many {x} do {A} and {B} have together?", "What is the total number of {x} of {A} and {B}?"
    ),
    Kind.LEAD: phrases("How many more {x} does {A} have than {B}?", "By how many {x} is {A} ahead of {B}?"),
}

# What a step claims of a quantity; the short and the long way of saying it.
CLAIMS: Mapping[Kind, tuple[Phrase, ...]] = {
    Kind.OWN: phrases(
        "So {A} {v} {E} {x}.",
        "For {A}: {E} {x}.",
        "Then {A} {v} {E} {x}.",
        "That makes {E} {x} for {A}.",
        "The number of {x} of {A} is {E}.",
        "We find that {A} {v} {E} {x}.",
        "Now it is clear that {A} {v} {E} {x}.",
    ),
    Kind.TOTAL: phrases(
        "Together {A} and {B} have {E} {x}.",
        "For {A} and {B}: {E} {x}.",
        "The total number of {x} of {A} and {B} is {E}.",
        "If we put everything together, {A} and {B} have {E} {x}.",
    ),
    Kind.LEAD: phrases(
        "So {A} {v} {E} more {x} than {B}.",
        "The lead of {A} over {B} is {E} {x}.",
        "Then {A} is ahead of {B} by {E} {x}.",
        "When we compare the two, {A} {v} {E} more {x} than {B}.",
    ),
}
# Read as well, never written: a small model learns names best where they always follow a space.
PLAIN_CLAIMS: Mapping[Kind, tuple[Phrase, ...]] = {
    Kind.OWN: phrases("{A} {v} {E} {x}.", "{A}: {E} {x}."),
    Kind.TOTAL: phrases("{A} and {B} have {E} {x}.", "{A} and {B}: {E} {x}."),
    Kind.LEAD: phrases("{A} {v} {E} more {x} than {B}.", "{A} is ahead of {B} by {E} {x}."),
}
ANSWERS = phrases(
    "The answer is: {E}", "Final answer: {E}", "So the result is: {E}", "Therefore, the final answer is: {E}"
)

# How a step says a fact again, and how it gives one as its reason.
RESTATED, REASON = "We know that ", ("Because ", ", ")

# Sentences that claim nothing.
REMARKS = phrases(
    "Let us look at {A} first.",
    "Next comes {A}.",
    "Now the {x} of {A}.",
    "The next part is about the {x}.",
    "We go on with what is known about {A} and the {x}.",
    "One thing after the other.",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A quantity (None: the one asked for) is said to equal every one of `sides`, written at `span`."""

    quantity: Quantity | None
    sides: tuple[Expression, ...]
    span: tuple[int, int]

    @property
    def working(self) -> Expression | None:
        """The first side that is more than a number; None where a number is stated without any working."""
        return next((side for side in self.sides if not isinstance(side, Number)), None)


@dataclass(frozen=True, slots=True)
class Fact:
    """A rule of a problem, said (again)."""

    quantity: Quantity
    rule: Rule


def read_facts(text: str) -> tuple[dict[Quantity, Rule], Quantity] | None:
    """The rules and the asked quantity of a problem's text.

    None if a sentence is not in the language, or if the text says two things of one quantity.
    """
    rules: dict[Quantity, Rule] = {}
    asked: Quantity | None = None
    for _, sentence in sentences(text):
        if fact := read_fact(sentence):
            if rules.setdefault(fact.quantity, fact.rule) != fact.rule:
                return None
        elif (question := _read_question(sentence)) and asked is None:
            asked = question
        else:
            return None
    return None if asked is None else (rules, asked)


def read_problem(text: str) -> Plan | None:
    """The plan behind a problem's text; None if it is not a whole problem in the world's language."""
    found = read_facts(text)
    if found is None:
        return None
    plan = Plan(*found)
    if plan.asked.kind is not Kind.OWN and len(set(plan.asked.owners)) < 2:
        return None
    try:
        plan.value(plan.asked)
    except (KeyError, RecursionError, ZeroDivisionError):
        return None
    return plan


def read_step(text: str) -> list[Claim | Fact] | None:
    """What a step says: [] if nothing can be checked, None if a sentence with numbers cannot be read."""
    said: list[Claim | Fact] = []
    for at, sentence in sentences(text):
        parts = _read_sentence(sentence, at)
        if parts is None:
            return None
        said += parts
    return said


def _read_sentence(sentence: str, at: int) -> list[Claim | Fact] | None:
    if said := read_claim(sentence, at) or read_fact(sentence):
        return [said]
    if sentence.startswith(RESTATED) and (said := _read_part(sentence, at, len(RESTATED), len(sentence))):
        return [said]
    if sentence.startswith(REASON[0]) and (parts := _read_reason(sentence, at)):
        return parts
    return None if any(map(str.isnumeric, sentence)) or "=" in sentence else []


def _read_reason(sentence: str, at: int) -> list[Claim | Fact] | None:
    """A cause and the claim that follows from it, whichever comma stands between the two."""
    begin, comma = REASON
    for end in reversed([match.start() for match in re.finditer(comma, sentence)]):
        start = end + len(comma)
        claim = read_claim(_capitalized(sentence[start:]), at + start)
        if claim and (cause := _read_part(f"{sentence[:end]}.", at, len(begin), end + 1)):
            return [cause, claim]
    return None


def _read_part(sentence: str, at: int, start: int, end: int) -> Claim | Fact | None:
    """What the part of a sentence says that is a sentence itself: a fact before all."""
    part = _capitalized(sentence[start:end])
    return read_fact(part) or read_claim(part, at + start)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """(Position, sentence) for every sentence of a text."""
    for match in re.finditer(r"\S.*?(?:[.?](?=\s|$)|$)", text, re.DOTALL):
        yield match.start(), match.group().strip()


def read_claim(sentence: str, at: int = 0) -> Claim | None:
    """The claim a sentence makes, if it makes one."""
    for phrase in ANSWERS:
        if found := phrase.read(sentence.rstrip(".")):
            return _claim(None, found, at)
    for kind, table in CLAIMS.items():
        for phrase in (*table, *PLAIN_CLAIMS[kind]):
            if found := phrase.read(sentence):
                return _claim(_quantity(kind, found.groupdict()), found, at)
    return None


def _claim(quantity: Quantity | None, found: re.Match[str], at: int) -> Claim | None:
    sides = [parse(side) for side in found["E"].split("=")]
    read = tuple(side for side in sides if side is not None)
    if len(read) < len(sides):
        return None
    return Claim(quantity, read, (at + found.start("E"), at + found.end("E")))


def _quantity(kind: Kind, slots: Mapping[str, str]) -> Quantity:
    if kind is Kind.OWN:
        return own(slots["A"], slots["x"])
    return (total if kind is Kind.TOTAL else lead)(slots["A"], slots["B"], slots["x"])


def _read_question(sentence: str) -> Quantity | None:
    for kind, table in QUESTIONS.items():
        for phrase in table:
            if found := phrase.read(sentence):
                return _quantity(kind, found.groupdict())
    return None


def read_fact(sentence: str) -> Fact | None:
    """The rule a sentence states, if it states one."""
    for op, table in FACTS.items():
        for phrase in table:
            if found := phrase.read(sentence):
                return _fact(op, {k: v for k, v in found.groupdict().items() if v is not None})
    return None


def _fact(op: Op, slots: Mapping[str, str]) -> Fact:
    owner, item = slots["A"], slots["x"]
    numbers = tuple(int(slots[slot]) for slot in "nd" if slot in slots)
    operands = tuple(own(slots[s], slots.get(f"{s}x", item)) for s in "PMN" if s in slots)
    if op is Op.LOSE:
        return Fact(own(owner, f"{item} left"), Rule(op, (own(owner, item),), numbers))
    if op is Op.GAIN:
        return Fact(own(owner, f"{item} now"), Rule(op, (own(owner, item),), numbers))
    if op is Op.PACK:
        return Fact(own(owner, slots["c"]), Rule(op, (own(owner, item),), numbers))
    if op is Op.UNPACK:
        return Fact(own(owner, item), Rule(op, (own(owner, slots["c"]),), numbers))
    return Fact(own(owner, item), Rule(op, operands, numbers))


def words_of(quantity: Quantity, rule: Rule | None = None) -> dict[str, object]:
    """What fills the slots of a phrase about `quantity`, and of a fact about its `rule`."""
    words: dict[str, object] = {**dict(zip("AB", quantity.owners, strict=False)), "x": quantity.item}
    if rule is None:
        return words
    words |= dict(zip("nd", rule.numbers, strict=False))
    if rule.op in (Op.LOSE, Op.GAIN):
        words["x"] = rule.operands[0].item
    elif rule.op is Op.PACK:
        words |= {"c": quantity.item, "x": rule.operands[0].item}
    elif rule.op is Op.UNPACK:
        words["c"] = rule.operands[0].item
    else:
        for slot, operand in zip("MN", rule.operands, strict=False):
            words[slot] = f"{operand.owners[0]}'s {operand.item}"
        if rule.operands:
            base = rule.operands[0]
            same = base.item == quantity.item
            words["P"] = base.owners[0] if same else f"{base.owners[0]} has {base.item}"
    return words
