"""Whether a chain's final answer is right: what the input says goes first, then the comparison."""

from __future__ import annotations

from cpmi.answers import Equivalence
from cpmi.answers.judged import STATES_NO_ANSWER
from cpmi.runs.final_answers import final_answer_verdicts
from cpmi.runs.totals import NO_GOLD
from cpmi.types import Chain, Relation


def chain(**changes: object) -> Chain:
    return Chain(**({"id": "a", "question": "Q?", "steps": ("The answer is 4.",), "gold": "4"} | changes))  # type: ignore[arg-type]


def test_what_the_input_says_goes_before_the_comparison() -> None:
    chains = [
        chain(),
        chain(meta={"outcome": "wrong"}),
        chain(gold="5", meta={"outcome": "right"}),
        chain(gold=None, meta={"outcome": "right"}),
        chain(gold="5", meta={"outcome": "something else"}),
        chain(gold=None),
        chain(steps=("So it is.",)),
        chain(meta={"finish": "length"}),
    ]
    with Equivalence(inline=True) as equivalence:
        found = final_answer_verdicts(chains, equivalence)
    assert [verdict.relation for verdict in found[:5]] == [
        Relation.SAME, Relation.DIFFERENT, Relation.SAME, Relation.SAME, Relation.DIFFERENT,
    ]  # fmt: skip
    assert [verdict.reason for verdict in found[5:]] == [NO_GOLD, STATES_NO_ANSWER, STATES_NO_ANSWER]
