"""Binary search over canned rollouts: what is visited, what is found, when it abstains."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cpmi.answers import Equivalence
from cpmi.engines.fake import FakeEngine
from cpmi.methods.binary_search import TOO_HARD, BinarySearch
from cpmi.methods.rollouts import CUT_OFF, UNDECIDED
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain, StepLabels
from tests.methods import make_method

RIGHT, WRONG = "The answer is 31.", "The answer is 36."


def chain(num_steps: int, gold: str) -> Chain:
    steps = tuple(f"Step {'abcdefghijklmnop'[index]}." for index in range(num_steps))
    return Chain(id="t", question="How many?", steps=steps, gold=gold)


def search(
    num_steps: int, rollout: Callable[[int, int], str], *, gold: str = "31", **options
) -> tuple[StepLabels, list[int], list[int]]:
    """Labels, prefixes visited in order, and seeds; `rollout(prefix, index)` is the text of one."""
    visits, seeds = [], []

    class Visited(FakeEngine):
        def sample(self, requests):
            seeds.extend(request.seed for request in requests)
            visits.extend("".join(map(chr, r.prompt)).count("Step ") for r in requests)
            return super().sample(requests)

    engine = Visited(texts=lambda prompt, index: rollout(prompt.count("Step "), index))
    with Equivalence() as equivalence:
        method = make_method(BinarySearch, equivalence=equivalence, rollouts=3, **options)
        (outcome,) = run_flows([("t", method.label(chain(num_steps, gold)))], engine)
    assert isinstance(outcome.result, StepLabels)
    return outcome.result, visits, seeds


@pytest.mark.parametrize("num_steps", range(1, 10))
def test_it_finds_every_first_error(num_steps: int) -> None:
    for first in range(1, num_steps + 1):
        labels, visits, seeds = search(
            num_steps, lambda p, i, at=first: RIGHT if p < at and i == 2 else WRONG
        )
        assert labels.values == (1.0,) * (first - 1) + (0.0,) * (num_steps - first + 1)
        assert visits[0] == num_steps
        assert len(set(visits)) == len(visits) <= 2 + num_steps.bit_length()
        assert len(set(seeds)) == len(seeds)
        assert [bool(v) for v in labels.parts["visited"]] == [p + 1 in visits for p in range(num_steps)]
    assert tuple(labels.parts) == BinarySearch.columns
    assert labels.unit == "probability"


def test_eight_steps_cost_four_visits() -> None:
    labels, visits, _ = search(8, lambda p, _: RIGHT if p < 6 else WRONG)
    assert visits == [8, 4, 6, 5]
    assert labels.parts["visited"] == (0, 0, 0, 1, 1, 1, 0, 1)
    assert labels.parts["successes"] == (0, 0, 0, 3, 3, 0, 0, 0)
    assert labels.parts["rollouts"] == (0, 0, 0, 3, 3, 3, 0, 3)


def test_no_error_is_found_where_the_whole_chain_succeeds() -> None:
    labels, visits, _ = search(5, lambda p, i: RIGHT if p == 5 and i == 0 else WRONG)
    assert labels.values == (1.0,) * 5
    assert visits == [5]


def test_no_step_is_blamed_for_a_question_that_is_too_hard() -> None:
    labels, visits, _ = search(4, lambda *_: WRONG)
    assert visits == [4, 2, 1, 0]
    assert labels.values == (None,) * 4
    assert labels.abstained == dict.fromkeys(range(4), TOO_HARD)


def test_it_stops_where_nothing_can_be_decided() -> None:
    def rollout(prefix: int, _: int) -> str:
        return {4: RIGHT, 6: "x" * 99, 8: WRONG}[prefix]

    labels, visits, _ = search(8, rollout, max_tokens=40)
    assert visits == [8, 4, 6]
    assert labels.values == (1.0, 1.0, 1.0, 1.0, None, None, None, 0.0)
    assert labels.abstained == dict.fromkeys((4, 5, 6), CUT_OFF)
    assert labels.parts["cut_off"][5] == 3


def test_a_chain_whose_end_cannot_be_decided_abstains() -> None:
    labels, visits, _ = search(3, lambda *_: "The answer is $\\pi$.", gold="180^\\circ")
    assert visits == [3]
    assert labels.abstained == dict.fromkeys(range(3), UNDECIDED)


def test_one_right_rollout_is_enough_among_cut_off_ones() -> None:
    labels, _, _ = search(2, lambda p, i: "x" * 99 if i else RIGHT if p < 2 else WRONG, max_tokens=40)
    assert labels.values == (1.0, 0.0)


def test_it_needs_a_gold_answer() -> None:
    with Equivalence() as equivalence:
        method = make_method(BinarySearch, equivalence=equivalence)
        with pytest.raises(ValueError, match="gold"):
            next(method.label(Chain(id="t", question="q", steps=("s",))))
