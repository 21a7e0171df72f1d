"""The three verdicts, and reasons that other rooms ask for by name."""

from __future__ import annotations

from cpmi.types import Relation, Verdict

SAME = Verdict(relation=Relation.SAME)
DIFFERENT = Verdict(relation=Relation.DIFFERENT)
PERCENT_MISSING = "a percent sign is missing on one side"
MAYBE_A_PAIR = "[a,b] may be a pair in square brackets"


def undecided(reason: str) -> Verdict:
    """A verdict of neither, with the reason."""
    return Verdict(relation=Relation.UNDECIDED, reason=reason)
