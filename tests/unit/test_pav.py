"""Process advantage over canned rollouts: the formula, its two kinds of prover, the roles, abstaining."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cpmi import formulas
from cpmi.answers import Equivalence
from cpmi.engines.fake import CharacterTokenizer, FakeEngine
from cpmi.methods.pav import Pav
from cpmi.methods.rollouts import CUT_OFF
from cpmi.requests import Engines, SampleRequest, Samples
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain, StepLabels
from tests.methods import make_method

RIGHT, WRONG, LONG = "The answer is 31.", "The answer is 36.", "x" * 99
TRAJECTORY = Chain(id="t", question="How many?", steps=("Step a.", "Step b.", "Step c."), gold="31")


class Counting(FakeEngine):
    """Of N rollouts from prefix p, the first `successes[p]` are right; -1: all are cut off."""

    def __init__(self, successes: Sequence[int], *, begin: str = "") -> None:
        def text(prompt: str, index: int) -> str:
            num_right = successes[prompt.count("Step ")]
            return LONG if num_right < 0 else RIGHT if index < num_right else WRONG

        super().__init__(texts=text, tokenizer=CharacterTokenizer(begin=begin))
        self.asked: list[SampleRequest] = []

    def sample(self, requests: Sequence[SampleRequest]) -> list[Samples]:
        self.asked += requests
        return super().sample(requests)


def label(engines: Engines, policy: FakeEngine, prover: FakeEngine | None = None, **options) -> StepLabels:
    with Equivalence() as equivalence:
        method = make_method(
            "pav",
            policy.tokenizer,
            equivalence=equivalence,
            second={} if prover is None else {"prover": prover.tokenizer},
            rollouts=4,
            max_tokens=40,
            **options,
        )
        (outcome,) = run_flows([("t", method.label(TRAJECTORY))], engines)
    assert isinstance(outcome.result, StepLabels)
    return outcome.result


def test_by_default_the_prover_is_the_best_of_four_tries_of_the_policy() -> None:
    engine = Counting([2, 1, 4, 0])
    labels = label(engine, engine, alpha=2.0)
    q = [0.5, 0.25, 1.0, 0.0]
    proved = [1 - (1 - value) ** 4 for value in q]
    assert labels.values == pytest.approx([q[i] + 2 * (proved[i] - proved[i - 1]) for i in (1, 2, 3)])
    assert len(engine.asked) == 4, "one visit a prefix, the bare question included"
    assert labels.parts["successes"] == (1, 4, 0)
    assert labels.parts["prover_successes"] == (2, 1, 4, 0)
    assert tuple(labels.parts) == Pav.columns
    assert labels.unit == "success rate"


def test_a_prover_of_its_own_is_asked_in_its_own_tokens() -> None:
    policy, prover = Counting([0, 1, 2, 3]), Counting([1, 3, 3, 0], begin="<s>")
    labels = label({"policy": policy, "prover": prover}, policy, prover)
    assert labels.values == pytest.approx([0.25 + 0.5, 0.5 + 0.0, 0.75 - 0.75])
    assert labels.parts["rollouts"] == (4, 4, 4)
    assert labels.parts["prover_successes"] == (1, 3, 3, 0)
    assert {request.role for request in policy.asked} == {"policy"}
    assert {request.role for request in prover.asked} == {"prover"}
    assert len(policy.asked) == 3
    assert len(prover.asked) == 4
    for request in prover.asked:
        assert "".join(map(chr, request.prompt)).startswith("<s>")
    assert not {request.seed for request in policy.asked} & {request.seed for request in prover.asked}


def test_the_usage_is_the_total_over_both_models() -> None:
    policy, prover = Counting([0, 1, 2, 3]), Counting([1, 3, 3, 0])
    with Equivalence() as equivalence:
        method = make_method(
            "pav",
            policy.tokenizer,
            equivalence=equivalence,
            second={"prover": prover.tokenizer},
            rollouts=2,
        )
        flow = method.label(TRAJECTORY)
        (outcome,) = run_flows([("t", flow)], {"policy": policy, "prover": prover})
    assert outcome.usage.calls == 7


def test_a_step_abstains_where_any_of_its_rates_is_unknown() -> None:
    policy, prover = Counting([0, 1, 2, -1]), Counting([1, -1, 3, 0])
    labels = label({"policy": policy, "prover": prover}, policy, prover)
    assert labels.values == (None, None, None)
    assert labels.abstained == dict.fromkeys(range(3), CUT_OFF)
    known = label({"policy": policy, "prover": Counting([-1, 1, 3, 0])}, policy, prover)
    assert known.values == (None, pytest.approx(0.5 + 0.5), None)


def test_best_of_k_and_effective_reward() -> None:
    assert [formulas.best_of(q, 3) for q in (0.0, 0.5, 1.0)] == [0.0, 0.875, 1.0]
    assert formulas.best_of(0.3, 1) == pytest.approx(0.3)
    assert formulas.effective_reward(0.5, 0.25, 1.0, 2.0) == 2.0
    assert formulas.effective_reward(0.5, 0.25, 1.0, 0.0) == 0.5
