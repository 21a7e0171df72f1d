r"""Tries answers, pairs of them, and texts that end in them: mutations of real golds, and worse.

    CPMI_DATA=FOLDER python -m tests.fuzz.answers --count 100000

A try is *unread* if it is refused at the first look: a side is no answer, or a formula that the grammar does
not know. Of the others, *same*, *apart*, *undecided* (pairs), *found*, *none* (texts) and *made* (rivals) say
what came of them. The fault *different* is an order of the two that counts, an answer that is not the same as
itself, SAME of numbers that fractions tell apart, or a text that is read otherwise behind other paragraphs. A
pair that used up its processor time in a worker is *slow* if that is more than two seconds, else *late*.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from random import Random

from cpmi.answers import (
    Equivalence,
    Kind,
    answer_in,
    compare_exactly,
    equivalent_forms,
    extract_answer,
    mentions,
    near_misses,
    parse_answer,
    results_of,
    tagged_answer,
)
from cpmi.answers.equivalence import LIMIT_S as LIMIT_OF_A_PAIR_S
from cpmi.answers.pool import TIMED_OUT, WorkerPool
from cpmi.types import Relation
from tests.fuzz.answer_golds import endings, golds
from tests.fuzz.answer_mutations import mutated
from tests.fuzz.campaign import LIMIT_S, Campaign, drawn, run_campaign

COUNT = 100_000
_UNREAD = re.compile(r"not read|not compared|against another kind|empty answer|matrices of other")
_NUMBER = re.compile(r"(?P<minus>-?)(?:(?P<plain>\d+(?:\.\d+)?)|(?P<above>\d+)/(?P<below>\d+))")
_COMMAND = re.compile(r"(-?)\\[dt]?frac\{(\d+)\}\{(\d+)\}")
# What nobody would write, as pieces of a text.
_PIECES = ("(", ")", "{", "}", "[", "]", "\\", "\\frac", "\\sqrt", "^", "_", "9" * 99, "0.", "!", "x",
           "\\pi", "|", "$",
           "\\text{", ",", "/", "-", "\\begin{pmatrix}", "\\end{pmatrix}", "&", "\\\\", "=", "<", "e", "E9",
           ":",
           "\\sum_{k=1}^{99}", "\\int", "dx", "\\lim_{x\\to0}", "%", "°", "\\pm", "\\binom", "\\cup", " ",
           "或", "و",
           "\ud800", "\x00", "mod", "\\overline{", "\\infty", "...", "\\{", "\\}", "**", "#### ",
           "is ")  # fmt: skip
_SENTENCES = ("The answer is {}.", "So it is {}", "#### {}", r"Thus $x = {}$.", r"\boxed{{{}}}", "**{}**",
              "Answer: {}",
              "We get {} in all.", "Therefore, {} is the answer.", "答案是{}。", "Die Antwort ist {}.",
              "الجواب هو {}.",
              "= {}", "x = {} or x = {}", r"\[ {} \]", "{} square units.",
              "It must be {}, not {}.")  # fmt: skip
_BEFORE = "We look at it once more, as it was given.\n\n" * 100
_OPTION_TEXTS = (
    "(B) {}",
    "The answer is {}.",
    r"\boxed{{\text{{B}}}}",
    "It is clearly {}",
    "Answer: {}. Not (C).",
    "{}",
)


@dataclass
class Answers(Campaign):
    """The campaign with what else is told of it."""

    slow: list[tuple[float, str]] = field(default_factory=list)
    source: str = ""
    told: list[str] = field(default_factory=list)
    num_algebra: int = 0
    num_mutated: int = 0

    def count(self, kind: str, word: str, given: object = "", told: str = "", number: int = 1) -> None:
        """As of every campaign; what is no order of two is told first."""
        super().count(kind, word, given, told, number)
        if word in ("traceback", "slow"):
            self.told.insert(0, f"{kind}: {word} {told} <- {given!r:.300}")

    def table(self) -> str:
        """The table, the share of tries that were read, and the slowest."""
        tried = sum(self.outcomes.values())
        unread = sum(number for (_, word), number in self.outcomes.items() if word == "unread")
        slowest = [f"{took_s:.2f} s: {given:.200}" for took_s, given in sorted(self.slow, reverse=True)[:10]]
        return "\n".join([
            super().table(),
            f"golds from {self.source}; {self.num_mutated / tried:.1%} of the tries are mutations of them",
            f"read to the end: {1 - unread / tried:.1%}; by algebra: {self.num_algebra / tried:.1%}",
            *self.told[:20],
            *slowest,
        ])  # fmt: skip


class _Tries:
    """The kinds of tries, each a method that gives a word."""

    def __init__(self, campaign: Answers, equivalence: Equivalence, pool: WorkerPool) -> None:
        self._campaign = campaign
        self._equivalence = equivalence
        self._pool = pool

    def _fault(self, told: str) -> str:
        self._campaign.told.append(told)
        return "different"

    def pair(self, first: str, second: str) -> str:
        exact, turned_exact = compare_exactly(first, second), compare_exactly(second, first)
        if (exact and exact.relation) != (turned_exact and turned_exact.relation):
            return self._fault(f"the order counts: {first!r:.200} and {second!r:.200}")
        verdict = self._equivalence.compare(first, second)
        if exact is None:
            self._campaign.num_algebra += 1
            if verdict.reason == TIMED_OUT:
                return "slow" if LIMIT_OF_A_PAIR_S > LIMIT_S else "late"
            turned = self._pool.ask([(max(first, second), min(first, second))])[0]
            if turned[0] != verdict.relation:
                return self._fault(
                    f"the order counts: {first!r:.200} and {second!r:.200}: {verdict} {turned}"
                )
        if verdict.relation is Relation.SAME and _are_apart(first, second):
            return self._fault(f"SAME of other numbers: {first!r:.200} and {second!r:.200}")
        if parse_answer(first).kind is not Kind.TEXT and (
            compare_exactly(first, first) not in (None, self._equivalence.compare(first, first))
            or self._equivalence.compare(first, first).relation is Relation.DIFFERENT
        ):
            return self._fault(f"not the same as itself: {first!r:.200}")
        is_unread = verdict.relation is Relation.UNDECIDED and _UNREAD.search(verdict.reason)
        if is_unread:
            return "unread"
        return "apart" if verdict.relation is Relation.DIFFERENT else str(verdict.relation)

    def text(self, text: str) -> str:
        found, behind = extract_answer(text), extract_answer(_BEFORE + text)
        if (found and (found.text, found.rule)) != (behind and (behind.text, behind.rule)):
            return self._fault(f"read otherwise behind other paragraphs: {text!r:.200}: {found} {behind}")
        tagged_answer(text)
        extract_answer(text, "comma")
        return "none" if found is None else "found"

    def choice(self, text: str, options: Sequence[str]) -> str:
        found = answer_in(text, options)
        answer_in(text, wanted=options)
        return "none" if found is None else "found"

    def rivals(self, gold: str, text: str) -> str:
        near = near_misses(gold)
        forms = equivalent_forms(gold)
        mentions(text, gold)
        results_of(text)
        if any(verdict.relation is Relation.SAME for verdict in self._compared(gold, near)):
            return self._fault(f"a near miss is the same: {gold!r:.200}")
        if any(verdict.relation is Relation.DIFFERENT for verdict in self._compared(gold, forms)):
            return self._fault(f"another form is different: {gold!r:.200}")
        return "made" if near or forms else "none"

    def _compared(self, gold: str, others: Sequence[str]) -> list[object]:
        return [verdict for other in others if (verdict := compare_exactly(gold, other)) is not None]


def campaign(count: int, seed: int) -> Answers:
    """Try `count` inputs."""
    found = Answers("answers")
    found.source, known = golds()
    real = endings()
    pool = WorkerPool("cpmi.answers.symbolic:compare_symbolically", limit_s=LIMIT_OF_A_PAIR_S, num_workers=1)
    with Equivalence() as equivalence:
        tries = _Tries(found, equivalence, pool)
        for index in range(count):
            random_ = drawn(seed, index)
            kind, given, work, num_mutated = _drawn_try(random_, tries, known, real)
            start_s = time.process_time()
            found.attempt(kind, given, work)
            took_s = time.process_time() - start_s
            found.slow.append((took_s, f"{kind} {given!r}"))
            if len(found.slow) > 1_000:
                found.slow = sorted(found.slow, reverse=True)[:10]
            found.num_mutated += num_mutated
            if index % 10_000 == 9_999:
                print(f"{index + 1:,} tried, {found.num_faults} faults", file=sys.stderr)
    pool.close()
    return found


def _drawn_try(
    random_: Random, tries: _Tries, known: Sequence[str], real: Sequence[str]
) -> tuple[str, object, Callable[[], str], int]:
    """Kind, input, work, and whether the input is the mutation of a gold."""
    gold = random_.choice(known)
    first = mutated(random_, gold, known)
    number = random_.random()
    if number < 0.5:
        return "mutated and gold", (first, gold), lambda: tries.pair(first, gold), 1
    if number < 0.6:
        second = mutated(random_, gold, known)
        return "mutated twice", (first, second), lambda: tries.pair(first, second), 1
    if number < 0.65:
        grown = "".join(random_.choices(_PIECES, k=random_.choice((2, 5, 12, 40, 300))))
        return "grown and gold", (grown, gold), lambda: tries.pair(grown, gold), 0
    if number < 0.85:
        text = random_.choice(_SENTENCES).format(first, gold)
        if real and random_.random() < 0.5:
            text = mutated(random_, random_.choice(real), known) + "\n\n" + text
        return "text", text, lambda: tries.text(text), 1
    if number < 0.9:
        text = mutated(random_, random_.choice(real or known), known)
        return "ending of a chain", text, lambda: tries.text(text), 1
    if number < 0.95:
        text = random_.choice(_OPTION_TEXTS).format(first)
        options = (gold, *random_.sample(known, 3))
        return "choice", (text, options), lambda: tries.choice(text, options), 1
    return "rivals", first, lambda: tries.rivals(first, random_.choice(_SENTENCES).format(first, gold)), 1


def number_of(text: str) -> Fraction | None:
    """The value of a text that is a whole number, a decimal or a fraction and nothing more; else None."""
    text = text.strip().removeprefix("$").removesuffix("$")
    if command := _COMMAND.fullmatch(text):
        text = f"{command[1]}{command[2]}/{command[3]}"
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    value = Fraction(Decimal(match["plain"] or match["above"]))
    if match["below"]:
        below = Fraction(Decimal(match["below"]))
        if not below:
            return None
        value /= below
    return -value if match["minus"] else value


def _are_apart(first: str, second: str) -> bool:
    """Whether both are numbers that are not equal, nor one the other as a machine prints it."""
    one, other = number_of(first), number_of(second)
    if one is None or other is None or one == other:
        return False
    return abs(one - other) > max(abs(one), abs(other)) / 10**11


if __name__ == "__main__":
    raise SystemExit(run_campaign(__doc__, campaign, count=COUNT))
