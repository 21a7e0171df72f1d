"""The combined baseline, and what a label adds to it: discrete-time hazard models.

A hazard is the probability that a step is the first error, given that none before it is one. It is fitted by
logistic regression (L2, C = 1) on steps 0..L of wrong chains, with features standardized on the training
folds, and always applied to a fold of problems that it was not fitted on.

Axes: N steps, F features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cpmi.evaluate.baselines import relative_lengths
from cpmi.evaluate.measured_chains import MeasuredChains
from cpmi.extras import needed
from cpmi.metrics.layout import Bools, Floats, Ints, StepLayout
from cpmi.runs.matching import NUM_FOLDS

_NUM_INDEX_FEATURES = 7  # index 0..6 one-hot; later steps are the reference
_C = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossFit:
    """Predictions out of fold.

    Attributes:
        logit_N: of the modeled event; NaN where the fold's model could not be fitted or is not applied.
        notes: why not, one line a fold.
    """

    logit_N: Floats
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BaselineFeatures:
    """Index one-hot, S, log characters, log relative length, as columns of which `of` makes a matrix."""

    index_N: Ints
    num_steps_N: Ints
    log_length_N: Floats
    log_relative_N: Floats

    def of(self, some_N: Bools) -> Floats:
        """Of some of the steps, [., F]."""
        return np.column_stack(
            [
                self.index_N[some_N][:, None] == np.arange(_NUM_INDEX_FEATURES),
                self.num_steps_N[some_N],
                self.log_length_N[some_N],
                self.log_relative_N[some_N],
            ]
        )


def baseline_features(chains: MeasuredChains) -> BaselineFeatures:
    """What is known of steps without a model."""
    layout, length_N = chains.layout, chains.steps.length_N
    return BaselineFeatures(
        index_N=layout.index_N,
        num_steps_N=layout.num_steps_C[layout.chain_N],
        log_length_N=np.log(length_N),
        log_relative_N=np.log(relative_lengths(length_N, layout)),
    )


def fit_hazard(baselines: BaselineFeatures, layout: StepLayout, values_N: Floats | None = None) -> CrossFit:
    """Hazards of every step from the baselines' features and, if given, a label, out of fold."""

    def features(train_N: Bools, of_N: Bools) -> Floats:
        if values_N is None:
            return baselines.of(of_N)
        with_nulls = _with_nulls(values_N, train_N)
        return np.column_stack([baselines.of(of_N), *(column_N[of_N] for column_N in with_nulls)])

    everywhere_N = np.ones(len(baselines.index_N), dtype=np.bool_)
    return _cross_fit(features, layout.is_first_error_N, layout.at_risk_N, everywhere_N, layout)


def fit_platt(values_N: Floats, layout: StepLayout) -> CrossFit:
    """The probability that a step is not the first error, by a logistic curve of the label, out of fold.

    On steps 0..L of wrong chains that have a label.
    """
    used_N = layout.at_risk_N & ~np.isnan(values_N)

    def features(train_N: Bools, of_N: Bools) -> Floats:
        return np.column_stack([_with_nulls(values_N, train_N)[0][of_N]])

    return _cross_fit(features, ~layout.is_first_error_N, used_N, used_N, layout)


def _with_nulls(values_N: Floats, train_N: Bools) -> tuple[Floats, Floats]:
    """The label with its mean over the training steps where it is missing, and whether it is."""
    null_N = np.isnan(values_N)
    known = values_N[train_N & ~null_N]
    mean = known.mean() if len(known) else 0.0
    return np.where(null_N, mean, values_N), null_N.astype(np.float64)


def _cross_fit(
    features: Callable[[Bools, Bools], Floats],
    event_N: Bools,
    fit_N: Bools,
    apply_N: Bools,
    layout: StepLayout,
) -> CrossFit:
    """Fit on the steps `fit_N` of four folds, apply to the steps `apply_N` of the fifth, for each.

    `features` are those of some steps (its second argument), after those that are fitted on (its first).
    """
    fold_N = layout.fold_C[layout.chain_N]
    logit_N = np.full(len(event_N), np.nan)
    notes = []
    for fold in range(NUM_FOLDS):
        train_N, test_N = fit_N & (fold_N != fold), apply_N & (fold_N == fold)
        if not test_N.any():
            continue
        num_events, num_train = int(event_N[train_N].sum()), int(train_N.sum())
        if num_events in (0, num_train):
            notes.append(f"fold {fold}: nothing to fit on ({num_events} of {num_train} steps in the others)")
            continue
        logit_N[test_N] = _fit(features(train_N, train_N), event_N[train_N], features(train_N, test_N))
    return CrossFit(logit_N=logit_N, notes=tuple(notes))


def _fit(train_NF: Floats, event_N: Bools, test_NF: Floats) -> Floats:
    center, scale = train_NF.mean(axis=0), train_NF.std(axis=0)
    # A feature that does not vary says nothing; rounding leaves some of them a tiny deviation.
    scale = np.where(scale > 1e-9 * (1 + np.abs(center)), scale, 1.0)
    model = _logistic_regression()
    model.fit((train_NF - center) / scale, event_N)
    return np.asarray(model.decision_function((test_NF - center) / scale), dtype=np.float64)


def _logistic_regression() -> Any:
    with needed():
        from sklearn.linear_model import LogisticRegression
    return LogisticRegression(C=_C, max_iter=1000)
