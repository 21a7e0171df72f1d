"""Which chains foresight is measured on, and how many steps lie between each prefix and the answer.

A chain counts if it is right, its problem does not print the answer, and a step does. It is right if it is
rated without an error or, where it has no ratings, if its final answer is the gold beyond doubt; a chain that
is rated right and ends at another answer is a contradiction and does not count.
"""

from __future__ import annotations

from cpmi.answers import Equivalence, Kind, decimal_of, mentions, parse_answer, plain, results_of
from cpmi.runs.final_answers import final_answer_verdicts
from cpmi.runs.totals import NO_GOLD
from cpmi.types import Chain, FirstErrorUnknown, Relation

RATED_WRONG = "a step is rated wrong"
ANOTHER_ANSWER = "the final answer is not the gold"
PRINTED_IN_QUESTION = "the problem prints the gold answer"
NEVER_PRINTED = "no step prints the gold answer"

StepsToCome = tuple[int | None, ...]
"""[P] steps until one prints the answer; None where a prefix is not read."""


def steps_to_come(chain: Chain, equivalence: Equivalence) -> StepsToCome | str:
    """The steps to come at every prefix of a chain, or the reason why the chain does not count.

    What comes is the first step that prints the gold as its result: on the right of an equals sign or, if
    none does so, anywhere. If that is step f (from 0), f + 1 − i steps are to come after i steps. So a last
    step "The answer is 7" counts only if no earlier one has printed the 7. Not read are the prefixes behind
    it, and those before it that print the gold by the way, as an operand or another quantity: there copying
    would pass for foresight. For the same reason a chain does not count if the problem prints the gold,
    unless the gold is a choice: all choices are printed alike.
    """
    if reason := _why_not_right(chain, equivalence):
        return reason
    gold = chain.gold
    if gold is None:
        return NO_GOLD
    decimal = decimal_of(chain)
    gold, steps = plain(gold, decimal), [plain(step, decimal) for step in chain.steps]
    if parse_answer(gold).kind is not Kind.CHOICE and mentions(plain(chain.question, decimal), gold):
        return PRINTED_IN_QUESTION
    printed = [mentions(step, gold) for step in steps]
    if not any(printed):
        return NEVER_PRINTED
    stated = [any(mentions(result, gold) for result in results_of(step)) for step in steps]
    first = (stated if any(stated) else printed).index(True)
    # Read are the prefixes without any print, and the one that ends with the step that comes.
    num_clean = min(printed.index(True), first)
    return tuple(
        first + 1 - index if index <= num_clean or index == first + 1 else None
        for index in range(len(steps) + 1)
    )


def _why_not_right(chain: Chain, equivalence: Equivalence) -> str:
    """Why a chain is not known to be right; "" if it is."""
    if chain.gold is None:
        return NO_GOLD
    first_error = chain.first_error
    if isinstance(first_error, str) and first_error != FirstErrorUnknown.NO_RATINGS:
        return first_error
    if isinstance(first_error, int) and first_error >= 0:
        return RATED_WRONG
    (verdict,) = final_answer_verdicts([chain], equivalence)
    if verdict.relation is Relation.DIFFERENT:
        return ANOTHER_ANSWER
    if verdict.relation is Relation.UNDECIDED and first_error == FirstErrorUnknown.NO_RATINGS:
        return f"the final answer is undecided ({verdict.reason})"
    return ""
