"""Pairs of answers of every kind that was once judged wrong, and texts that must not take long."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from cpmi.answers import Equivalence, parse_answer
from cpmi.answers.symbolic import compare_symbolically

sys.path.insert(0, str(Path(__file__).parent))
from answer_pairs import ANSWER_PAIRS
from formula_pairs import FORMULA_PAIRS


@pytest.mark.parametrize(("first", "second", "right"), ANSWER_PAIRS + FORMULA_PAIRS)
def test_verdict(first: str, second: str, right: str) -> None:
    with Equivalence(inline=True) as equivalence:
        relation = equivalence.compare(first, second).relation
    assert compare_symbolically(first, second)[0] == compare_symbolically(second, first)[0] == relation
    assert relation != right.removeprefix("not") if right.startswith("not") else relation == right


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10**6,
        "1," * 5 * 10**5,
        r"\boxed{" * 10**5,
        "$" * 10**6,
        ";" * 10**6,
        "9" * 10**6,
        "x^" * 5 * 10**5,
    ],
    ids=lambda text: text[:8],
)
def test_a_million_characters_are_refused_at_once(text: str) -> None:
    start = time.process_time()
    parse_answer(text)
    compare_symbolically(text, "x+1")
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (r"9^{9^{9^9}}", "1"),
        (r"e^{e^{e^{99}}}", "x"),
        (r"((99!)!)!", "x"),
        (r"\binom{10^9}{10^8}", "1"),
        (r"(x+1)^{10^8}", r"(1+x)^{10^8}"),
        (r"\sin(10^{10^6})", "1"),
        (r"x^{10^{10^{10}}}", "1"),
        ("(1," * 300 + "2" + ")" * 300, "1"),
        ("+".join(rf"\sqrt{{{n}}}" for n in range(2, 30)), "100"),
        ("-".join(rf"\sqrt[{n}]{{x}}" for n in range(2, 12)), "x"),
        (r"\sin" * 300 + "x", "1"),
        ("1e9999", "1e9998"),
    ],
)
def test_hostile_formulas_end(first: str, second: str) -> None:
    start = time.process_time()
    assert compare_symbolically(first, second)[0] in ("undecided", "different")
    assert time.process_time() - start < 3.0
