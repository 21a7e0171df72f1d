"""How good exported labels are where their chains are rated, beside what needs no model.

The measure is that of ProcessBench: is the first step labeled wrong the first error, and is none labeled so
in a right chain?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cpmi.answers import Equivalence, Grading
from cpmi.evaluate.baselines import Predictions, first_error_baselines, settled_outcomes
from cpmi.evaluate.bench import estimates
from cpmi.evaluate.chains import make_layout
from cpmi.evaluate.outcomes import compare_outcomes
from cpmi.evaluate.result import Estimate
from cpmi.evaluate.step_facts import StepFacts
from cpmi.exports.rows import RatedRow
from cpmi.metrics import first_error
from cpmi.metrics.bootstrap import draw_problems
from cpmi.types import Chain

LABELS = "these labels"
NUM_DRAWS = 2000
DEFAULT = Grading()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """One line: the labels, or what does without a model.

    Attributes:
        name: of the row.
        knows_answer: whether it uses final-answer correctness.
        f1, acc_err, acc_corr: first-error F1 and the two accuracies; in [0, 1].
        note: what a baseline was given.
    """

    name: str
    knows_answer: bool
    f1: Estimate
    acc_err: Estimate
    acc_corr: Estimate
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Of the exported chains whose first error is known."""

    num_wrong: int
    num_right: int
    num_problems: int
    rows: tuple[QualityRow, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure_quality(rated: Sequence[RatedRow], grading: Grading = DEFAULT, seed: int = 0) -> Quality | None:
    """Measure the boolean labels; None if no exported chain has a known first error."""
    if not rated:
        return None
    return quality_of(
        [row.chain for row in rated],
        [row.first_error for row in rated],
        [row.predicted for row in rated],
        grading=grading,
        seed=seed,
    )


def quality_of(
    chains: Sequence[Chain],
    first_errors: Sequence[int],
    predicted: Sequence[int],
    *,
    name: str = LABELS,
    grading: Grading = DEFAULT,
    seed: int = 0,
) -> Quality:
    """Measure predicted first errors, beside what needs no model.

    Args:
        chains: C of them, at least one.
        first_errors, predicted: of each; -1 for none.
        name: of the row.
        grading: how answers are compared.
        seed: of the draws of problems.
    """
    layout = make_layout(chains, first_errors)
    with Equivalence(grading=grading) as equivalence:
        outcome_C = compare_outcomes(chains, equivalence).outcome_C
    steps = StepFacts.of(chains, seed)
    settled_C = settled_outcomes(outcome_C, layout)
    own = Predictions(name=name, credit_C=first_error.exact_credit(np.array(predicted), layout))
    weights_GD = draw_problems(layout.num_problems, NUM_DRAWS, seed)
    made = [
        QualityRow(
            name=row.name,
            knows_answer=row.knows_answer,
            **estimates(first_error.accuracies(row.credit_C, layout, weights_GD), layout.num_problems),
            note=row.note,
        )
        for row in (own, *first_error_baselines(steps, layout, settled_C))
    ]
    num_wrong = int(layout.wrong_C.sum())
    return Quality(
        num_wrong=num_wrong,
        num_right=layout.num_chains - num_wrong,
        num_problems=layout.num_problems,
        rows=tuple(made),
    )
