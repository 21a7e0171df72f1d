"""Whether a chain's final answer is right: the one fact that most measures of labels secretly measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from cpmi.answers import Equivalence
from cpmi.metrics.layout import Bools, Ints
from cpmi.runs.final_answers import final_answer_verdicts
from cpmi.types import Chain, Relation

SAME, DIFFERENT, UNDECIDED = 1, 0, -1
_CODES = {Relation.SAME: SAME, Relation.DIFFERENT: DIFFERENT, Relation.UNDECIDED: UNDECIDED}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """Verdicts on final answers.

    Attributes:
        outcome_C: SAME, DIFFERENT or UNDECIDED.
        reason_C: why it is UNDECIDED; None where it is not.
    """

    outcome_C: Ints
    reason_C: tuple[str | None, ...]

    @property
    def undecided(self) -> Mapping[str, int]:
        """How many are UNDECIDED, by reason."""
        return dict(sorted(Counter(reason for reason in self.reason_C if reason is not None).items()))

    def only(self, keep_C: Bools) -> Outcomes:
        """Of some of the chains."""
        return Outcomes(outcome_C=self.outcome_C[keep_C], reason_C=tuple(compress(self.reason_C, keep_C)))


def compare_outcomes(chains: Sequence[Chain], equivalence: Equivalence) -> Outcomes:
    """Verdicts on the final answers of all chains, as `final_answer_verdicts`."""
    verdicts = final_answer_verdicts(chains, equivalence)
    reasons: dict[str, str] = {}  # one text each, however many chains have it
    return Outcomes(
        outcome_C=np.array([_CODES[verdict.relation] for verdict in verdicts], dtype=np.int64),
        reason_C=tuple(
            reasons.setdefault(reason := verdict.reason or "undecided", reason)
            if verdict.relation is Relation.UNDECIDED
            else None
            for verdict in verdicts
        ),
    )
