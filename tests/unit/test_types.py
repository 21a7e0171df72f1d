"""What a chain's ratings and a label's parts tell: the first error, and the counts of rollouts."""

from __future__ import annotations

import pytest

from cpmi.errors import RecordError
from cpmi.types import Chain, FirstErrorUnknown, Rating, StepLabels

R, N, W, X = Rating.RIGHT, Rating.NEUTRAL, Rating.WRONG, Rating.NOT_JUDGED


@pytest.mark.parametrize(
    ("ratings", "first_error"),
    [
        ((R, N, R), -1),
        ((R, W, X), 1),
        ((W, X, W), 0),
        ((X, W, R), FirstErrorUnknown.NOT_JUDGED_BEFORE),
        ((R, X, R), FirstErrorUnknown.NOT_ALL_JUDGED),
        ((X, X, X), FirstErrorUnknown.NO_RATINGS),
        (None, FirstErrorUnknown.NO_RATINGS),
    ],
)
def test_the_first_error_is_known_only_if_every_step_before_it_is_judged(ratings, first_error):
    assert Chain(id="a", question="Q?", steps=("a", "b", "c"), ratings=ratings).first_error == first_error


def labels(**parts: tuple[float, ...]) -> StepLabels:
    return StepLabels(chain_id="a", method="m", values=(0.5, 0.5), unit="probability", parts=parts)


def test_rollouts_that_decide_nothing_are_not_counted():
    counted = {
        "successes": (3.0, 0.0),
        "rollouts": (8.0, 8.0),
        "undecided": (1.0, 6.0),
        "cut_off": (2.0, 2.0),
    }
    assert labels(**counted).rollout_counts == ((3, 5), None)
    assert labels(successes=(3.0, 0.0)).rollout_counts is None
    assert labels(**{name: (*column, 1.0) for name, column in counted.items()}).rollout_counts is None


def test_a_chain_from_text() -> None:
    made = Chain.from_text("How many?", "2 + 2 = 4.\n\nThe answer is 4.", gold="4")
    assert made.steps == ("2 + 2 = 4.", "The answer is 4.")
    assert (made.gold, made.meta) == ("4", {})
    assert made == Chain.from_text("How many?", "2 + 2 = 4.\n\nThe answer is 4.", gold="4")
    assert made.id != Chain.from_text("How many?", "2 + 2 = 4.\n\nThe answer is 5.").id
    assert Chain.from_text("Q", "one\ntwo", id="a", split_steps="line").steps == ("one", "two")


def test_a_chain_from_text_knows_its_thinking_and_its_end() -> None:
    whole = Chain.from_text("Q", "<think>\na\n\nb\n</think>\n\nSo 4.")
    assert whole.steps == ("a", "b", "So 4.")
    assert whole.meta == {"thinking_steps": "2"}
    assert not whole.cut_off
    assert Chain.from_text("Q", "<think>\na\n\nb").cut_off


def test_a_blank_solution_is_no_chain() -> None:
    with pytest.raises(RecordError, match="no step"):
        Chain.from_text("Q", "  \n ")
