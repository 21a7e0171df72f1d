r"""Answers that no comparison may take long on, or fail at: sizes, depths, numbers of entries, digits."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from time import process_time

import pytest

from cpmi.answers import (
    Equivalence,
    compare_exactly,
    equivalent_forms,
    extract_answer,
    mentions,
    near_misses,
    parse_answer,
)
from cpmi.answers.decimal_comma import Number
from cpmi.answers.equivalence import LIMIT_S
from cpmi.answers.symbolic import compare_symbolically

PAST = "".join(str(digit % 10) for digit in range(1, 4_302))
"""More digits than Python turns into a number."""


def test_a_pair_may_use_less_than_two_seconds() -> None:
    assert LIMIT_S < 2


@pytest.mark.parametrize(
    ("first", "second", "right"),
    [
        (PAST, PAST, "same"),
        (PAST, PAST + "1", "undecided"),
        (PAST, "18", "undecided"),
        (f"{PAST},5", "18", "undecided"),
        (" ".join(PAST), PAST, "same"),
        (" " * 5_000, " " * 5_000, "undecided"),
        # A union of intervals is no point of space.
        (r"(-\infty,-4)\cup (4,\infty)", "(-1,1,1)", "different"),
        ("[12,28]", r"\left(-\frac{1}{2}, 3, -\frac{5}{2}\right)", "different"),
        # One entry that has no like is enough.
        (
            ",".join(rf"\sqrt{{{number}}}+x" for number in range(2, 50)),
            ",".join(rf"\sqrt{{{number}}}+x" for number in range(3, 51)),
            "different",
        ),
        # Fifty digits are too few, four hundred are enough; algebra takes a minute.
        (r"\sin(" * 20 + "3840^{99}" + ")" * 20, "3840", "different"),
    ],
)
def test_verdict(first: str, second: str, right: str) -> None:
    start = process_time()
    for pair in ((first, second), (second, first)):
        exact = compare_exactly(*pair)
        assert (exact.relation if exact else compare_symbolically(*pair)[0]) == right
    assert process_time() - start < 2


@pytest.mark.parametrize(
    "gold",
    [
        "{" * 5 + r"\left(7:15\right)" + "}" * 5,
        ",".join([r"3\sqrt{2}", "-14"] * 12),
        ",".join([r"\pm\left( \frac{1}{2}, -10 \right)", "156"] * 6),
        r"3\sqrt{" + "3" * 700 + "}",
        r"\$" + "7" * 400,
        "(A) " * 400 + "3",
        PAST,
    ],
    ids=lambda gold: gold[:20],
)
@pytest.mark.parametrize("made", [near_misses, equivalent_forms, lambda gold: mentions("It is 3.", gold)])
def test_what_is_made_of_a_gold_is_made_at_once(made: Callable[[str], object], gold: str) -> None:
    start = process_time()
    made(gold)
    assert process_time() - start < 1.5


def test_money_of_many_digits_keeps_them() -> None:
    assert r"\$123456789012345678901.50" in equivalent_forms(r"\$123456789012345678901.5")


def test_a_whole_number_of_the_data_keeps_its_digits() -> None:
    assert Number.of(10**400) == "1" + "0" * 400
    assert Number.of(10**17 + 1) == "100000000000000001"
    assert (Number.of(18.0), Number.of(0.5), Number.of(1e300)) == ("18", "0.5", "1e+300")


@pytest.mark.parametrize("template", ["#### {}", "The answer is {}.", "So it is {}", r"\boxed{{{}}}"])
def test_a_number_longer_than_an_answer_is_not_cut_to_one(template: str) -> None:
    found = extract_answer("We look at it once more.\n\n" * 3 + template.format(PAST))
    assert found is None or found.text == PAST


def test_entries_and_depth() -> None:
    assert (parse_answer("7").num_entries, parse_answer("7").depth) == (1, 0)
    assert (parse_answer("(1,2),(3,4)").num_entries, parse_answer("(1,2),(3,4)").depth) == (4, 2)
    assert parse_answer("1/3").value == Fraction(1, 3)


def test_a_worker_that_is_ended_at_its_limit_is_counted() -> None:
    with Equivalence(deadline_s=0.3, comparison=_endless) as equivalence:
        verdict = equivalence.compare("endless^x", "x+y")
        assert (verdict.relation, verdict.reason) == ("undecided", "timed out")
        assert equivalence.take_num_timed_out() == 1


def _endless(first: str, second: str) -> tuple[str, str]:
    while first.startswith("endless"):
        pass
    return compare_symbolically(first, second)
