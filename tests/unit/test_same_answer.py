"""`cpmi.same_answer` and answers of other problems."""

from __future__ import annotations

from itertools import product

import pytest

import cpmi
from cpmi.answers import OtherGolds
from cpmi.answers.other_golds import MOST
from cpmi.errors import ConfigError


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (r"\frac{1}{2}", "0.5", True),
        ("1,000", "1000", True),
        ("7", "8", False),
        ("yes", "no", False),
        (r"\sqrt{2}+1", r"1+\sqrt{2}", True),
        ("Paris", "London", None),
        ("25%", "25", None),
    ],
)
def test_pairs(first: str, second: str, same: bool | None) -> None:
    assert cpmi.same_answer(first, second) is same


def test_a_percent_sign_as_it_is_asked_for() -> None:
    assert cpmi.same_answer("25%", "25", grading=cpmi.Grading(percent="same")) is True
    assert cpmi.same_answer("Paris", "London", grading=cpmi.Grading(check="exact")) is False
    with pytest.raises(ConfigError, match="percent"):
        cpmi.Grading(percent="perhaps")  # type: ignore[arg-type]


def test_an_answer_found_in_a_text() -> None:
    found = cpmi.extract_answer("So we get 3 + 4 = 7. The answer is 7 apples.")
    assert found is not None
    assert found.rule == "the_answer_is"
    assert found.text == "7 apples"
    assert cpmi.extract_answer("I do not know.") is None


GOLDS = ["Paris", "London", "New York", "7", "Rome", "The Hague", "Paris", "8"]


def test_other_golds_are_of_the_same_kind_and_length() -> None:
    others = OtherGolds(GOLDS)
    assert sorted(others.like("Paris", key="q", most=2)) == ["London", "Rome"]
    assert sorted(others.like("Paris", key="q", most=9)) == ["London", "New York", "Rome", "The Hague"]
    assert sorted(others.like("New York", key="q", most=1)) == ["The Hague"]
    assert others.like("7", key="q", most=9) == ["8"]


def test_other_golds_differ_by_the_problem_and_by_nothing_else() -> None:
    names = [chr(ord("a") + index) + "na" for index in range(26)]
    others = OtherGolds(names)
    drawn = {tuple(others.like("ana", key=f"q{index}", most=3)) for index in range(20)}
    assert len(drawn) > 10
    assert others.like("ana", key="q", most=3) == OtherGolds(iter(names)).like("ana", key="q", most=3)


def test_the_first_ones_are_kept() -> None:
    names = ["".join(letters) for letters in product("bcdfghjklm", "aeiou", "bcdfghjklm", "aeiou")]
    others = OtherGolds(names)
    assert len(names) > MOST
    assert len(others.like(names[0], key="q", most=len(names))) == MOST - 1
