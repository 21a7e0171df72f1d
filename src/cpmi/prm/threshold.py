"""The threshold below which a step counts as wrong, tuned on held-out problems and on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cpmi.metrics.bootstrap import draw_problems
from cpmi.metrics.first_error import accuracies, best_threshold, exact_credit, first_below
from cpmi.metrics.layout import Floats, StepLayout
from cpmi.prm.examples import MIDDLE, Example

NOT_TUNED = "nothing: the middle"


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedThreshold:
    """A threshold and where it comes from.

    Attributes:
        value: a step with a score below it counts as wrong.
        tuned_on: in words.
        f1: first-error F1 on the very chains it was tuned on, so no estimate for others; None if not tuned.
        f1_middle: the same at 0.5, which was not tuned.
        chains, wrong_chains: that it was tuned on.
    """

    value: float
    tuned_on: str
    f1: float | None = None
    f1_middle: float | None = None
    chains: int = 0
    wrong_chains: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def middle(why: str) -> TunedThreshold:
    """0.5, for a reason."""
    return TunedThreshold(value=MIDDLE, tuned_on=f"{NOT_TUNED} ({why})")


def tune_threshold(examples: Sequence[Example], scores: Sequence[Sequence[float]]) -> TunedThreshold:
    """The threshold with the best first-error F1 on held-out chains, the lowest on ties.

    Args:
        examples: held out; those whose first error is not known are not read.
        scores: [S] of each.
    """
    usable = [
        (example, found)
        for example, found in zip(examples, scores, strict=True)
        if example.first_error is not None and len(found) == len(example.steps)
    ]
    rated = [pair for pair in usable if pair[0].rated]
    chosen, source = (rated, "ratings") if rated else (usable, "labels")
    first_C = np.asarray([example.first_error for example, _ in chosen], dtype=np.int64)
    if not chosen or not (first_C >= 0).any() or (first_C >= 0).all():
        return middle("no wrong and right chains are held out")
    layout = StepLayout(
        num_steps_C=np.asarray([len(found) for _, found in chosen], dtype=np.int64),
        first_error_C=first_C,
        problem_C=np.arange(len(chosen), dtype=np.int64),
        fold_C=np.zeros(len(chosen), dtype=np.int64),
    )
    values_N = np.concatenate([np.asarray(found, dtype=np.float64) for _, found in chosen])
    best = best_threshold(values_N, layout, np.ones(len(chosen), dtype=np.bool_))
    if best is None:
        return middle("all scores are the same")
    num_wrong = int((first_C >= 0).sum())
    return TunedThreshold(
        value=best,
        tuned_on=f"{source} of {len(chosen):,} held-out chains, {num_wrong:,} of them wrong",
        f1=_f1(values_N, layout, best),
        f1_middle=_f1(values_N, layout, MIDDLE),
        chains=len(chosen),
        wrong_chains=num_wrong,
    )


def _f1(values_N: Floats, layout: StepLayout, threshold: float) -> float | None:
    predicted_C = first_below(values_N, layout, np.full(layout.num_chains, threshold))
    as_they_are = draw_problems(layout.num_problems, 0, seed=0)
    return accuracies(exact_credit(predicted_C, layout), layout, as_they_are).f1.value
