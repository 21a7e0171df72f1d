"""One row of the result: every measure of one column of values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpmi.evaluate.bench import Bench, Thresholds, estimates
from cpmi.evaluate.columns import Column
from cpmi.evaluate.hazard import BaselineFeatures, CrossFit, fit_hazard, fit_platt
from cpmi.evaluate.outcomes import DIFFERENT
from cpmi.evaluate.result import (
    Calibration,
    Cost,
    Curve,
    EvaluationRow,
    FirstErrorF1,
    Gain,
    Histogram,
    LiteralAnswers,
    ReliabilityBin,
)
from cpmi.evaluate.step_facts import RATINGS
from cpmi.metrics import first_error
from cpmi.metrics.bootstrap import Measured, ratio, weighted_mean
from cpmi.metrics.calibration import reliability
from cpmi.metrics.curves import histogram, roc
from cpmi.metrics.layout import Bools, Floats, Ints
from cpmi.types import LOG_ODDS, PROBABILITY, Rating

NO_PAIR = "no pair of wrong chains to compare"
NO_PAIR_EQUAL_COUNT = "no pair of wrong chains with equally many steps"
NO_PAIR_FAIR = "needs first errors and other steps"
NO_PAIR_UNPRINTED = "a candidate is printed in every pair"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredRow:
    """A row, and the measures on every draw from which differences to other rows are taken."""

    row: EvaluationRow
    concordance: Measured
    first_error_accuracy: Measured
    f1: Measured | None
    f1_gated: Measured


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Combination:
    """The combined baseline: fitted on place, length and number of steps.

    Attributes:
        features: its features.
        fit: its hazards out of fold.
        concordance: of minus its logits.
        gated: F1 of naming its most probable first error wherever the final answer is DIFFERENT.
    """

    features: BaselineFeatures
    fit: CrossFit
    concordance: Measured
    gated: Measured

    @classmethod
    def of(cls, bench: Bench, features: BaselineFeatures) -> Combination:
        """Fit the hazard of the first error."""
        fit = fit_hazard(features, bench.layout)
        return cls(
            features=features,
            fit=fit,
            concordance=bench.count(-fit.logit_N, bench.pairs).mean(NO_PAIR),
            gated=_hazard_f1(bench, fit),
        )


def measure_row(
    column: Column,
    bench: Bench,
    combination: Combination,
    *,
    dev_values_N: Floats | None = None,
    cost: Cost | None = None,
) -> MeasuredRow:
    """All measures of one column.

    Args:
        column: the values.
        bench: what they are measured on.
        combination: what the gain of a label is measured against.
        dev_values_N: the same method's values on the dev chains, for thresholds.
        cost: of the label's run.
    """
    layout, values_N = bench.layout, column.values_N
    counts = bench.count(values_N, bench.pairs)
    concordance = counts.mean(NO_PAIR)
    lowest_C = first_error.lowest_step_credit(values_N, layout)
    first_error_accuracy = weighted_mean(
        lowest_C, layout.wrong_C, layout.problem_C, bench.weights_GD, first_error.NO_WRONG
    )
    thresholds = bench.thresholds(values_N, dev_values_N)
    ungated_C = first_error.exact_credit(
        first_error.first_below(values_N, layout, thresholds.threshold_C), layout
    )
    ungated = None if column.knows_answer else bench.accuracies(ungated_C)
    gated = bench.accuracies(first_error.gated_credit(lowest_C, ungated_C, bench.outcome_C, layout))
    null_share = weighted_mean(
        np.isnan(values_N), layout.read_N, bench.problem_N, bench.weights_GD, "no step to read"
    )
    equal = bench.count(values_N, bench.pairs_equal_count).mean(NO_PAIR_EQUAL_COUNT)
    is_label = column.kind == "label"
    row = EvaluationRow(
        name=column.name,
        kind=column.kind,
        folder=column.folder,
        unit=column.unit,
        auroc=bench.estimate(bench.count(values_N, bench.pairs_fair).mean(NO_PAIR_FAIR)),
        concordance=bench.estimate(concordance),
        concordance_equal_count=bench.estimate(equal),
        null_share=bench.estimate(null_share),
        first_error_accuracy=bench.estimate(first_error_accuracy),
        f1=None if ungated is None else _f1(bench, ungated, thresholds),
        f1_gated=_f1(bench, gated, thresholds),
        gain=_gain(column, bench, combination) if is_label else None,
        literal=_literal(column, bench, counts.num_pairs_D, concordance),
        calibration=_calibration(column, bench) if is_label else (),
        cost=cost,
        roc=_roc(values_N, bench),
        histogram=_histogram(values_N, bench),
        knows_answer=column.knows_answer or column.reads_answer,
    )
    f1 = None if ungated is None else ungated.f1
    return MeasuredRow(
        row=row, concordance=concordance, first_error_accuracy=first_error_accuracy, f1=f1, f1_gated=gated.f1
    )


def _f1(bench: Bench, found: first_error.Accuracies, thresholds: Thresholds) -> FirstErrorF1:
    return FirstErrorF1(
        **estimates(found, bench.layout.num_problems),
        thresholds=thresholds.values,
        threshold_from=thresholds.source,
    )


def _hazard_f1(bench: Bench, fit: CrossFit) -> Measured:
    """F1 where DIFFERENT answers get the most probable first error, and all others none."""
    # Where no model could be fitted every hazard is one half, and the first step is named.
    best_C = first_error.most_probable_first(np.nan_to_num(fit.logit_N, nan=0.0), bench.layout)
    predicted_C = np.where(bench.outcome_C == DIFFERENT, best_C, -1)
    return bench.accuracies(first_error.exact_credit(predicted_C, bench.layout)).f1


def _gain(column: Column, bench: Bench, without: Combination) -> Gain:
    fit = fit_hazard(without.features, bench.layout, column.values_N)
    concordance = bench.count(-fit.logit_N, bench.pairs).mean(NO_PAIR)
    gated = _hazard_f1(bench, fit)
    return Gain(
        concordance_without=bench.estimate(without.concordance),
        concordance_with=bench.estimate(concordance),
        concordance=bench.estimate(concordance - without.concordance),
        f1_without=bench.estimate(without.gated),
        f1_with=bench.estimate(gated),
        f1=bench.estimate(gated - without.gated),
    )


def _literal(column: Column, bench: Bench, num_pairs_D: Ints, all_pairs: Measured) -> LiteralAnswers | None:
    if column.printed_N is None:
        return None
    kept = bench.count(column.values_N, bench.pairs.without(column.printed_N))
    removed_D = (num_pairs_D - kept.num_pairs_D).astype(np.float64)
    return LiteralAnswers(
        all_pairs=bench.estimate(all_pairs),
        without_printed=bench.estimate(kept.mean(NO_PAIR_UNPRINTED)),
        share_removed=bench.estimate(ratio(removed_D, num_pairs_D.astype(np.float64), NO_PAIR)),
    )


def _calibration(column: Column, bench: Bench) -> tuple[Calibration, ...]:
    fit = fit_platt(column.values_N, bench.layout)
    probability_N = 1 / (1 + np.exp(-np.clip(fit.logit_N, -500, 500)))
    used_N = bench.layout.at_risk_N & ~np.isnan(probability_N)
    found = [_reliability("platt", probability_N, used_N, bench)]
    raw_N = _as_probability(column)
    if raw_N is not None:
        used_N = bench.layout.at_risk_N & ~np.isnan(raw_N)
        found.append(_reliability("raw", raw_N, used_N, bench))
    return tuple(found)


def _as_probability(column: Column) -> Floats | None:
    if column.unit == PROBABILITY:
        return np.clip(column.values_N, 0, 1)
    return (1 + np.tanh(column.values_N / 2)) / 2 if column.unit == LOG_ODDS else None


def _reliability(of: str, probability_N: Floats, used_N: Bools, bench: Bench) -> Calibration:
    found = reliability(
        probability_N[used_N],
        ~bench.layout.is_first_error_N[used_N],
        bench.problem_N[used_N],
        bench.weights_GD,
    )
    bins = tuple(
        ReliabilityBin(
            low=float(found.edges[k]),
            high=float(found.edges[k + 1]),
            num_steps=int(found.num_K[k]),
            mean_probability=float(found.mean_probability_K[k]) if found.num_K[k] else None,
            share=bench.estimate(share),
        )
        for k, share in enumerate(found.share_K)
    )
    return Calibration(
        of="raw" if of == "raw" else "platt",
        ece=bench.estimate(found.ece),
        bins=bins,
        num_steps=int(used_N.sum()),
    )


def _roc(values_N: Floats, bench: Bench) -> Curve:
    used_N = bench.layout.read_N & ~np.isnan(values_N)
    case_N = bench.layout.is_first_error_N[used_N]
    if not case_N.any() or case_N.all():
        return Curve(false_positive_rate=(), true_positive_rate=(), note=NO_PAIR_FAIR)
    false_rate, true_rate = roc(values_N[used_N], case_N)
    return Curve(
        false_positive_rate=tuple(map(float, false_rate)), true_positive_rate=tuple(map(float, true_rate))
    )


def _histogram(values_N: Floats, bench: Bench) -> Histogram:
    rating_N = bench.chains.steps.rating_N
    used_N = bench.layout.read_N & ~np.isnan(values_N)
    groups = {
        rating.value: values_N[used_N & (rating_N == RATINGS.index(rating))]
        for rating in (Rating.RIGHT, Rating.NEUTRAL, Rating.WRONG)
    }
    edges, counts, num_clipped = histogram(groups)
    return Histogram(
        edges=tuple(map(float, edges)),
        counts={name: tuple(map(int, count)) for name, count in counts.items()},
        num_clipped=num_clipped,
    )
