"""Model-free baselines: what is known of steps and of first errors without any model.

One set for all tables: labels, ProcessBench, PRMBench, exports. Values are greater for better steps.

Axes: C chains, N steps of all chains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpmi.evaluate.bench import CROSS_FITTED, Thresholds
from cpmi.evaluate.outcomes import DIFFERENT, SAME, UNDECIDED
from cpmi.evaluate.step_facts import StepFacts
from cpmi.metrics import first_error
from cpmi.metrics.layout import Bools, Floats, Ints, StepLayout

RANDOM, OUTCOME_LONGEST = "random", "outcome + longest step"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """One way to find first errors, with a model or without.

    Attributes:
        name: of its row.
        credit_C: 1 where a chain is predicted exactly, 1/k for a k-way tie, else 0.
        knows_answer: whether it uses final-answer correctness, as no reward model does.
        note: what it was given that a fair rival would not have; "" for nothing.
    """

    name: str
    credit_C: Floats
    knows_answer: bool = False
    note: str = ""


def step_baselines(steps: StepFacts, layout: StepLayout) -> dict[str, Floats]:
    """Values of all steps by the name of the baseline, each [N]."""
    return {
        RANDOM: steps.random_N,
        "position": -layout.index_N.astype(np.float64),
        "length": -steps.length_N,
        "relative length": -relative_lengths(steps.length_N, layout),
    }


def first_error_baselines(steps: StepFacts, layout: StepLayout, outcome_C: Ints | None) -> list[Predictions]:
    """All of them; those that use the final answer only where `outcome_C` is given.

    Args:
        steps, layout: what they are measured on.
        outcome_C: as `settled_outcomes` gives it; None if no final answer is known.
    """
    never_C = (~layout.wrong_C).astype(np.float64)
    rows = [Predictions(name="never an error", credit_C=never_C)]
    for name, values_N in step_baselines(steps, layout).items():
        # The first step below a threshold that the other folds of problems choose.
        threshold_C = Thresholds.cross_fitted(values_N, layout).threshold_C
        found_C = first_error.exact_credit(first_error.first_below(values_N, layout, threshold_C), layout)
        rows.append(Predictions(name=name, credit_C=found_C, note=f"threshold {CROSS_FITTED} of this split"))
    if outcome_C is None:
        return rows
    index = most_frequent_index(layout, layout.wrong_C & (outcome_C == DIFFERENT))
    credits = {
        "outcome + random step": (layout.wrong_C / layout.num_steps_C, "expected"),
        "outcome + fixed index": (layout.first_error_C == index, f"step {index + 1}, the best on this split"),
        OUTCOME_LONGEST: (first_error.lowest_step_credit(-steps.length_N, layout), "characters"),
    }
    return rows + [
        Predictions(
            name=name,
            credit_C=first_error.gated_credit(named_C, never_C, outcome_C, layout),
            knows_answer=True,
            note=note,
        )
        for name, (named_C, note) in credits.items()
    ]


def settled_outcomes(outcome_C: Ints, layout: StepLayout) -> Ints | None:
    """Which final answers are right, [C]: SAME or DIFFERENT; None if nothing is known of any.

    What is UNDECIDED is settled in favor of the baselines that use it, by the chain's ratings, so that these
    are never too easy to beat.
    """
    if (outcome_C == UNDECIDED).all():
        return None
    return np.where(outcome_C == UNDECIDED, np.where(layout.wrong_C, DIFFERENT, SAME), outcome_C)


def most_frequent_index(layout: StepLayout, of_C: Bools) -> int:
    """The index that is the first error of most of the wrong chains `of_C`, the lowest on ties; 0 if none."""
    return int(np.bincount(layout.first_error_C[of_C]).argmax()) if of_C.any() else 0


def relative_lengths(length_N: Floats, layout: StepLayout) -> Floats:
    """Every step's length by the mean length of its chain's steps, [N]."""
    total_C = np.add.reduceat(length_N, layout.begin_C)
    # One division of whole numbers, so that equal shares are equal numbers and count as ties.
    return np.asarray(length_N * layout.num_steps_C[layout.chain_N] / total_C[layout.chain_N])
