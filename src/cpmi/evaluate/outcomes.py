"""Whether a chain's final answer is right: the one fact that most measures of labels secretly measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cpmi.answers import Equivalence
from cpmi.metrics.layout import Ints
from cpmi.runs.final_answers import final_answer_verdicts
from cpmi.types import Chain, Relation

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


def compare_outcomes(chains: Sequence[Chain], equivalence: Equivalence) -> Outcomes:
    """Verdicts on the final answers of all chains, as `final_answer_verdicts`."""
    verdicts = final_answer_verdicts(chains, equivalence)
    undecided = Counter(v.reason or "undecided" for v in verdicts if v.relation is Relation.UNDECIDED)
    return Outcomes(
        outcome_C=np.array([_CODES[verdict.relation] for verdict in verdicts], dtype=np.int64),
        undecided=dict(sorted(undecided.items())),
    )
