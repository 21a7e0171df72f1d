"""What is measured, as columns of values a step: the labels of runs, and what needs no model.

Greater is better in all of them. NaN stands for a step without a value.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cpmi.evaluate.chains import LabeledRun, RatedChains
from cpmi.evaluate.outcomes import DIFFERENT, SAME, UNDECIDED
from cpmi.evaluate.result import Kind
from cpmi.metrics.layout import Bools, Floats, Ints, Layout
from cpmi.types import Chain

COMBINATION = "trivial combination"
OUTCOME_LONGEST = "outcome + longest step"
TRIVIAL_NAMES = (
    "random",
    "position",
    "length",
    "relative_length",
    "num_steps",
    "outcome",
    OUTCOME_LONGEST,
)


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
    kind: Kind
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


def trivial_columns(chains: RatedChains, outcome_C: Ints, seed: int) -> list[Column]:
    """What needs no model, but for the fitted combination."""
    layout = chains.layout
    length_N = step_lengths(chains.chains)
    outcome_N = outcome_C[layout.chain_N]
    values = {
        "random": (random_values(chains.chains, seed), "draw"),
        "position": (-layout.index_N.astype(np.float64), "steps"),
        "length": (-length_N, "characters"),
        "relative_length": (-relative_lengths(length_N, layout), "share of the chain's mean"),
        "num_steps": (layout.num_steps_C[layout.chain_N].astype(np.float64), "steps"),
        "outcome": (np.where(outcome_N == UNDECIDED, np.nan, outcome_N == SAME), "right or wrong"),
        OUTCOME_LONGEST: (_outcome_and_longest(length_N, outcome_N, layout), "right or wrong"),
    }
    return [
        Column(
            name=name, kind="trivial", unit=unit, values_N=values_N, knows_answer=name.startswith("outcome")
        )
        for name, (values_N, unit) in values.items()
    ]


def random_values(chains: Sequence[Chain], seed: int) -> Floats:
    """A uniform draw a step, from (seed, id of the chain), so that it does not depend on other chains."""
    draws = []
    for chain in chains:
        digest = hashlib.sha256(f"{seed}\0{chain.id}".encode("utf-8", "surrogatepass")).digest()
        draws.append(np.random.default_rng(int.from_bytes(digest[:8])).random(len(chain.steps)))
    return np.concatenate(draws)


def step_lengths(chains: Sequence[Chain]) -> Floats:
    """Characters of every step, [N]."""
    return np.array([len(step) for t in chains for step in t.steps], dtype=np.float64)


def relative_lengths(length_N: Floats, layout: Layout) -> Floats:
    """Every step's length by the mean length of its chain's steps, [N]."""
    total_C = np.add.reduceat(length_N, layout.begin_C)
    # One division of whole numbers, so that equal shares are equal numbers and count as ties.
    return np.asarray(length_N * layout.num_steps_C[layout.chain_N] / total_C[layout.chain_N])


def is_longest(length_N: Floats, layout: Layout) -> Bools:
    """Which steps are the longest of their chain; several on ties."""
    return np.asarray(length_N == np.maximum.reduceat(length_N, layout.begin_C)[layout.chain_N])


def _outcome_and_longest(length_N: Floats, outcome_N: Ints, layout: Layout) -> Floats:
    """0 for the longest step of a chain whose final answer is DIFFERENT, else 1; NaN where UNDECIDED."""
    flagged_N = is_longest(length_N, layout) & (outcome_N == DIFFERENT)
    return np.where(outcome_N == UNDECIDED, np.nan, np.where(flagged_N, 0.0, 1.0))


def _names(runs: Sequence[LabeledRun]) -> list[str]:
    taken = {*TRIVIAL_NAMES, COMBINATION}
    for naming in (_by_method, _by_folder_name):
        names = [naming(run) for run in runs]
        counts = Counter(names)
        if all(counts[name] == 1 and name not in taken for name in names):
            return names
    return [f"{run.facts.method} in {run.facts.folder}" for run in runs]


def _by_method(run: LabeledRun) -> str:
    return run.facts.method


def _by_folder_name(run: LabeledRun) -> str:
    return Path(run.facts.folder).resolve().name
