"""Wrong answers of multiple choice, of texts and words, and those that come with the input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cpmi.answers import Equivalence, Grading, OtherGolds
from cpmi.engines.fake import FakeEngine
from cpmi.negatives import CandidateSet, Negatives
from cpmi.prompts import Prompter
from cpmi.runs.scheduler import Outcome, run_flows
from cpmi.types import Chain, Origin


@pytest.fixture(scope="module")
def equivalence() -> Iterator[Equivalence]:
    with Equivalence() as opened:
        yield opened


@pytest.fixture(scope="module")
def exact() -> Iterator[Equivalence]:
    with Equivalence(grading=Grading(check="exact")) as opened:
        yield opened


def propose(negatives: Negatives, texts: list[str] | None = None, **facts: Any) -> CandidateSet:
    engine = FakeEngine(texts=texts) if texts else FakeEngine()
    chain = Chain(**{"id": "c", "question": "Which?", "steps": ("We look.", "It is so."), **facts})
    (outcome,) = run_flows([("c", negatives.propose(chain, Prompter(engine.tokenizer)))], engine)
    assert isinstance(outcome, Outcome)
    assert isinstance(outcome.result, CandidateSet)
    return outcome.result


def shown(found: CandidateSet) -> list[tuple[str, Origin]]:
    return [(candidate.text, candidate.origin) for candidate in found.candidates]


CITIES = ("London", "Paris", "Rome")


def test_options_are_the_wrong_answers_of_a_choice(equivalence: Equivalence) -> None:
    found = propose(Negatives(equivalence=equivalence), gold="B", options=CITIES)
    assert shown(found)[0] == ("B", Origin.GOLD)
    assert sorted(shown(found)[1:]) == [("A", Origin.OPTION), ("C", Origin.OPTION)], "no D: there are three"
    assert found.reason == ""


def test_which_options_depends_on_the_question(equivalence: Equivalence) -> None:
    one = Negatives(equivalence=equivalence, num_negatives=1)
    drawn = {propose(one, gold="B", options=CITIES, question=f"Q{n}").candidates[1].text for n in range(20)}
    assert drawn == {"A", "C"}


def test_the_own_choice_comes_first(equivalence: Equivalence) -> None:
    own = Negatives(equivalence=equivalence, use_own=True)
    found = propose(own, gold="B", options=CITIES, steps=("We look.", "The answer is Rome."))
    assert shown(found)[1] == ("C", Origin.OWN)
    assert shown(found)[2] == ("A", Origin.OPTION)
    right = propose(own, gold="B", options=CITIES, steps=("We look.", "The answer is (B)."))
    assert right.rejected == {"own: equals the gold": 1}


def test_sampled_options_are_letters(equivalence: Equivalence) -> None:
    sampling = Negatives(equivalence=equivalence, num_negatives=2, num_sampled=3)
    found = propose(sampling, [" Rome\n", "Madrid", "(B)"], gold="B", options=CITIES)
    assert shown(found)[1:] == [("C", Origin.SAMPLED), ("A", Origin.OPTION)]
    assert found.rejected == {"sampled: equals the gold": 1, "sampled: none of the options": 1}


def test_two_right_options_are_no_rivals(equivalence: Equivalence) -> None:
    found = propose(
        Negatives(equivalence=equivalence, num_gold_forms=2), gold="B", options=CITIES, other_golds=("C",)
    )
    assert shown(found) == [("B", Origin.GOLD), ("C", Origin.EQUIVALENT), ("A", Origin.OPTION)]
    all_right = propose(Negatives(equivalence=equivalence), gold="A", options=("x", "y"), other_golds=("B",))
    assert all_right.reason == "every option is right"


def test_the_tenth_option_is_one_too(equivalence: Equivalence) -> None:
    options = tuple("abcdefghij")
    found = propose(Negatives(equivalence=equivalence, num_negatives=9), gold="J", options=options)
    assert {text for text, _ in shown(found)} == set("ABCDEFGHIJ")


def test_wrong_answers_of_the_input_need_no_verdict(equivalence: Equivalence) -> None:
    found = propose(Negatives(equivalence=equivalence), gold="Paris", distractors=("London", "paris", "Rome"))
    assert shown(found)[1:] == [("London", Origin.GIVEN), ("Rome", Origin.GIVEN)]
    assert found.rejected == {"given: equals the gold": 1}


def test_answers_of_other_problems_stand_where_texts_are_compared_exactly(
    equivalence: Equivalence, exact: Equivalence
) -> None:
    others = OtherGolds(["Rayleigh scattering of light", "The moon pulls the sea", "It is heavy"])
    gold = "Rayleigh scattering of light"
    by_math = propose(Negatives(equivalence=equivalence, other_golds=others), gold=gold)
    assert by_math.reason.startswith("no negative for a gold answer of type")
    by_text = propose(Negatives(equivalence=exact, other_golds=others), gold=gold)
    assert shown(by_text)[1:] == [("The moon pulls the sea", Origin.OTHER), ("It is heavy", Origin.OTHER)]


def test_another_right_answer_is_no_negative(exact: Equivalence) -> None:
    others = OtherGolds(["sofa", "couch", "table"])
    negatives = Negatives(equivalence=exact, other_golds=others, num_gold_forms=3)
    found = propose(negatives, gold="couch", other_golds=("sofa",))
    assert shown(found) == [
        ("couch", Origin.GOLD), ("sofa", Origin.EQUIVALENT), ("table", Origin.OTHER),
    ]  # fmt: skip
