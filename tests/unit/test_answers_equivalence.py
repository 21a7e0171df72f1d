"""Equivalence: the pitfalls it exists for, its workers, and the exact path against the one with algebra."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpmi.answers import Equivalence, Grading, compare_exactly, in_style_of, near_misses, parse_answer
from cpmi.answers.expression_reader import read_expression
from cpmi.answers.values import compare_values
from cpmi.types import Relation


@pytest.mark.parametrize(
    ("gold", "other", "relation"),
    [
        # (e), (g): the gold in another form must not become a negative.
        (r"\dfrac{3}{4}", "3/4", "same"),
        (r"25\%", "0.25", "same"),
        (r"-\frac12", "-0.5", "same"),
        (r"1\frac45", "9/5", "same"),
        (r"1\frac45", "14/5", "different"),
        # (h): signs.
        ("-5", "5", "different"),
        (r"-\frac{1}{2}", r"\frac{1}{2}", "different"),
        (r"-\sqrt{3}", r"\sqrt{3}", "different"),
        # (i): the key is the whole answer, not its first number.
        ("(2,5)", "(2,6)", "different"),
        ("(2,5)", "2", "different"),
        (r"3\sqrt2", r"3\sqrt3", "different"),
        (r"3\sqrt2", "3", "different"),
        ("[0,1)", "[0,1]", "different"),
        # (k): doubt stays doubt.
        (r"25\%", "25", "undecided"),
        ("1,2", "2,1", "undecided"),
        (r"\{1,2\}", r"\{2,1\}", "same"),
        ("(1,2)", "(2,1)", "different"),
        ("18", "18 people", "same"),
        ("5 cm", "5 inches", "undecided"),
        ("2 hours", "120", "undecided"),
        (r"90^\circ", r"\frac{\pi}{2}", "undecided"),
        (r"\frac{1}{3}", "0.33", "undecided"),
        (r"\sqrt{2}", "1.41", "undecided"),
        ("18", "18.5", "different"),
        ("C", "5", "undecided"),
        ("(C)", "(D)", "different"),
        ("even", "odd", "different"),
        ("even", "always", "undecided"),
        ("", "5", "undecided"),
        ("10", "4 red and 6 blue", "undecided"),
        ("2:3", "4:6", "same"),
        ("52_8", "42", "undecided"),
    ],
)
def test_decided_or_doubted_exactly(gold: str, other: str, relation: str) -> None:
    with Equivalence(inline=True) as equivalence:
        assert equivalence.compare(gold, other).relation == relation
        assert equivalence.compare(other, gold).relation == relation


NUMERIC_PAIRS = [
    ("18", "18.0"), ("18", "19"), ("1,234", "1234"), ("0.5", r"\frac{1}{2}"), (r"\frac{2}{4}", "0.5"),
    (r"\frac{1}{2}", r"\frac{2}{3}"), ("-3", "3"), (r"-\frac{7}{3}", r"\frac{-7}{3}"), ("0.25", "0.26"),
    (r"3\sqrt{2}", r"\sqrt{18}"), (r"3\sqrt{2}", r"2\sqrt{3}"),
    (r"\frac{\sqrt{3}}{3}", r"\frac{\sqrt{3}}{2}"),
    ("(2,5)", "(2,5)"), ("(2,5)", "(5,2)"), ("[0,1)", "[0,1]"), (r"25\%", "0.25"), (r"1\frac{4}{5}", "1.8"),
    (r"1\frac{4}{5}", r"\frac{14}{5}"), ("1000000", "1,000,000"), (r"\sqrt{2}", r"\sqrt{3}"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), NUMERIC_PAIRS)
def test_exact_path_agrees_with_algebra(first: str, second: str) -> None:
    exact = compare_exactly(first, second)
    left, right = read_expression(first), read_expression(second)
    assert exact is not None
    if left and right:
        assert compare_values(left, right).relation == exact.relation


def test_numeric_runs_start_no_process() -> None:
    with Equivalence() as equivalence:
        equivalence.compare_many(NUMERIC_PAIRS)
        assert equivalence.num_workers_started == 0


def test_a_closed_object_can_be_used_again() -> None:
    equivalence = Equivalence()
    assert equivalence.compare("2x", "x+x").relation is Relation.SAME
    equivalence.close()
    assert equivalence.compare("2y", "y+y").relation is Relation.SAME
    equivalence.close()


@pytest.mark.parametrize("arguments", [{"deadline_s": 0.0}, {"num_workers": 0}])
def test_bad_options_are_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be positive"):
        Equivalence(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gold", "other", "relation"),
    [
        (r"25\%", "25", "same"),
        ("25%", "25", "same"),
        ("25 percent", "25", "same"),
        (r"25\%", "0.25", "same"),
        (r"25\%", "26", "different"),
        (r"25\%, 30\%", "25, 30", "same"),
        (r"(25\%, 30)", r"(25, 30\%)", "same"),
        (r"\{25\%, 30\}", r"\{30, 25\}", "same"),
        (r"\{25\%, 30\}", r"\{30, 25 \text{ cm}\}", "undecided"),
        (r"25\%", "25 cm", "undecided"),
    ],
)
def test_percent_same_takes_a_missing_sign_for_granted(gold: str, other: str, relation: str) -> None:
    with Equivalence(inline=True, grading=Grading(percent="same")) as equivalence:
        assert equivalence.compare(gold, other).relation == relation
        assert equivalence.compare(other, gold).relation == relation


@pytest.mark.parametrize(
    ("gold", "banned"),
    [(r"\dfrac{3}{4}", "3/4"), (r"25\%", "0.25"), (r"-\frac12", "-0.5"), (r"1\frac45", "9/5")],
)
def test_pitfall_g_the_gold_is_no_near_miss(gold: str, banned: str) -> None:
    value = parse_answer(banned).value
    assert all(parse_answer(near).value != value for near in near_misses(gold))


def test_pitfall_j_people_are_whole_and_not_negative() -> None:
    for near in near_misses("7 people"):
        value = parse_answer(near).value
        assert near.endswith(" people")
        assert value is not None
        assert value >= 0
        assert value.denominator == 1


@pytest.mark.parametrize(
    ("result", "gold", "written"),
    [
        ("25", r"\$18.00", r"\$25.00"),
        ("$1250", "3,000", None),
        ("1250", "3,000", "1,250"),
        ("30%", r"25\%", r"30\%"),
        ("7.5", "12", None),
        ("0.5", r"\frac{3}{4}", r"\frac{1}{2}"),
        ("(1,2)", "(3,4)", "(1,2)"),
        ("C", "5", None),
    ],
)
def test_in_style_of(result: str, gold: str, written: str | None) -> None:
    assert in_style_of(result, gold) == written


quick = settings(max_examples=60, deadline=None)


@quick
@given(st.integers(-(10**9), 10**9), st.booleans())
def test_any_integer(number: int, grouped: bool) -> None:
    text = f"{number:,}" if grouped else str(number)
    assert parse_answer(text).value == number
    near = [parse_answer(n).value for n in near_misses(text)]
    assert len(near) >= 8
    assert len(set(near)) == len(near)
    assert number not in near
    assert all(n is not None and n.denominator == 1 and (n < 0) == (number < 0) for n in near)


@quick
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_any_decimal(scaled: int, decimals: int) -> None:
    text = f"{scaled // 10**decimals}.{scaled % 10**decimals:0{decimals}d}"
    value = Fraction(scaled, 10**decimals)
    assert parse_answer(text).value == value
    for near in near_misses(text):
        other = parse_answer(near)
        assert len(near.partition(".")[2]) == decimals
        assert other.value != value
        assert other.value is not None
        assert other.value >= 0


@quick
@given(
    st.integers(1, 500), st.integers(2, 500), st.sampled_from([r"\frac{%d}{%d}", "%d/%d", r"-\frac{%d}{%d}"])
)
def test_any_fraction(above: int, below: int, pattern: str) -> None:
    text = pattern % (above, below)
    value = Fraction(above, below) * (-1 if pattern.startswith("-") else 1)
    assert parse_answer(text).value == value
    for near in near_misses(text):
        other = parse_answer(near).value
        assert other is not None
        assert other != value
        assert other.denominator > 1
        assert (other < 0) == (value < 0)


@quick
@given(st.text(alphabet="0123456789.,-+/\\${}()[]^_%x fracsqt", max_size=25))
def test_any_text_is_read_without_error(text: str) -> None:
    answer = parse_answer(text)
    assert answer.prefix + answer.core + answer.suffix == text
    near_misses(text)
    compare_exactly(text, "1")


def test_milli_is_not_mega() -> None:
    with Equivalence(inline=True) as equivalence:
        assert equivalence.compare("3 mA", "3 MA").relation is Relation.UNDECIDED
        assert equivalence.compare("3 mA", "3 mA").relation is Relation.SAME
        assert equivalence.compare("3 miles", "3 Miles").relation is Relation.SAME
