"""The publication's claims, what was measured of each, and the verdict: a rule, not an opinion.

| verdict | rule |
|---|---|
| holds | the measured saving is at least the printed one; a difference in quality has its interval above 0 |
| holds in part | there is a saving, and it is smaller than the printed one |
| does not hold | there is no saving; a difference in quality has its interval below 0 |
| not decided | the interval of a difference holds 0: these chains are too few |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cpmi import numbers
from cpmi.evaluate.findings import format_estimate
from cpmi.evaluate.result import Estimate

HOLDS, IN_PART, FAILS, OPEN = "holds", "holds in part", "does not hold", "not decided"
MEASURES = {
    "concordance": "concordance",
    "first_error_accuracy": "first-error accuracy",
    "f1": "first-error F1",
    "f1_gated": "F1 gated by the final answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One line of the page.

    Attributes:
        claim: in words.
        printed: the value in the publication, with its place.
        measured: the value here, with its interval where there is one.
        setting: on what.
        verdict: by the rule above.
        cost: what the method costs there.
        short: the value alone, for README; "" if it is `measured`.
        shown: whether README shows the line.
    """

    claim: str
    printed: str
    measured: str
    setting: str
    verdict: str
    cost: str = ""
    short: str = ""
    shown: bool = False


def saving(share: float, printed: float) -> str:
    """The verdict on "`printed` less" where `share` is what is left, both in [0, 1] or above."""
    if 1 - share >= printed:
        return HOLDS
    return IN_PART if share < 1 else FAILS


def better(difference: Mapping[str, Any]) -> str:
    """The verdict on "better" for a paired difference."""
    found = Estimate(**difference)
    return HOLDS if found.above_zero else FAILS if found.below_zero else OPEN


def less(share: float) -> str:
    """A share as what is saved: "83.2 % less"; "35 % more"."""
    change = 100 * (1 - share)
    return f"{numbers.decimal(abs(change), 1)} % {'less' if change >= 0 else 'more'}"


def f1_of(item: Mapping[str, Any]) -> str:
    """The difference in first-error F1 alone."""
    return f"F1 {format_estimate(Estimate(**item['f1']), signed=True)}"


def differences(item: Mapping[str, Any]) -> str:
    """All measures of a paired difference."""
    return "; ".join(
        f"{said} {format_estimate(Estimate(**item[name]), signed=True)}" for name, said in MEASURES.items()
    )
