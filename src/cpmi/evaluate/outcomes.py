"""Whether a chain's final answer is right: the one fact that most measures of labels secretly measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cpmi.answers import Equivalence, extract_answer
from cpmi.metrics.layout import Ints
from cpmi.types import Relation, Trajectory

SAME, DIFFERENT, UNDECIDED = 1, 0, -1
_CODES = {Relation.SAME: SAME, Relation.DIFFERENT: DIFFERENT, Relation.UNDECIDED: UNDECIDED}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """Verdicts on final answers.

    Attributes:
        outcome_C: SAME, DIFFERENT or UNDECIDED.
        undecided: how many are UNDECIDED, by reason.
    """

    outcome_C: Ints
    undecided: Mapping[str, int]


def compare_outcomes(trajectories: Sequence[Trajectory], equivalence: Equivalence) -> Outcomes:
    """Compare every chain's answer with its gold.

    The answer is the one that the input states, else the one found in the last step.
    """
    outcome_C = np.full(len(trajectories), UNDECIDED, dtype=np.int64)
    undecided: Counter[str] = Counter()
    pairs: dict[int, tuple[str, str]] = {}
    for index, trajectory in enumerate(trajectories):
        answer = _answer(trajectory)
        if trajectory.gold is None:
            undecided["no gold answer"] += 1
        elif answer is None:
            undecided["the last step states no answer"] += 1
        else:
            pairs[index] = (answer, trajectory.gold)
    for index, verdict in zip(pairs, equivalence.compare_many(pairs.values()), strict=True):
        outcome_C[index] = _CODES[verdict.relation]
        if verdict.relation is Relation.UNDECIDED:
            undecided[verdict.reason or "undecided"] += 1
    return Outcomes(outcome_C=outcome_C, undecided=dict(sorted(undecided.items())))


def _answer(trajectory: Trajectory) -> str | None:
    if trajectory.answer is not None:
        return trajectory.answer
    found = extract_answer(trajectory.steps[-1])
    return None if found is None else found.text
