"""What finds first errors without a model, row by row: printed beside every result of a reward model.

Axes: C chains, N steps of all chains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cpmi.evaluate.bench import CROSS_FITTED
from cpmi.evaluate.chains import RatedChains
from cpmi.evaluate.columns import random_values, relative_lengths, step_lengths
from cpmi.evaluate.outcomes import DIFFERENT, SAME, UNDECIDED
from cpmi.metrics import first_error
from cpmi.metrics.layout import Floats, Ints, Layout
from cpmi.runs.matching import NUM_FOLDS
from cpmi.types import Chain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrivialRow:
    """One way to find first errors without a model.

    Attributes:
        name: of the row.
        credit_C: 1 where a chain is predicted exactly, 1/k for a k-way tie, else 0.
        knows_answer: whether it is told which final answers are right, as no reward model is.
        note: what it was given that a fair rival would not have; "" for nothing.
    """

    name: str
    credit_C: Floats
    knows_answer: bool = False
    note: str = ""


def trivial_rows(chains: RatedChains, outcome_C: Ints | None, seed: int) -> list[TrivialRow]:
    """All of them; those that know the final answer only where `outcome_C` is given.

    Args:
        chains: what they are measured on.
        outcome_C: as `settled_outcomes` gives it; None if no final answer is known.
        seed: of the random draws.
    """
    layout = chains.layout
    none_C = (~layout.wrong_C).astype(np.float64)
    rows = [TrivialRow(name="never an error", credit_C=none_C)]
    rows += [_by_threshold(name, values_N, layout) for name, values_N in _columns(chains, seed)]
    return rows if outcome_C is None else [*rows, *_with_outcome(chains.chains, layout, outcome_C)]


def settled_outcomes(outcome_C: Ints, layout: Layout) -> Ints | None:
    """Which final answers are right, [C]: SAME or DIFFERENT; None if nothing is known of any.

    What is UNDECIDED is settled in favor of the rows that use it, by the chain's own label, so that these are
    never too easy to beat.
    """
    if (outcome_C == UNDECIDED).all():
        return None
    return np.where(outcome_C == UNDECIDED, np.where(layout.wrong_C, DIFFERENT, SAME), outcome_C)


def gated(values_N: Floats, layout: Layout, outcome_C: Ints) -> Floats:
    """Credit of naming the lowest step where the final answer is wrong, and none elsewhere, [C]."""
    lowest_C = first_error.lowest_step_credit(values_N, layout)
    return np.where(outcome_C == SAME, (~layout.wrong_C).astype(np.float64), lowest_C)


def _columns(chains: RatedChains, seed: int) -> list[tuple[str, Floats]]:
    layout = chains.layout
    length_N = step_lengths(chains.chains)
    return [
        ("random", random_values(chains.chains, seed)),
        ("position", -layout.index_N.astype(np.float64)),
        ("length", -length_N),
        ("relative length", -relative_lengths(length_N, layout)),
    ]


def _by_threshold(name: str, values_N: Floats, layout: Layout) -> TrivialRow:
    """The first step below a threshold that the other folds of problems choose."""
    by_fold = first_error.cross_fitted_thresholds(values_N, layout, NUM_FOLDS)
    threshold_C = np.array([np.nan if t is None else t for t in by_fold])[layout.fold_C]
    predicted_C = first_error.first_below(values_N, layout, threshold_C)
    return TrivialRow(
        name=name,
        credit_C=first_error.exact_credit(predicted_C, layout),
        note=f"threshold {CROSS_FITTED} of this split",
    )


def _with_outcome(chains: Sequence[Chain], layout: Layout, outcome_C: Ints) -> list[TrivialRow]:
    longest_C = gated(-step_lengths(chains), layout, outcome_C)
    guess_C = gated(np.zeros(int(layout.num_steps_C.sum())), layout, outcome_C)
    index = best_index(layout, outcome_C)
    named_C = np.where(outcome_C == DIFFERENT, index, -1)
    return [
        TrivialRow(name="outcome + random step", credit_C=guess_C, knows_answer=True, note="expected"),
        TrivialRow(
            name="outcome + fixed index",
            credit_C=first_error.exact_credit(named_C, layout),
            knows_answer=True,
            note=f"index {index}, the best on this split",
        ),
        TrivialRow(name="outcome + longest step", credit_C=longest_C, knows_answer=True, note="characters"),
    ]


def best_index(layout: Layout, outcome_C: Ints) -> int:
    """The index that is the first error of most chains with a wrong final answer, the lowest on ties."""
    first_error_C = layout.first_error_C[layout.wrong_C & (outcome_C == DIFFERENT)]
    return int(np.bincount(first_error_C).argmax()) if len(first_error_C) else 0
