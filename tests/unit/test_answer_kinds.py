"""Answers that are no numbers: how they are read, compared and judged."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cpmi.answers import Equivalence, Grading, judged, stated_answer
from cpmi.answers.choices import letter_of
from cpmi.answers.judged import NO_GOLD, NO_OPTION, STATES_NO_ANSWER
from cpmi.errors import AnswerCheckError, ConfigError, RecordError
from cpmi.types import Chain, Problem, Relation

CITIES = ("London", "Paris", "Rome")
ODD = """
import sys
calls = []
def same(gold, answer):
    calls.append((gold, answer))
    if answer == "fails":
        raise KeyError("no")
    if answer == "odd":
        return "yes"
    return None if answer == "open" else gold.lower() == answer.lower()
def one(gold):
    return True
"""


def chain(last: str, **facts: object) -> Chain:
    known = {"id": "a", "question": "Which?", "steps": ("Think.", last), **facts}
    return Chain(**known)  # type: ignore[arg-type]


def relation(first: str, second: str, check: str) -> Relation:
    with Equivalence(inline=True, grading=Grading(check=check)) as equivalence:
        return equivalence.compare(first, second).relation


@pytest.fixture
def own(tmp_path: Path) -> str:
    (tmp_path / "odd.py").write_text(ODD)
    return f"{tmp_path / 'odd.py'}:"


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("(B)", "B"),
        ("b", "B"),
        ("B.", "B"),
        ("B. Paris", "B"),
        ("(B) Paris", "B"),
        ("Paris", "B"),
        ("paris.", "B"),
        ("the answer is Paris", "B"),
        ("The answer is (B).", "B"),
        ("The answer is **B. Paris**", "B"),
        ("The correct option is C) Rome", "C"),
        (r"So it is $\boxed{B}$.", "B"),
        (r"\boxed{\text{Rome}}", "C"),
        ("So the capital of France is Paris.", "B"),
        ("Therefore, option B is correct.", "B"),
        ("I choose (C)", "C"),
        ("Hence (A) is the answer.", "A"),
        ("Answer: B. Paris, because it is so.", "B"),
        ("The answer is Madrid", "Madrid"),
        ("It is not Paris", None),
        ("Option B is wrong.", None),
        ("So the incorrect one is Rome.", None),
        ("It can't be that the capital is Rome", None),
        ("Option A is wrong.\nSo I pick B", "B"),
        ("Nobody knows.", None),
    ],
)
def test_the_stated_option(text: str, letter: str | None) -> None:
    assert stated_answer(chain(text, options=CITIES)) == letter


def test_an_answer_of_the_input_is_a_letter_too() -> None:
    assert stated_answer(chain("So.", options=CITIES, answer="Paris")) == "B"
    assert stated_answer(chain("So.", options=CITIES, answer="Madrid")) == "Madrid"
    assert stated_answer(chain("It is Rome", options=CITIES, meta={"finish": "length"})) is None


def test_what_could_be_two_options_is_none() -> None:
    assert letter_of("A", ("B", "A")) is None  # the letter A, or the text of B
    assert letter_of("A", ("A", "B", "AB", "O")) == "A"
    assert letter_of("AB", ("A", "B", "AB", "O")) == "C"
    assert letter_of("same", ("same", "Same")) is None
    assert letter_of("B) Rome", CITIES) is None
    assert letter_of("8", ("7", "8.0")) == "B"
    assert letter_of("A. Lincoln", ("A. Lincoln", "Grant")) == "A"
    assert letter_of("D", CITIES) is None


@pytest.mark.parametrize(
    ("facts", "last", "expected", "reason"),
    [
        ({"gold": "4"}, "The answer is 4.", "same", ""),
        ({"gold": "4"}, "The answer is 5.", "different", ""),
        ({"gold": "4"}, "Who knows", "undecided", STATES_NO_ANSWER),
        ({}, "The answer is 4.", "undecided", NO_GOLD),
        ({"outcome": True}, "Who knows", "same", ""),
        ({"outcome": False, "gold": "4"}, "The answer is 4.", "different", ""),
        ({"gold": "7", "other_golds": ("4",)}, "The answer is 4.", "same", ""),
        ({"gold": "7", "other_golds": ("8",)}, "The answer is 4.", "different", ""),
        ({"gold": "7", "other_golds": ("25%",)}, "The answer is 25.", "undecided", None),
        ({"gold": "B", "options": CITIES}, "It is Paris", "same", ""),
        ({"gold": "B", "options": CITIES}, "It is Rome", "different", ""),
        ({"gold": "B", "other_golds": ("C",), "options": CITIES}, "It is Rome", "same", ""),
        ({"gold": "B", "options": CITIES}, "The answer is Madrid", "undecided", NO_OPTION),
        ({"gold": "L", "options": tuple(map(str, range(30, 45)))}, "So it is 41", "same", ""),
        ({"gold": "mercury", "distractors": ("iron", "tin")}, "The answer is tin.", "different", ""),
        ({"gold": "mercury", "distractors": ("iron",)}, "The answer is tin.", "undecided", None),
        ({"gold": "tin", "distractors": ("iron", "tin")}, "The answer is tin.", "same", ""),
        ({"gold": "true"}, "The answer is True.", "same", ""),
        ({"gold": "true"}, "The answer is false.", "different", ""),
        ({"gold": "yes"}, "The answer is No.", "different", ""),
    ],
)
def test_a_final_answer_is_judged(
    facts: dict[str, object], last: str, expected: str, reason: str | None
) -> None:
    with Equivalence(inline=True) as equivalence:
        verdict = judged(chain(last, **facts), equivalence)
    assert verdict.relation == expected
    assert reason is None or verdict.reason == reason


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("New  York\n", "New York", True),
        ("Zürich", "Zu\u0308rich", True),
        ("He ran.", "He ran", True),
        ("Wait...", "Wait", False),
        ("Paris", "paris", False),
        ("return x", "return  x", True),
        ('{"a": 1, "b": [2.50, true]}', '{"b":[2.5,true],"a":1.0}', True),
        ('{"a": 1}', '{"a": true}', False),
        ('{"a": 1}', '{"a": 1, "b": null}', False),
        ("[1, 2]", "[2, 1]", False),
        ("1", "true", False),
        ("NaN", "Infinity", False),
        ('{"a": 1, "a": 2}', '{"a": 2}', False),
        ("[" * 5000, "[" * 5001, False),
        ("9" * 6000, "9" * 6000 + ".0", True),
        ("1/2", "0.5", False),
    ],
)
def test_exact(first: str, second: str, same: bool) -> None:
    expected = Relation.SAME if same else Relation.DIFFERENT
    assert relation(first, second, "exact") is expected
    assert relation(second, first, "exact") is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("B", "(b)", "same"), ("option B", "B.", "same"), ("B", "K", "different"), ("B", "Paris", "undecided")],
)
def test_choice(first: str, second: str, expected: str) -> None:
    assert relation(first, second, "choice") == expected


def test_a_function_of_the_user_is_asked_in_order(own: str) -> None:
    with Equivalence(grading=Grading(check=f"{own}same")) as equivalence:
        found = equivalence.compare_many([("b", "A"), ("a", "A"), ("a", "open"), ("b", "A")])
        assert [verdict.relation for verdict in found] == ["different", "same", "undecided", "different"]
        assert equivalence.num_workers_started == 0


@pytest.mark.parametrize("answer", ["fails", "odd"])
def test_a_failing_function_names_the_pair(own: str, answer: str) -> None:
    with (
        Equivalence(grading=Grading(check=f"{own}same")) as equivalence,
        pytest.raises(AnswerCheckError, match=rf"same\('gold', '{answer}'\).*expected True, False or None"),
    ):
        equivalence.compare("gold", answer)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("maths", "no such comparison"),
        ("odd.py:", "no such comparison"),
        ("nowhere.py:same", "no such file"),
        ("no.such.module:same", "the answer check cannot be loaded"),
        ("{own}nothing", "there is no such function"),
        ("{own}calls", "there is no such function"),
        ("{own}one", "does not take a gold and an answer"),
    ],
)
def test_a_check_that_cannot_be_used(own: str, check: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Equivalence(grading=Grading(check=check.format(own=own)))


def test_percent_is_one_of_two() -> None:
    with pytest.raises(ConfigError, match="undecided or same"):
        Grading(percent="equal")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"options": ("one",), "gold": "A"}, "another number of options"),
        ({"options": ("one", " "), "gold": "A"}, "an empty option"),
        ({"options": CITIES, "gold": "D"}, "not the letter of an option"),
        ({"options": CITIES, "gold": "Paris"}, "not the letter of an option"),
        ({"options": CITIES, "gold": "A", "other_golds": ("E",)}, "not the letter of an option"),
        ({"other_golds": ("4",)}, "no first one"),
        ({"distractors": ("",)}, "an empty distractor"),
    ],
)
def test_facts_that_do_not_fit(facts: dict[str, object], said: str) -> None:
    with pytest.raises(RecordError, match=said):
        chain("So.", **facts)
    with pytest.raises(RecordError, match=said):
        Problem(id="a", question="Which?", **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", ["is ", "option ", "(A) ", "B is the ", "Paris ", "$x$ ", "* ", "a"])
def test_time_is_linear_in_the_text(unit: str) -> None:
    began = time.process_time()
    stated_answer(chain(unit * (60_000 // len(unit)), options=CITIES))
    assert time.process_time() - began < 2
