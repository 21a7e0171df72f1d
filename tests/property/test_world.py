"""The world keeps its promises: right chains are right, every planted fault is found where it was planted."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpmi.embedded.world import (
    LEVELS,
    PLANTED,
    Fault,
    Split,
    draw_problem,
    first_error,
    plant,
    rate,
    read_problem,
    solve,
    split_of,
)
from cpmi.embedded.world.expression import form, parse
from cpmi.embedded.world.language import read_step
from cpmi.types import Rating

seeds = st.integers(0, 2**32)
splits = st.sampled_from(tuple(Split))


@settings(max_examples=60, deadline=None)
@given(seeds, splits, st.sampled_from(tuple(LEVELS)))
def test_a_problem_reads_back_as_its_plan_and_belongs_to_its_split(seed, split, level):
    problem = draw_problem(Random(seed), split, level)
    plan = read_problem(problem.text)
    assert plan is not None
    assert dict(plan.rules) == dict(problem.plan.rules)
    assert plan.asked == problem.plan.asked
    assert split_of(plan) is Split(split)
    fewest, most, num_distractors = LEVELS[level]
    assert fewest <= len(list(plan.needs(plan.asked))) <= most
    needed = {leaf for q in plan.needs(plan.asked) for leaf in (q, *plan.formulas(q)[0].leaves())}
    assert len(set(plan.rules) - needed) <= num_distractors


@settings(max_examples=100, deadline=None)
@given(seeds, st.sampled_from(tuple(LEVELS)))
def test_a_solution_is_right_in_every_step(seed, level):
    random = Random(seed)
    problem = draw_problem(random, Split.TRAIN, level)
    steps = solve(problem.plan, random)
    findings = rate(problem.plan, steps)
    assert [f.detail for f in findings if f.rating is Rating.WRONG] == []
    assert all(
        (f.rating is Rating.NEUTRAL) == (read_step(s) == []) for f, s in zip(findings, steps, strict=True)
    )
    assert steps[-1] == f"The answer is: {problem.gold}"


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_a_reworded_and_reordered_solution_stays_right(seed):
    random = Random(seed)
    problem = draw_problem(random, Split.TRAIN, 3)
    first, second = solve(problem.plan, random), solve(problem.plan, random)
    assert first_error(rate(problem.plan, second)) is None
    assert first_error(rate(problem.plan, [*first[:-1], *second])) is None  # all said twice


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from(PLANTED))
def test_a_planted_fault_is_found_at_its_step(seed, fault):
    random = Random(seed)
    problem = draw_problem(random, Split.TRAIN)
    planted = plant(problem.plan, solve(problem.plan, random), fault, random)
    if planted is None:
        return
    steps, index = planted
    findings = rate(problem.plan, steps)
    assert first_error(findings) == index
    assert findings[index].fault is fault


SKIP = Fault.SKIPPED_NEED.value
PROBLEM = (
    "Tom has 12 apples. Ana has 7 more apples than Tom. Ben has 3 times as many pears as Ana has apples. "
    "Max counts 5 pears. How many pears do Ben and Max have together?"
)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["Ana: 12 + 7 = 19 apples.", "Ben: 19 * 3 = 57 pears.", "The answer is: 62"], [None, None, SKIP]),
        (["Ben has (12 + 7) * 3 = 57 pears.", "Together Ben and Max have 5 + 57 = 62 pears."], [None, None]),
        (["Tom has 12 apples.", "Next comes Ben.", "Tom has 13 apples."], [None, None, "wrong operand"]),
        (["Ana has 7 + 12 = 20 apples."], ["false arithmetic"]),
        (["Ana has 12 + 5 = 17 apples."], ["wrong operand"]),
        (["Ana has 12 - 7 = 5 apples.", "Ben has 5 * 3 = 15 pears."], ["wrong relation", "carried error"]),
        (["Ben has 19 * 3 = 57 pears."], ["quantity not yet known"]),
        (["Ana has 19 apples."], ["skipped need"]),
        (["Zoe has 12 + 7 = 19 apples."], ["unknown quantity"]),
        (["Ana has 7 more apples than Tom.", "Tom has 7 fewer apples than Ana."], [None, None]),
        (["Ana has 8 more apples than Tom."], ["wrong operand"]),
        (["Because Ana has 7 times as many apples as Tom, for Ana: 19 = 19 apples."], ["wrong relation"]),
        (["Ana has, all in all, 19 of them"], ["unreadable"]),
        (["Ana has 12 + 7 = 19 = 20 apples."], ["false arithmetic"]),
        (["Because Ana has 7 more apples than Tom, for Ana: 12 + 7 = 19 apples."], [None]),
        (["We know that Tom has 12 apples.", "We know that Tom has 11 apples."], [None, "wrong operand"]),
        (["Ana has 12 / 0 = 19 apples."], ["false arithmetic"]),
    ],
)  # fmt: skip
def test_what_the_checker_says(steps, expected):
    plan = read_problem(PROBLEM)
    assert plan is not None
    assert [f.fault and f.fault.value for f in rate(plan, steps)] == expected


def test_a_remark_is_neutral_and_a_restated_fact_right():
    plan = read_problem(PROBLEM)
    assert plan is not None
    findings = rate(plan, ["One thing after the other.", "Max counts 5 pears."])
    assert [f.rating for f in findings] == [Rating.NEUTRAL, Rating.RIGHT]


def test_splits_share_neither_structures_nor_numbers():
    drawn = {
        split: [draw_problem(Random(f"{split}{seed}"), split).plan for seed in range(150)] for split in Split
    }
    shapes = [{plan.shape() for plan in plans} for plans in drawn.values()]
    numbers = [{plan.constants() for plan in plans} for plans in drawn.values()]
    for sets in (shapes, numbers):
        assert sum(map(len, sets)) == len(set.union(*sets))


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("3 + 4", "4 + 3", True),
        ("3 - 4", "4 - 3", False),
        ("2 * 3 / 4", "2 / 4 * 3", True),
        ("(1 + 2) + 3", "3 + (2 + 1)", True),
        ("2 * (3 + 4)", "2 * 3 + 4", False),
        ("5 * 1", "5", True),
    ],
)
def test_forms(left, right, same):
    assert (form(parse(left)) == form(parse(right))) is same


@pytest.mark.parametrize("text", ["", "3 +", "(3", "3 4", "x", "3)"])
def test_what_is_no_expression(text):
    assert parse(text) is None


def test_all_faults_can_be_told():
    assert {fault.value for fault in PLANTED} < {fault.value for fault in Fault}
