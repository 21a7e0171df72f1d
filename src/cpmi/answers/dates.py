"""Dates in digits, `2020-01-02` and `5/1/2021`: neither differences nor quotients."""

from __future__ import annotations

import re

from cpmi.answers.verdicts import DIFFERENT, SAME, undecided
from cpmi.types import Verdict

_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_ISO = re.compile(r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_SLASHES = re.compile(rf"(?:{_DAY}/{_MONTH}|{_MONTH}/{_DAY})/[12]\d{{3}}")


def is_date(text: str) -> bool:
    """Whether a text is a date in digits, of a month and a day that there are."""
    return _ISO.fullmatch(text) is not None or _SLASHES.fullmatch(text) is not None


def compare_dates(first: str, second: str) -> Verdict | None:
    """The verdict where one side is a date, else None. Which of `5/1/2021` is the month nobody knows."""
    if not is_date(first) and not is_date(second):
        return None
    if first == second:
        return SAME
    both = _ISO.fullmatch(first) and _ISO.fullmatch(second)
    return DIFFERENT if both else undecided("a date that is written otherwise")
