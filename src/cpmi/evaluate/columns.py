"""What is measured, as columns of values a step: the labels of runs, and what needs no model.

Greater is better in all of them. NaN stands for a step without a value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cpmi.evaluate.baselines import OUTCOME_LONGEST, RANDOM, step_baselines
from cpmi.evaluate.chains import LabeledRun
from cpmi.evaluate.measured_chains import MeasuredChains
from cpmi.evaluate.outcomes import DIFFERENT, SAME, UNDECIDED
from cpmi.evaluate.result import EvaluationKind
from cpmi.metrics.first_error import is_lowest
from cpmi.metrics.layout import Bools, Floats
from cpmi.places import real

COMBINED = "combined baseline"
OUTCOME = "outcome"
UNITS = {
    RANDOM: "draw",
    "position": "steps",
    "length": "characters",
    "relative length": "share of the chain's mean",
    "number of steps": "steps",
    OUTCOME: "right or wrong",
    OUTCOME_LONGEST: "right or wrong",
}
"""Of the model-free baselines, by their names, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One value a step, and where it comes from.

    Attributes:
        name: of its row.
        kind: of its row.
        unit: of the values.
        values_N: greater is better; NaN for none.
        folder: the run folder of a label.
        method: the method of a label.
        printed_N: which steps print a candidate answer, where a method compares candidates.
        knows_answer: whether the values follow from the final answer being right, so that its F1 is
            comparable to gated ones only.
        reads_answer: whether a label takes it into account beside other things, and may still find an error
            in a chain that ends right.
    """

    name: str
    kind: EvaluationKind
    unit: str
    values_N: Floats
    folder: str | None = None
    method: str | None = None
    printed_N: Bools | None = None
    knows_answer: bool = False
    reads_answer: bool = False


def label_columns(runs: Sequence[LabeledRun]) -> list[Column]:
    """The labels, under their method's name, or their folder's where that is not enough."""
    names = _names(runs)
    return [
        Column(
            name=name,
            kind="label",
            unit=run.unit,
            values_N=run.values_N,
            folder=run.facts.folder,
            method=run.facts.method,
            printed_N=run.printed_N,
            reads_answer=run.facts.knows_answer,
        )
        for name, run in zip(names, runs, strict=True)
    ]


def baseline_columns(chains: MeasuredChains) -> list[Column]:
    """The model-free baselines, but for the combined one."""
    layout = chains.layout
    outcome_N = chains.outcomes.outcome_C[layout.chain_N]
    steps = step_baselines(chains.steps, layout)
    longest_N = is_lowest(steps["length"], layout)
    flagged_N = longest_N & (outcome_N == DIFFERENT)
    values = {
        **steps,
        "number of steps": layout.num_steps_C[layout.chain_N].astype(np.float64),
        OUTCOME: np.where(outcome_N == UNDECIDED, np.nan, outcome_N == SAME),
        OUTCOME_LONGEST: np.where(outcome_N == UNDECIDED, np.nan, ~flagged_N),
    }
    return [
        Column(
            name=name,
            kind="baseline",
            unit=UNITS[name],
            values_N=values_N,
            knows_answer=name in (OUTCOME, OUTCOME_LONGEST),
        )
        for name, values_N in values.items()
    ]


def _names(runs: Sequence[LabeledRun]) -> list[str]:
    taken = {*UNITS, COMBINED}
    for naming in (_by_method, _by_folder_name):
        names = [naming(run) for run in runs]
        counts = Counter(names)
        if all(counts[name] == 1 and name not in taken for name in names):
            return names
    return [f"{run.facts.method} in {run.facts.folder}" for run in runs]


def _by_method(run: LabeledRun) -> str:
    return run.facts.method


def _by_folder_name(run: LabeledRun) -> str:
    return real(run.facts.folder).name
