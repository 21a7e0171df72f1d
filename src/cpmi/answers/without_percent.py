"""Pairs of answers whose percent signs may be all that keeps them apart: `--percent same`."""

from __future__ import annotations

import re

from cpmi.answers.forms import Answer
from cpmi.answers.reading import parse_answer
from cpmi.answers.units import PERCENT
from cpmi.types import Relation, Verdict

_SIGN = re.compile(r"\\?%|\\text\s*\{\s*(?:percent|\\?%)\s*\}|\bper\s?cent\b|\bpct\b", re.IGNORECASE)


def hangs_on_percent(pair: tuple[str, str], verdict: Verdict) -> bool:
    """Whether the pair is UNDECIDED and has a percent sign; 25% and 25 cm differ by more than that."""
    return (
        verdict.relation is Relation.UNDECIDED
        and any(map(_SIGN.search, pair))
        and not any(_has_other_unit(parse_answer(answer)) for answer in pair)
    )


def without_percent(answer: str) -> str:
    """The answer without its percent signs."""
    return _SIGN.sub("", answer)


def _has_other_unit(answer: Answer) -> bool:
    quantity = answer.quantity
    if quantity is not None and quantity.unit.name not in ("", PERCENT):
        return True
    return any(map(_has_other_unit, answer.parts))
