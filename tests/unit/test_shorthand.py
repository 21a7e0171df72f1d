"""Shorthands of numbers are never another number, and never decide."""

from __future__ import annotations

import pytest

from cpmi.answers import Equivalence
from cpmi.types import Relation


@pytest.mark.parametrize(
    ("short", "number"),
    [
        ("2k", "2000"), ("$2k", "2000"), ("2K", "$2,000"), ("1.5M", "1500000"), ("3B", "3000000000"),
        ("1st", "1"), ("3rd", "3"), ("22nd", "22"), ("2nd place", "2"), ("IV", "4"), ("XII", "12"),
        ("MCMXCIV", "1994"), ("2 pairs", "4"), ("1 score", "20"),
    ],
)  # fmt: skip
def test_undecided_against_its_number(short: str, number: str) -> None:
    with Equivalence() as equivalence:
        assert equivalence.compare(short, number).relation is Relation.UNDECIDED


@pytest.mark.parametrize(("short", "number"), [("2k", "3000"), ("3rd", "4"), ("2 pairs", "5")])
def test_another_number_is_different(short: str, number: str) -> None:
    with Equivalence() as equivalence:
        assert equivalence.compare(short, number).relation is Relation.DIFFERENT
