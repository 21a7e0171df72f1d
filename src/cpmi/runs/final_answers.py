"""Whether the final answers of chains are right."""

from __future__ import annotations

from collections.abc import Sequence

from cpmi.answers import Equivalence, stated_answer
from cpmi.runs.totals import NO_GOLD
from cpmi.types import Chain, Relation, Verdict

STATES_NO_ANSWER = "the last step states no answer"


def compare_final_answers(chains: Sequence[Chain], equivalence: Equivalence) -> list[Verdict]:
    """Compare every chain's answer with its gold.

    The answer is the one that the input states, else the one found in the last step.
    """
    verdicts: dict[int, Verdict] = {}
    pairs: dict[int, tuple[str, str]] = {}
    for index, chain in enumerate(chains):
        answer = stated_answer(chain)
        if chain.gold is None:
            verdicts[index] = Verdict(relation=Relation.UNDECIDED, reason=NO_GOLD)
        elif answer is None:
            verdicts[index] = Verdict(relation=Relation.UNDECIDED, reason=STATES_NO_ANSWER)
        else:
            pairs[index] = (answer, chain.gold)
    verdicts.update(zip(pairs, equivalence.compare_many(pairs.values()), strict=True))
    return [verdicts[index] for index in range(len(chains))]
