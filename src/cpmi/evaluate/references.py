"""What finds first errors without any value of a step: a blind guess, one fixed index."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpmi.evaluate.baselines import most_frequent_index
from cpmi.evaluate.bench import CROSS_FITTED, DEV, Bench
from cpmi.evaluate.result import References
from cpmi.metrics import first_error
from cpmi.metrics.bootstrap import Measured, weighted_mean
from cpmi.metrics.layout import Floats, Ints
from cpmi.runs.matching import NUM_FOLDS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _FixedIndex:
    index_C: Ints
    indices: tuple[int, ...]
    source: str


def measure_references(bench: Bench) -> References:
    """Localization, and F1 gated by the final answer, of what knows no label."""
    layout = bench.layout
    fixed = _fixed_index(bench)
    fixed_C = np.asarray(layout.first_error_C == fixed.index_C, dtype=np.float64)
    return References(
        mean_inverse_steps=bench.estimate(_mean_over_wrong(1 / layout.num_steps_C, bench)),
        best_fixed_index=bench.estimate(_mean_over_wrong(fixed_C, bench)),
        fixed_indices=fixed.indices,
        fixed_index_from=fixed.source,
        outcome_fixed_index_f1=bench.estimate(_gated_f1(fixed_C, bench)),
    )


def _mean_over_wrong(column_C: Floats, bench: Bench) -> Measured:
    layout = bench.layout
    return weighted_mean(column_C, layout.wrong_C, layout.problem_C, bench.weights_GD, first_error.NO_WRONG)


def _gated_f1(credit_C: Floats, bench: Bench) -> Measured:
    """Named where the final answer is DIFFERENT; nowhere else, as there is no threshold for UNDECIDED."""
    none_C = (~bench.layout.wrong_C).astype(np.float64)
    gated_C = first_error.gated_credit(credit_C, none_C, bench.outcome_C, bench.layout)
    return bench.accuracies(gated_C).f1


def _fixed_index(bench: Bench) -> _FixedIndex:
    layout = bench.layout
    if bench.dev is not None:
        index = most_frequent_index(bench.dev.layout, bench.dev.layout.wrong_C)
        return _FixedIndex(index_C=np.full(layout.num_chains, index), indices=(index,), source=DEV)
    indices = tuple(
        most_frequent_index(layout, layout.wrong_C & (layout.fold_C != fold)) for fold in range(NUM_FOLDS)
    )
    return _FixedIndex(index_C=np.array(indices)[layout.fold_C], indices=indices, source=CROSS_FITTED)
