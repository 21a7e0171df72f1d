"""The check `exact` compares texts as they are written."""

from __future__ import annotations

import pytest

from cpmi.answers import Equivalence, Grading, answer_in, judged_all, stated_answer, texts_wanted
from cpmi.types import Chain, Problem

EXACT = Grading(check="exact")


def chain(step: str, gold: str, **known: object) -> Chain:
    return Chain(id="t", question="q?", steps=("So.", step), gold=gold, **known)  # type: ignore[arg-type]


def verdict(one: Chain) -> str:
    with Equivalence(grading=EXACT) as equivalence:
        return judged_all([one], equivalence)[0].relation.value


@pytest.mark.parametrize(
    ("step", "gold"),
    [
        ("答案是A和B。", "A和B"),
        ("答案是7个苹果。", "7个苹果"),
        ("答案是北京，中国。", "北京，中国"),
        ("答案是１２", "１２"),
        ("إذن لديه ٧ أقلام.", "٧"),
        ("الجواب: مُحَمَّد", "مُحَمَّد"),
        ("The answer is A and B.", "A and B"),
        ("The answer is approximately 5.", "approximately 5"),
        ("The answer is **Paris**.", "Paris"),
        (r"So it is \boxed{A and B}.", "A and B"),
        ('So we get\n{"a": 1}', '{"a": 1}'),
        ('So we get\n```json\n{"a": 1}\n```', '{"a": 1}'),
        ("So:\n```python\nprint(2)\n```", "print(2)"),
        ("Answer:\n```\nx = 1\ny = 2\n```", "x = 1\ny = 2"),
        ("In 1969 men landed on the moon.", "In 1969 men landed on the moon."),
        ("So she has 18 eggs.", "18"),
    ],
)
def test_an_end_that_is_the_gold_is_right(step: str, gold: str) -> None:
    assert verdict(chain(step, gold)) == "same"


def test_a_point_stays_one_beside_decimal_commas() -> None:
    assert verdict(chain("Die Antwort ist 3.5.", "3.5", meta={"decimal": "comma"})) == "same"


@pytest.mark.parametrize(
    ("step", "gold", "relation"),
    [
        ("The answer is London.", "Paris", "different"),
        ("答案是12", "１２", "different"),
        (r"So it is \boxed{A and C}.", "A and B", "different"),
        ("Paris, with its 2 million people, is the capital.", "Paris", "undecided"),
        ('{"a": 2}', '{"a": 1}', "undecided"),
    ],
)
def test_only_what_was_announced_can_be_wrong(step: str, gold: str, relation: str) -> None:
    assert verdict(chain(step, gold)) == relation


def test_what_is_shown_is_what_was_compared() -> None:
    assert stated_answer(chain("答案是A和B。", "A和B"), EXACT) == "A和B"
    assert stated_answer(chain("The answer is A and C.", "A and B"), EXACT) == "A and C"
    assert stated_answer(chain("The answer is A and C.", "A and B")) == "A, C"


def test_a_wrong_answer_of_the_input_is_found_at_the_end() -> None:
    assert verdict(chain("So it is\nRome", "Paris", distractors=("Rome",))) == "different"


def test_options_stay_letters() -> None:
    problem = Problem(id="p", question="q?", gold="A", options=("Paris", "Rome"))
    assert texts_wanted(problem, EXACT) is None
    assert answer_in("The answer is Rome.", problem.options, "point", None) == "B"
