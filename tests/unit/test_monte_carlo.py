"""Monte-Carlo labels over canned rollouts: counting, abstaining, what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from cpmi.answers import Equivalence
from cpmi.engines.fake import FakeEngine
from cpmi.errors import ContextTooLongError
from cpmi.languages import ENGLISH
from cpmi.methods.monte_carlo import MonteCarlo
from cpmi.methods.rollouts import CUT_OFF, NEITHER, UNDECIDED
from cpmi.requests import SampleRequest, Samples
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain, Origin, StepLabels
from tests.methods import make_method

TRAJECTORY = Chain(
    id="t",
    question="A crate holds 12 bottles. Mia fills 3 crates and drops 5. How many are left?",
    steps=("Three crates hold 3 * 12 = 36 bottles.", "36 - 5 = 31 are left.", "The answer is 31."),
    gold="31",
)
RIGHT, WRONG, NONE = "So the answer is 31.", "The answer is 36.", "Who knows."


def monte_carlo(equivalence: Equivalence, **options) -> MonteCarlo:
    return make_method(MonteCarlo, equivalence=equivalence, **options)


def read(chain: Chain, replies: Sequence[Sequence[tuple[str, str]]], **options) -> StepLabels:
    """The labels from replies of (text, finish)."""
    with Equivalence(inline=True) as equivalence:
        flow = monte_carlo(equivalence, **options).label(chain)
        assert len(next(flow)) == len(replies)
        with pytest.raises(StopIteration) as end:
            flow.send(
                tuple(
                    Samples(texts=tuple(t for t, _ in reply), finish=tuple(f for _, f in reply))
                    for reply in replies
                )
            )
        return end.value.value


def stop(*texts: str) -> list[tuple[str, str]]:
    return [(text, "stop") for text in texts]


def test_the_label_is_the_share_of_decided_rollouts_that_are_right() -> None:
    cut = [("The answer is 36", "length")]
    replies = [stop(RIGHT, WRONG, WRONG) + cut, stop(RIGHT, RIGHT, RIGHT, WRONG), stop("", "", RIGHT, WRONG)]
    labels = read(TRAJECTORY, replies)
    assert labels.values == (1 / 3, 3 / 4, 3 / 4)
    assert labels.parts["successes"] == (1, 3, 3)
    assert labels.parts["rollouts"] == (4, 4, 4)
    assert labels.parts["cut_off"] == (1, 0, 0)
    assert labels.parts["undecided"] == (0, 0, 0)
    assert labels.unit == "probability"
    assert [(c.text, c.origin) for c in labels.candidates] == [("31", Origin.GOLD)]
    assert labels.marks["mentions_gold"] == (False, True, True)
    assert tuple(labels.parts) == MonteCarlo.columns


def test_the_hard_label_is_whether_any_rollout_is_right() -> None:
    replies = [stop(RIGHT, WRONG), stop(WRONG, WRONG), stop(RIGHT, RIGHT)]
    assert read(TRAJECTORY, replies, label="hard").values == (1.0, 0.0, 1.0)


def test_after_the_first_steps_nothing_is_asked_and_nothing_said() -> None:
    labels = read(TRAJECTORY, [stop(RIGHT, WRONG), [("", "length")]], first_steps=2)
    assert labels.values == (0.5, None, None)
    assert labels.abstained == {1: CUT_OFF, 2: "after the first 2 steps"}
    assert labels.parts["rollouts"] == (2, 1, 0)
    assert labels.parts["successes"] == (1, 0, 0)
    assert len(labels.marks["mentions_gold"]) == 3
    assert read(TRAJECTORY, [stop(RIGHT)], first_steps=1).abstained[2] == "after the first step"


def test_the_first_steps_are_labeled_as_in_a_whole_run() -> None:
    def rollout(prompt: str, index: int) -> str:
        return RIGHT if index < prompt.count("\n") - 5 else WRONG

    found = {}
    for first_steps in (None, 1, 2, 3, 9):
        with Equivalence() as equivalence:
            flow = monte_carlo(equivalence, first_steps=first_steps).label(TRAJECTORY)
            (outcome,) = run_flows([("t", flow)], FakeEngine(texts=rollout))
        assert isinstance(outcome.result, StepLabels)
        found[first_steps] = outcome.result, outcome.usage
    whole, cost = found[None]
    assert found[3] == found[9] == found[None]
    for num_first in (1, 2):
        labels, usage = found[num_first]
        assert labels.values[:num_first] == whole.values[:num_first]
        assert set(labels.values[num_first:]) == {None}
        assert usage.calls == num_first
        assert 0 < usage.generated_tokens < cost.generated_tokens


def test_a_cut_off_rollout_is_not_a_wrong_one() -> None:
    cut = [(WRONG, "length"), (RIGHT, "length")]
    labels = read(TRAJECTORY, [cut, cut[:1] + stop(RIGHT), stop(WRONG) + cut[1:]])
    assert labels.values == (None, 1.0, 0.0)
    assert labels.abstained == {0: CUT_OFF}
    assert labels.parts["successes"] == (0, 1, 0)


def test_an_undecided_answer_is_neither_right_nor_wrong() -> None:
    chain = Chain(id="t", question="Angle?", steps=("It is half a turn.",) * 2, gold="180^\\circ")
    undecided = "The answer is $\\pi$."
    labels = read(chain, [stop(undecided), [*stop(undecided), ("", "length")]])
    assert labels.values == (None, None)
    assert labels.abstained == {0: UNDECIDED, 1: NEITHER}
    assert labels.parts["undecided"] == (1, 1)


def test_a_rollout_that_ends_without_an_answer_is_wrong() -> None:
    chain = Chain(id="t", question="How many?", steps=("Let us see.",), gold="31")
    assert read(chain, [stop(NONE, RIGHT)]).values == (0.5,)


def test_all_prefixes_are_asked_for_at_once_and_begin_each_other() -> None:
    with Equivalence() as equivalence:
        method = monte_carlo(equivalence, rollouts=5, temperature=0.7, top_p=0.9, max_tokens=33)
        requests = next(method.label(TRAJECTORY))
        again = next(method.label(TRAJECTORY))
        other = next(monte_carlo(equivalence, seed=1).label(TRAJECTORY))
    assert requests == again
    assert len(requests) == 3
    texts = ["".join(map(chr, request.prompt)) for request in requests]
    assert all(text.endswith(step + "\n") for text, step in zip(texts, TRAJECTORY.steps, strict=True))
    assert all(longer.startswith(text) for text, longer in pairwise(texts))
    assert len({request.seed for request in requests + other}) == 6
    assert {(r.num_samples, r.temperature, r.top_p, r.max_tokens, r.stop) for r in requests} == {
        (5, 0.7, 0.9, 33, ENGLISH.run_on)
    }


def test_it_runs_as_a_flow_and_reports_its_cost() -> None:
    def rollout(prompt: str, index: int) -> str:
        return RIGHT if prompt.count("\n") > 8 or index == 0 else WRONG

    with Equivalence() as equivalence:
        (outcome,) = run_flows([("t", monte_carlo(equivalence).label(TRAJECTORY))], FakeEngine(texts=rollout))
    assert isinstance(outcome.result, StepLabels)
    assert outcome.result.values[-1] >= outcome.result.values[0] == 1 / 8
    assert outcome.usage.generated_tokens > 0
    assert outcome.usage.calls == 3


def test_a_chain_that_is_too_long_says_which_option_helps() -> None:
    with Equivalence() as equivalence:
        flow = monte_carlo(equivalence, max_tokens=10_000).label(TRAJECTORY)
        (outcome,) = run_flows([("t", flow)], FakeEngine(max_positions=5_000))
    assert isinstance(outcome.result, ContextTooLongError)
    assert "--max-tokens" in str(outcome.result)


def test_it_needs_a_gold_answer() -> None:
    with Equivalence() as equivalence, pytest.raises(ValueError, match="gold"):
        next(monte_carlo(equivalence).label(Chain(id="t", question="q", steps=("s",))))


def test_requests_are_sample_requests() -> None:
    with Equivalence() as equivalence:
        (asked, *_) = next(monte_carlo(equivalence).label(TRAJECTORY))
    assert isinstance(asked, SampleRequest)
