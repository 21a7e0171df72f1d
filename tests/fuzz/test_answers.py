"""The campaign on answers, a short one: no faults, and most tries are read."""

from __future__ import annotations

from fractions import Fraction

from tests.fuzz.answers import campaign, number_of
from tests.fuzz.campaign import SEED


def test_no_fault() -> None:
    found = campaign(1_500, SEED)
    assert found.num_faults == 0, found.table()
    assert found.num_mutated > 1_300
    unread = sum(number for (_, word), number in found.outcomes.items() if word == "unread")
    assert unread < 750


def test_the_campaigns_own_numbers() -> None:
    numbers = {"-7": -7, "2.50": Fraction(5, 2), "1/3": Fraction(1, 3), r"$-\frac{2}{4}$": Fraction(-1, 2)}
    assert {text: number_of(text) for text in numbers} == numbers
    assert [number_of(text) for text in ("1,000", r"\frac{1}{3}2", "1/0", "x")] == [None] * 4
