"""Dates in digits."""

from __future__ import annotations

import pytest

from cpmi.answers import near_misses
from cpmi.answers.dates import is_date


@pytest.mark.parametrize("gold", ["2020-01-02", "5/1/2021", "31/12/1999"])
def test_a_date_has_no_near_miss_by_arithmetic(gold: str) -> None:
    assert is_date(gold)
    assert near_misses(gold) == []


@pytest.mark.parametrize("text", ["2020-13-02", "13/14/2021", "5/7", "2020-1", "3-2-1", "3/4/5"])
def test_a_difference_or_a_quotient_is_no_date(text: str) -> None:
    assert not is_date(text)
