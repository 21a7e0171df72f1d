"""Candidate answers: order, type, distinctness, reasons; and the gold is never shown when sampling."""

from __future__ import annotations

import pytest

from cpmi.answers import Equivalence, OtherGolds, parse_answer
from cpmi.engines.fake import FakeEngine
from cpmi.negatives import Negatives
from cpmi.prompts import Prompter
from cpmi.runs.scheduler import run_flows
from cpmi.types import Candidate, Chain, Origin


@pytest.fixture(scope="module")
def equivalence():
    with Equivalence() as opened:
        yield opened


def chain(gold: str, *steps: str, answer: str | None = None) -> Chain:
    return Chain(id="c", question="How many?", steps=steps or ("We count.",), gold=gold, answer=answer)


def propose(negatives: Negatives, chain: Chain, engine: FakeEngine | None = None):
    engine = engine or FakeEngine()
    flow = negatives.propose(chain, Prompter(engine.tokenizer))
    return run_flows([("c", flow)], engine)[0].result


def test_order_is_own_then_sampled_then_inside_then_rule(equivalence):
    engine = FakeEngine(texts=[" 50\n", "18", "maybe 60.", "50"])
    negatives = Negatives(
        equivalence=equivalence, num_negatives=6, num_sampled=4, num_intermediate=1, use_own=True
    )
    found = propose(negatives, chain("18", "2 * 7 = 14", "14 + 3 = 17", answer="17"), engine)
    origins = [c.origin for c in found.candidates]
    texts = [c.text for c in found.candidates]
    assert texts[:4] == ["18", "17", "50", "60"]
    assert origins[:4] == [Origin.GOLD, Origin.OWN, Origin.SAMPLED, Origin.SAMPLED]
    assert set(origins[4:]) == {Origin.RULE}, "17 inside the chain repeats the own answer"
    assert found.rejected["sampled: equals the gold"] == 1
    assert found.rejected["intermediate: not distinct from another negative"] == 1
    assert len(texts) == len(set(texts)) == 7


def test_the_right_own_answer_is_no_negative(equivalence):
    found = propose(Negatives(equivalence=equivalence, use_own=True), chain("0.5", answer="1/2"))
    assert all(c.origin is Origin.RULE for c in found.candidates[1:])


def test_negatives_take_the_golds_type_and_style(equivalence):
    found = propose(Negatives(equivalence=equivalence, use_own=True), chain("\\$18.00", answer="25"))
    assert found.candidates[1].text == "\\$25.00"
    kinds = {parse_answer(c.text).kind for c in found.candidates}
    assert kinds == {parse_answer("\\$18.00").kind}


def test_without_a_negative_there_is_a_reason(equivalence):
    found = propose(Negatives(equivalence=equivalence), chain("\\text{Evelyn}"))
    assert len(found.candidates) == 1
    assert found.reason == "no negative for a gold answer of type word"


def test_answers_of_other_problems_are_the_last_resort(equivalence):
    others = OtherGolds(["no", "7", "tree", "true", "9"])
    with_others = Negatives(equivalence=equivalence, num_negatives=3, other_golds=others)
    found = propose(with_others, chain("true"))
    assert [(c.text, c.origin) for c in found.candidates[1:]] == [("false", Origin.RULE)]
    assert any(reason.startswith("other: undecided") for reason in found.rejected)
    numbers = propose(with_others, chain("8"))
    assert {c.origin for c in numbers.candidates[1:]} == {Origin.RULE}, "near misses come first"
    assert propose(with_others, chain("yes")).candidates[1:] == (Candidate(text="no", origin=Origin.RULE),)


def test_gold_forms_are_synonyms_not_rivals(equivalence):
    found = propose(Negatives(equivalence=equivalence, num_gold_forms=3), chain("\\frac{1}{2}"))
    right = [c.text for c in found.candidates if c.right]
    assert right[0] == "\\frac{1}{2}"
    assert "0.5" in right
    assert not {c.text for c in found.candidates if not c.right} & set(right)


def test_the_gold_is_not_shown_when_answers_are_sampled(equivalence):
    shown = []

    def texts(prompt: str, _: int) -> str:
        shown.append(prompt)
        return "7"

    negatives = Negatives(equivalence=equivalence, num_sampled=2)
    propose(negatives, chain("918273", "First step."), FakeEngine(texts=texts))
    assert "First step." in shown[0]
    assert "918273" not in shown[0]


def test_sampling_is_seeded_by_the_chains_id(equivalence):
    negatives = Negatives(equivalence=equivalence, num_sampled=1)

    def seed(name: str) -> int:
        chain = Chain(id=name, question="?", steps=("s",), gold="18")
        asked = next(negatives.propose(chain, Prompter(FakeEngine().tokenizer)))
        return asked[0].seed

    assert seed("a") == seed("a") != seed("b")
