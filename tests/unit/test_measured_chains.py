"""Chains without their texts are measured as chains with them."""

from __future__ import annotations

import numpy as np

from cpmi.answers import Equivalence
from cpmi.evaluate.chains import RatedChains, make_layout
from cpmi.evaluate.measured_chains import MeasuredChains
from cpmi.evaluate.step_facts import RATINGS, StepFacts
from cpmi.types import Chain, Rating


def some_chains() -> list[Chain]:
    return [
        Chain(
            id=f"c{number}",
            question=f"What is {number // 3} + 1?",
            steps=tuple(f"step {'x' * (number + step)}" for step in range(1 + number % 4)),
            ratings=tuple(RATINGS[(number + step) % 3] for step in range(1 + number % 4)),
            meta={"generator": "ab"[number % 2]} if number % 5 else {},
        )
        for number in range(20)
    ]


def first_errors(chains: list[Chain]) -> list[int]:
    return [t.first_error for t in chains if isinstance(t.first_error, int)]


def test_what_is_known_of_steps() -> None:
    chains = some_chains()
    found = StepFacts.of([*chains, Chain(id="unrated", question="?", steps=("abc",))], seed=3)
    assert found.length_N.tolist() == [*(len(step) for t in chains for step in t.steps), 3]
    rated = [Rating(RATINGS[code]) for code in found.rating_N[:-1]]
    assert rated == [rating for t in chains for rating in t.ratings or ()]
    assert found.rating_N[-1] == len(RATINGS)
    assert ((found.random_N >= 0) & (found.random_N < 1)).all()
    alone = StepFacts.of(chains[7:8], seed=3)
    begin = sum(len(t.steps) for t in chains[:7])
    assert found.random_N[begin : begin + len(chains[7].steps)].tolist() == alone.random_N.tolist()


def test_some_chains_have_the_layout_that_is_made_of_them_alone() -> None:
    chains = some_chains()
    keep_C = np.array([number % 3 != 1 and number > 4 for number in range(len(chains))])
    kept = [t for t, keep in zip(chains, keep_C, strict=True) if keep]
    found = make_layout(chains, first_errors(chains)).only(keep_C)
    expected = make_layout(kept, first_errors(kept))
    for name in ("num_steps_C", "first_error_C", "problem_C", "fold_C"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name


def test_chains_by_an_entry_are_measured_as_if_there_were_no_others() -> None:
    chains = some_chains()
    with Equivalence() as equivalence:

        def measured(some: list[Chain]) -> MeasuredChains:
            rated = RatedChains(
                chains=tuple(some), layout=make_layout(some, first_errors(some)), runs=(), left_out=()
            )
            return MeasuredChains.of(rated, equivalence, seed=0, key="generator")

        found = measured(chains).only("generator", "a")
        expected = measured([t for t in chains if t.meta.get("generator") == "a"])
    assert found.values_C == expected.values_C
    assert found.outcomes.undecided == expected.outcomes.undecided == {"no gold answer": len(found.values_C)}
    assert found.outcomes.outcome_C.tolist() == expected.outcomes.outcome_C.tolist()
    for name in ("length_N", "random_N", "rating_N"):
        assert getattr(found.steps, name).tolist() == getattr(expected.steps, name).tolist(), name
    (others,) = found.left_out
    assert (others.reason, others.num_chains) == ("generator is not a", 20 - len(found.values_C))
