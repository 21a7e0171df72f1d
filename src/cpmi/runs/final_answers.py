"""Whether the final answers of chains are right, as evaluations ask it: what a benchmark says goes first.

Labels are made without that knowledge, by `cpmi.answers.judged` alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from cpmi.answers import Equivalence, judged_all
from cpmi.types import Chain, Relation, Verdict

OUTCOME = "outcome"
"""The entry of a chain's `meta` in which a benchmark says whether its final answer is right."""

OUTCOMES = {Relation.SAME: "right", Relation.DIFFERENT: "wrong", Relation.UNDECIDED: "undecided"}
"""A verdict on a final answer in words; the first two are those of `OUTCOME`."""

_GIVEN = {word: Verdict(relation=relation) for relation, word in OUTCOMES.items() if word != "undecided"}


def final_answer_verdicts(chains: Sequence[Chain], equivalence: Equivalence) -> list[Verdict]:
    """Whether every chain's final answer is right: as a benchmark says in `meta`, else as `judged` finds."""
    given = [_GIVEN.get(chain.meta.get(OUTCOME, "")) for chain in chains]
    asked = [chain for chain, known in zip(chains, given, strict=True) if known is None]
    found = iter(judged_all(asked, equivalence))
    return [next(found) if known is None else known for known in given]
