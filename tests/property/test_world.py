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
        (["Ana has 12 - 19 = -7 apples."], ["wrong relation"]),
        (["Ana has 19 = 12 + 7 apples.", "Ana has 19 = 19 apples.", "19 = 20"], [None, None, "unreadable"]),
        (["Ana: 12 + 7 = 19 apples.", "19 apples belong to Ana.", "We know that Ana has 19 apples."],
         [None] * 3),
        (["19 apples belong to Ana.", "19 apples belong to Ana."], [SKIP, "carried error"]),
        (["Because Ana has 12 + 7 = 19 apples, for Ben: 19 * 3 = 57 pears."], [None]),
        (["Because Tom has 12 apples, if we put everything together, Tom and Tom have 24 apples."],
         ["unknown quantity"]),
        (["Because of this, we go on.", "Because we can, here is Ana."], [None, None]),
        (["Tom has 7 more apples than Ana.", "Ana has 7 fewer apples than Tom."], ["wrong relation"] * 2),
        (["Ben has (12 + 7) * 3 = 57 pears.", "Ben has 57 - 5 = 52 more pears than Max.",
          "We know that Ben has 52 more pears than Max.", "Max has 52 fewer pears than Ben."], [None] * 4),
        (["Ana: 12 + 7 = 20 apples.", "Ana: 12 + 7 = 19 apples.", "Ben: 19 * 3 = 57 pears.",
          "Ben: 20 * 3 = 60 pears."], ["false arithmetic", None, None, "carried error"]),
        (["Ana: 12 + 7 = 20 apples.", "Max has 6 pears.", "Ben: 20 * 3 = 60 pears.",
          "The answer is: 19 * 3 + 5"], ["false arithmetic", "wrong operand", "carried error",
          "quantity not yet known"]),
        (["Ana has \u0661\u0662 + 7 = 19 apples.", "Ana has \u00bd apples."], ["unreadable"] * 2),
    ],
)  # fmt: skip
def test_what_the_checker_says(steps, expected):
    plan = read_problem(PROBLEM)
    assert plan is not None
    assert [f.fault and f.fault.value for f in rate(plan, steps)] == expected


@pytest.mark.parametrize(
    "said",
    [
        "9" * 5000,
        "(" * 10_000 + "1" + ")" * 10_000,
        " + ".join(["1"] * 5000),
        "= =",
        "5 =",
        "- - 5",
        "*".join(["9" * 4000] * 3),
    ],
)
def test_no_text_stops_the_checker(said):
    plan = read_problem(PROBLEM)
    assert plan is not None
    steps = [f"Ana has {said} apples.", f"Ana counts {said} apples.", f"The answer is: {said}"]
    assert {finding.fault for finding in rate(plan, steps)} == {Fault.UNREADABLE}
    assert read_problem(f"Tom has {said} apples. How many apples does Tom have?") is None


@pytest.mark.parametrize(
    "fact",
    [
        "Eva has 3 more apples than Zoe.",
        "Eva has 3 more apples than Eva.",
        "Eva has 3 more apples than Gus. Gus has 3 fewer apples than Eva.",
        "Eva has 1/0 as many apples as Tom.",
    ],
)
def test_what_has_no_value_is_unknown(fact):
    plan = read_problem(f"{fact} {PROBLEM}")
    assert plan is not None
    steps = [
        "Eva has 3 apples.",
        "Eva has 12 + 3 = 15 apples.",
        "Together Eva and Tom have 3 + 12 = 15 apples.",
    ]
    assert [finding.fault for finding in rate(plan, steps)] == [Fault.UNKNOWN_QUANTITY] * 3


@pytest.mark.parametrize(
    "text",
    [
        "Tom has 12 apples. Tom has 13 apples. How many apples does Tom have?",
        "Tom has 12 apples. How many apples do Tom and Tom have together?",
        "Tom has 3 more apples than Ana. Ana has 2 fewer apples than Tom. How many apples does Ana have?",
    ],
)
def test_what_is_no_problem(text):
    assert read_problem(text) is None


def test_a_plan_with_a_great_many_derivations_is_rated_at_once():
    names = "Ada Ali Amy Ana Ben Bob Cal Cem Dan Dee Eli Eva Fay Finn Gus Hana Ian Ines Jo Kai".split()
    facts = [
        f"{c} has as many apples as {a}'s apples and {b}'s apples together."
        for a, b, c in zip(names, names[1:], names[2:], strict=False)
    ]
    plan = read_problem(
        f"Ada has 2 apples. Ali has 3 apples. {' '.join(facts)} How many apples does Kai have?"
    )
    assert plan is not None
    steps = [
        "So Kai has 4 + 9 = 13 apples.",
        "So Ana has 2 + 3 + 3 = 8 apples.",
        "Ben: 2 + 3 + 8 = 13 apples.",
    ]
    assert [finding.fault for finding in rate(plan, steps)] == [Fault.WRONG_OPERAND, None, None]


def test_nothing_is_planted_where_it_would_be_right():
    plan = read_problem(PROBLEM)
    assert plan is not None
    twice = ["Ana has 12 + 7 apples.", "Ana has 12 + 7 = 19 apples.", "Ben has (12 + 7) * 3 = 57 pears."]
    assert first_error(rate(plan, twice)) is None
    for seed in range(20):
        steps, index = plant(plan, twice, Fault.SKIPPED_NEED, Random(seed)) or ([], 0)
        assert rate(plan, steps)[index].fault is Fault.SKIPPED_NEED
        assert plant(plan, twice, Fault.NOT_YET_KNOWN, Random(seed)) is None


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
