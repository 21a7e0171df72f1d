"""The judge over canned log-probabilities: its two labels, its parts, chains without a gold answer."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cpmi.engines.fake import FakeEngine
from cpmi.languages import ENGLISH
from cpmi.methods.judge import Judge
from cpmi.requests import ScoreTree, TreeLogprobs
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain, StepLabels
from tests.methods import make_method

TRAJECTORY = Chain(
    id="t", question="How many?", steps=("2 + 2 = 4.", "4 + 1 = 6.", "The answer is 6."), gold="5"
)


def judge(**options) -> Judge:
    return make_method(Judge, **options)


def read(margins: list[list[float]], **options) -> StepLabels:
    """Labels from log-odds [K][S] of the markers; what the two have in common must not matter."""
    marked = [(logprob,) for row in margins for m in row for logprob in (m - 9.0, -9.0)]
    own = [(-1.0, -0.5)] * len(TRAJECTORY.steps)
    reply = TreeLogprobs(branches=tuple(marked + own))
    return judge(variants=len(margins), **options).read(TRAJECTORY, reply)


def test_the_margin_is_the_mean_of_the_log_odds() -> None:
    labels = read([[2.0, -1.0, 0.0], [4.0, -2.0, 1.0]])
    assert labels.values == pytest.approx((3.0, -1.5, 0.5))
    assert labels.unit == "nat"
    assert tuple(labels.parts) == Judge.columns
    for right, wrong in zip(labels.parts["log_right"], labels.parts["log_wrong"], strict=True):
        assert math.exp(right) + math.exp(wrong) == pytest.approx(1.0)
    assert labels.parts["step_logprob"] == (-1.5,) * 3
    assert labels.parts["step_tokens"] == (2,) * 3


def test_the_first_error_is_wrong_after_steps_that_are_right() -> None:
    labels = read([[3.0, -2.0, -4.0]], label="first_error")
    right, wrong = labels.parts["log_right"], labels.parts["log_wrong"]
    scores = [wrong[0], right[0] + wrong[1], right[0] + right[1] + wrong[2]]
    assert labels.parts["first_error"] == pytest.approx(scores)
    assert labels.values == pytest.approx([-score for score in scores])
    assert min(labels.values) == labels.values[1], "the third step looks worse, but comes after an error"
    # With "no error", the places of the first error are all there is.
    assert sum(map(math.exp, [*scores, sum(right)])) == pytest.approx(1.0)


def test_one_tree_asks_for_every_step_and_marker() -> None:
    tree = judge(variants=2).tree(TRAJECTORY)
    assert isinstance(tree, ScoreTree)
    text = "".join(map(chr, tree.shared_prefix))
    assert text.startswith(ENGLISH.judge)
    assert text.endswith("The answer is 6.\n")
    branches = [
        (text[: branch.at].splitlines()[-1], "".join(map(chr, branch.tokens)), branch.num_context)
        for branch in tree.branches
    ]
    asked = [
        (step, cue + marker, len(cue))
        for cue, *markers in ENGLISH.judgments[:2]
        for step in TRAJECTORY.steps
        for marker in markers
    ]
    assert branches[:12] == asked
    assert [tokens for _, tokens, _ in branches[12:]] == [f"{step}\n" for step in TRAJECTORY.steps]


def test_the_short_style_says_the_same_words() -> None:
    tree = make_method(Judge, prompt="short").tree(TRAJECTORY)
    assert "".join(map(chr, tree.shared_prefix)).startswith("Problem: How many?\nSolution:\n")
    assert tree.branches[0].tokens == tuple(map(ord, ENGLISH.judgments[0][0] + ENGLISH.judgments[0][1]))


def test_it_needs_no_gold_and_compares_no_answers() -> None:
    unknown = replace(TRAJECTORY, gold=None)
    graded, ungraded = (
        outcome.result
        for outcome in run_flows(
            [("a", judge().label(TRAJECTORY)), ("b", judge().label(unknown))], FakeEngine()
        )
    )
    assert isinstance(graded, StepLabels)
    assert isinstance(ungraded, StepLabels)
    assert graded.values == ungraded.values
    assert graded.candidates == ungraded.candidates == ()
    assert graded.marks == {"mentions_gold": (False, False, False)}
    assert ungraded.marks == {}
    assert Judge.needs_gold is False


def test_it_abstains_where_the_model_gives_no_number() -> None:
    (outcome,) = run_flows([("t", judge().label(TRAJECTORY))], FakeEngine(logprob=lambda *_: -math.inf))
    assert isinstance(outcome.result, StepLabels)
    assert outcome.result.values == (None,) * 3
    assert "not finite" in outcome.result.abstained[0]


def test_the_wordings_differ() -> None:
    assert len({cue for cue, _, _ in ENGLISH.judgments}) == len(ENGLISH.judgments) >= 2
    assert all(right != wrong and not wrong.startswith(right) for _, right, wrong in ENGLISH.judgments)
