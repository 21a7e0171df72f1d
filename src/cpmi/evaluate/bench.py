"""What every row of one evaluation is measured on: the chains, the draws, the pairs, the thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpmi.evaluate.measured_chains import MeasuredChains
from cpmi.evaluate.result import Estimate
from cpmi.metrics import concordance, first_error
from cpmi.metrics.bootstrap import Measured, Weights, draw_problems
from cpmi.metrics.layout import Floats, Ints, StepLayout
from cpmi.runs.matching import NUM_FOLDS

CROSS_FITTED = f"cross-fitted over {NUM_FOLDS} folds"
DEV = "dev"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thresholds:
    """Below which value a step counts as wrong.

    Attributes:
        threshold_C: by chain; NaN where no step fires.
        values: as the result names them.
        source: "dev" or "cross-fitted over 5 folds".
    """

    threshold_C: Floats
    values: tuple[float | None, ...]
    source: str

    @classmethod
    def cross_fitted(cls, values_N: Floats, layout: StepLayout) -> Thresholds:
        """For every fold of problems the best threshold on the chains of the other folds."""
        values = first_error.cross_fitted_thresholds(values_N, layout, NUM_FOLDS)
        return cls(threshold_C=_or_nan(values)[layout.fold_C], values=values, source=CROSS_FITTED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bench:
    """The common ground of all rows.

    Attributes:
        chains: the chains evaluated.
        dev: chains for thresholds, of other problems; None to cross-fit.
        weights_GD: the draws of problems; column 0 is the data as they are.
        pairs, pairs_equal_count, pairs_fair: which pairs the concordances count.
    """

    chains: MeasuredChains
    dev: MeasuredChains | None
    weights_GD: Weights
    pairs: concordance.Pairing
    pairs_equal_count: concordance.Pairing
    pairs_fair: concordance.Pairing

    @classmethod
    def of(cls, chains: MeasuredChains, dev: MeasuredChains | None, num_draws: int, seed: int) -> Bench:
        """From rated chains and the dev chains, if there are any."""
        return cls(
            chains=chains,
            dev=dev,
            weights_GD=draw_problems(chains.layout.num_problems, num_draws, seed),
            pairs=concordance.risk_sets(chains.layout),
            pairs_equal_count=concordance.risk_sets(chains.layout, equal_count=True),
            pairs_fair=concordance.fair(chains.layout),
        )

    @property
    def layout(self) -> StepLayout:
        return self.chains.layout

    @property
    def outcome_C(self) -> Ints:
        """Their final answers, as `cpmi.evaluate.outcomes` codes them."""
        return self.chains.outcomes.outcome_C

    @property
    def problem_N(self) -> Ints:
        return np.asarray(self.layout.problem_C[self.layout.chain_N])

    def count(self, values_N: Floats, pairing: concordance.Pairing) -> concordance.PairCounts:
        """The pairs of a column, on every draw."""
        return concordance.count_pairs(values_N, pairing, self.problem_N, self.weights_GD)

    def thresholds(self, values_N: Floats, dev_values_N: Floats | None) -> Thresholds:
        """Of the dev chains where there are any, else for each fold from the other folds."""
        if self.dev is None or dev_values_N is None:
            return Thresholds.cross_fitted(values_N, self.layout)
        everything_C = np.ones(self.dev.layout.num_chains, dtype=np.bool_)
        values = (first_error.best_threshold(dev_values_N, self.dev.layout, everything_C),)
        threshold_C = _or_nan(values).repeat(self.layout.num_chains)
        return Thresholds(threshold_C=threshold_C, values=values, source=DEV)

    def accuracies(self, credit_C: Floats) -> first_error.Accuracies:
        return first_error.accuracies(credit_C, self.layout, self.weights_GD)

    def estimate(self, measured: Measured) -> Estimate:
        """As the function of this name, with the chains' own problems."""
        return estimate(measured, self.layout.num_problems)


def estimates(found: first_error.Accuracies, num_problems: int) -> dict[str, Estimate]:
    """`f1`, `acc_err` and `acc_corr`, each with its interval."""
    return {name: estimate(getattr(found, name), num_problems) for name in ("f1", "acc_err", "acc_corr")}


def _or_nan(values: tuple[float | None, ...]) -> Floats:
    return np.array([np.nan if value is None else value for value in values])


def estimate(measured: Measured, num_problems: int) -> Estimate:
    """The value with its interval, or the reason why one of them is missing."""
    if measured.value is None:
        return Estimate(value=None, note=measured.reason)
    if num_problems < 2:
        return Estimate(value=measured.value, note="no interval: a single problem cannot be drawn from")
    interval = measured.interval()
    if interval is None:
        return Estimate(value=measured.value, note="no interval: most draws have no value")
    missing = measured.num_missing
    note = f"{missing} of {len(measured.values_D) - 1} draws have no value" if missing else ""
    return Estimate(value=measured.value, low=interval[0], high=interval[1], note=note)
