"""What the hard labels of two sets agree on, chain by chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cpmi.calibration.hard import AFTER_FIRST_ERROR, HardLabels

By = Literal["chain", "step"]

DISAGREE = "the label sets disagree"
FIRST_ERRORS_DISAGREE = "the first errors disagree"
NOTHING_KEPT = "no step has a label of both sets that agrees"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One chain under two label sets.

    Attributes:
        kept: the labels that both sets give; of a dropped chain, none.
        dropped: why the whole chain is dropped; "" if it is not.
        compared: step index -> whether the sets agree, for steps that both label right or wrong.
    """

    kept: HardLabels
    dropped: str
    compared: dict[int, bool]

    @property
    def whole(self) -> bool:
        """Whether nothing is lost but what follows the agreed first error."""
        return not self.dropped and set(self.kept.reasons.values()) <= {AFTER_FIRST_ERROR}


def agree(first: HardLabels, second: HardLabels, by: By) -> Agreement:
    """Keep what both sets say.

    By chain (the published filter): chains whose first errors disagree are dropped whole. By step: their
    steps up to the earlier first error are kept as far as they agree. A step that either set leaves without
    a label is never kept, and one after the first error of either set has none.

    Raises:
        ValueError: the sets label different numbers of steps.
    """
    values: list[bool | None] = []
    reasons: dict[int, str] = {}
    compared: dict[int, bool] = {}
    for index, (mine, theirs) in enumerate(zip(first.values, second.values, strict=True)):
        if mine is not None and theirs is not None:
            compared[index] = mine == theirs
        values.append(mine if compared.get(index) else None)
        if values[-1] is None:
            reasons[index] = _why(index, first, second)
    dropped = ""
    if by == "chain" and first.first_error != second.first_error:
        dropped = FIRST_ERRORS_DISAGREE
    elif len(reasons) == len(values):
        dropped = NOTHING_KEPT
    if dropped:
        values, reasons = [None] * len(values), dict.fromkeys(range(len(values)), dropped)
    kept = HardLabels(values=tuple(values), reasons=reasons)
    return Agreement(kept=kept, dropped=dropped, compared=compared)


def _why(index: int, first: HardLabels, second: HardLabels) -> str:
    given = [labels.reasons[index] for labels in (first, second) if index in labels.reasons]
    if not given:
        return DISAGREE
    return AFTER_FIRST_ERROR if AFTER_FIRST_ERROR in given else given[0]
