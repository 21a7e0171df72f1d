"""Whether the final answers of chains are right: the one place that decides it."""

from __future__ import annotations

from collections.abc import Sequence

from cpmi.answers import Equivalence, decimal_of, plain, stated_answer
from cpmi.runs.totals import NO_GOLD
from cpmi.types import Chain, Relation, Verdict

OUTCOME = "outcome"
"""The entry of a chain's `meta` in which its input says whether its final answer is right."""

OUTCOMES = {Relation.SAME: "right", Relation.DIFFERENT: "wrong", Relation.UNDECIDED: "undecided"}
"""A verdict on a final answer in words; the first two are those of `OUTCOME`."""

STATES_NO_ANSWER = "the last step states no answer"
_GIVEN = {word: Verdict(relation=relation) for relation, word in OUTCOMES.items() if word != "undecided"}


def final_answer_verdicts(chains: Sequence[Chain], equivalence: Equivalence) -> list[Verdict]:
    """Whether every chain's final answer is right: as its input says, else by comparing it with the gold.

    The answer that is compared is the one that the input states, else the one found in the last step.
    """
    verdicts: dict[int, Verdict] = {}
    pairs: dict[int, tuple[str, str]] = {}
    for index, chain in enumerate(chains):
        answer = stated_answer(chain)
        if (given := _GIVEN.get(chain.meta.get(OUTCOME, ""))) is not None:
            verdicts[index] = given
        elif chain.gold is None:
            verdicts[index] = Verdict(relation=Relation.UNDECIDED, reason=NO_GOLD)
        elif answer is None:
            verdicts[index] = Verdict(relation=Relation.UNDECIDED, reason=STATES_NO_ANSWER)
        else:
            decimal = decimal_of(chain)
            pairs[index] = (plain(answer, decimal), plain(chain.gold, decimal))
    verdicts.update(zip(pairs, equivalence.compare_many(pairs.values()), strict=True))
    return [verdicts[index] for index in range(len(chains))]
