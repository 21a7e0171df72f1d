"""ProcessBench by its official protocol: `cpmi evaluate processbench` from Python.

The prediction for a chain is the index of its first step with a score below the threshold, else -1. F1 of a
split is the harmonic mean of the accuracy on wrong chains and that on right ones; the headline is the plain
mean over the splits. Source: Zheng et al., "ProcessBench" (arXiv 2412.06559).

Axes: C chains, D draws of problems.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain as joined
from pathlib import Path

import numpy as np

from cpmi.answers import Equivalence, Grading
from cpmi.data import read_gold
from cpmi.errors import ConfigError, InputError
from cpmi.evaluate.baselines import Predictions, first_error_baselines, settled_outcomes
from cpmi.evaluate.bench import estimate, estimates
from cpmi.evaluate.outcomes import DIFFERENT, SAME, UNDECIDED, compare_outcomes
from cpmi.evaluate.processbench_result import (
    ProcessBench,
    ProcessBenchRow,
    ProcessBenchSample,
    RowKind,
    SplitFacts,
    SplitScores,
)
from cpmi.evaluate.scored import GSM8K, OFFICIAL_SPLITS, ScoredSplit, read_splits
from cpmi.evaluate.step_facts import StepFacts
from cpmi.evaluate.threshold import Threshold
from cpmi.metrics import first_error
from cpmi.metrics.bootstrap import Measured, Weights, draw_problems
from cpmi.metrics.layout import Floats, Ints
from cpmi.runs.grading import settled

MODEL, MODEL_GATED = "scores", "outcome + lowest score"
DEFAULT_NUM_DRAWS = 2000
_WORDS = {SAME: "right", DIFFERENT: "wrong", UNDECIDED: "undecided"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Prepared:
    """One split, its final answers as given and as settled, and the draws of its problems."""

    split: ScoredSplit
    outcome_C: Ints
    settled_C: Ints | None
    weights_GD: Weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Measured:
    kind: RowKind
    row: Predictions
    scores: SplitScores
    f1: Measured
    num_problems: int


def evaluate_processbench(
    scores: Sequence[str | Path],
    *,
    gold: str | Path | None = None,
    tune_on: str | Path | None = None,
    num_draws: int = DEFAULT_NUM_DRAWS,
    seed: int = 0,
    grading: Grading | None = None,
) -> ProcessBench:
    """Measure the scores of ProcessBench's chains, or of any chains with known first errors.

    Args:
        scores: folders by `cpmi score`, or their tables; the splits are told apart by the ids.
        gold: a file of gold answers, for the baselines that use the final answer; the GSM8K split joins
            with GSM8K's test file. Records that say whether their answer is right need none.
        tune_on: scores of the GSM8K split, on which the threshold is tuned; that split is then not reported.
            Without it the threshold is 0.5.
        num_draws: draws of problems with replacement, behind every interval.
        grading: how answers are compared; None for as the scores' folders say.
        seed: of these draws and of the row `random`.

    Raises:
        ConfigError: no scores, or fewer than 1 draw.
        InputError: chains without ratings or with an id twice, a threshold tuned on reported problems, or
            nothing left to report.
        RecordError: a chain's own gold answer is not that of the gold file.
        RunError: no table of scores.
    """
    check(scores, num_draws, "processbench")
    given = read_splits(scores, None if gold is None else read_gold(gold))
    threshold = Threshold.official() if tune_on is None else Threshold.tuned_on(_dev(tune_on))
    # The official rule tunes on GSM8K; a threshold that has seen a split says nothing on it.
    splits = [split for split in given if not (split.name == GSM8K and threshold.knows(split))]
    if not splits:
        raise InputError(
            "nothing is left to report",
            where=", ".join(map(str, scores)),
            got=f"only the split {GSM8K}, on which the threshold was tuned",
            hint="Leave out --tune-on, or give the other splits.",
        )
    grading = settled(grading, scores)
    with Equivalence(grading=grading) as equivalence:
        ready = [_prepare(s, equivalence, num_draws, seed + i) for i, s in enumerate(splits)]
    predicted = [threshold.predict(item.split) for item in ready]
    by_split = [_measure(item, found, seed) for item, found in zip(ready, predicted, strict=True)]
    reported = [split.name for split in splits]
    missing = tuple(name for name in OFFICIAL_SPLITS if name not in reported)
    return ProcessBench(
        threshold=threshold.value,
        threshold_source=threshold.source,
        splits=tuple(map(_facts, ready)),
        missing_splits=missing,
        rows=_rows(by_split),
        num_draws=num_draws,
        seed=seed,
        percent=grading.percent,
        answer_check=grading.check,
        warnings=_warnings(ready, missing, threshold),
        samples=tuple(joined.from_iterable(map(_samples, ready, predicted))),
    )


def check(scores: Sequence[str | Path], num_draws: int, command: str) -> None:
    """Refuse an evaluation without scores or draws."""
    if not scores:
        raise ConfigError("no scores are given", where=f"cpmi evaluate {command}", expected="at least one")
    if num_draws < 1:
        raise ConfigError(
            "no interval without draws", where="option draws", got=str(num_draws), expected=">= 1"
        )


def _dev(source: str | Path) -> ScoredSplit:
    splits = read_splits([source])
    if len(splits) == 1:
        return splits[0]
    raise InputError(
        "a threshold is tuned on one split",
        where=str(source),
        got=", ".join(split.name for split in splits),
        expected=f"the split {GSM8K} only",
    )


def _prepare(split: ScoredSplit, equivalence: Equivalence, num_draws: int, seed: int) -> _Prepared:
    outcome_C = compare_outcomes(split.chains, equivalence).outcome_C
    return _Prepared(
        split=split,
        outcome_C=outcome_C,
        settled_C=settled_outcomes(outcome_C, split.layout),
        weights_GD=draw_problems(split.layout.num_problems, num_draws, seed),
    )


def _measure(ready: _Prepared, predicted_C: Ints, seed: int) -> list[_Measured]:
    layout = ready.split.layout
    rows: list[tuple[RowKind, Predictions]] = [
        ("model", Predictions(name=MODEL, credit_C=first_error.exact_credit(predicted_C, layout)))
    ]
    if ready.settled_C is not None:
        rows.append(("model", _gated(ready, predicted_C)))
    found = first_error_baselines(StepFacts.of(ready.split.chains, seed), layout, ready.settled_C)
    rows += [("baseline", row) for row in found]
    return [_measured(kind, row, ready) for kind, row in rows]


def _gated(ready: _Prepared, predicted_C: Ints) -> Predictions:
    """The scores, told which final answers are right as far as that is known; no rating tells more."""
    layout = ready.split.layout
    credit_C = first_error.gated_credit(
        first_error.lowest_step_credit(ready.split.scores_N, layout),
        first_error.exact_credit(predicted_C, layout),
        ready.outcome_C,
        layout,
    )
    return Predictions(name=MODEL_GATED, credit_C=credit_C, knows_answer=True)


def _measured(kind: RowKind, row: Predictions, ready: _Prepared) -> _Measured:
    layout = ready.split.layout
    found = first_error.accuracies(row.credit_C, layout, ready.weights_GD)
    scores = SplitScores(
        split=ready.split.name,
        **estimates(found, layout.num_problems),
        note=row.note,
    )
    return _Measured(kind=kind, row=row, scores=scores, f1=found.f1, num_problems=layout.num_problems)


def _rows(by_split: Sequence[Sequence[_Measured]]) -> tuple[ProcessBenchRow, ...]:
    by_name: dict[str, list[_Measured]] = {}
    for measured in (item for split in by_split for item in split):
        by_name.setdefault(measured.row.name, []).append(measured)
    # A row that some split lacks would have the mean of other splits than its rivals, and stands last.
    return tuple(_row(items, len(by_split)) for items in sorted(by_name.values(), key=_order))


def _order(items: Sequence[_Measured]) -> tuple[bool, bool]:
    return items[0].kind != "model", items[0].row.knows_answer


def _row(items: Sequence[_Measured], num_splits: int) -> ProcessBenchRow:
    missing = num_splits - len(items)
    reason = next((item.f1.reason for item in items if item.f1.value is None), "")
    values_D: Floats = np.mean([item.f1.values_D for item in items], axis=0)
    if missing:
        values_D, reason = np.full_like(values_D, np.nan), f"not known on {missing} of {num_splits} splits"
    return ProcessBenchRow(
        name=items[0].row.name,
        kind=items[0].kind,
        knows_answer=items[0].row.knows_answer,
        splits=tuple(item.scores for item in items),
        mean_f1=estimate(
            Measured(values_D=values_D, reason=reason), min(item.num_problems for item in items)
        ),
    )


def _facts(ready: _Prepared) -> SplitFacts:
    split, layout = ready.split, ready.split.layout
    num_settled = int((ready.outcome_C == UNDECIDED).sum())
    return SplitFacts(
        name=split.name,
        source=split.source,
        num_chains=layout.num_chains,
        num_wrong=int(layout.wrong_C.sum()),
        num_right=int((~layout.wrong_C).sum()),
        num_problems=layout.num_problems,
        num_steps=len(split.scores_N),
        num_unscored_steps=int(np.isnan(split.scores_N).sum()),
        num_answers_settled=None if ready.settled_C is None else num_settled,
        left_out=split.rated.left_out,
    )


def _warnings(ready: Sequence[_Prepared], missing: Sequence[str], threshold: Threshold) -> tuple[str, ...]:
    warnings = []
    if missing:
        warnings.append(
            f"The headline of the benchmark is the mean over {len(OFFICIAL_SPLITS)} splits; this one lacks "
            f"{', '.join(missing)}."
        )
    if threshold.tuned and "not the official" in threshold.source:
        warnings.append("The threshold was tuned on chains that the official rule does not name.")
    for item in ready:
        name = item.split.name
        if item.settled_C is None:
            warnings.append(f"{name}: no gold answer, so no row knows the final answer. Give --gold FILE.")
        unscored = int(np.isnan(item.split.scores_N).sum())
        if unscored:
            warnings.append(f"{name}: {unscored} steps without a score never fire.")
    return tuple(warnings)


def _samples(ready: _Prepared, predicted_C: Ints) -> list[ProcessBenchSample]:
    split, layout = ready.split, ready.split.layout
    made = []
    for index, (chain, begin) in enumerate(zip(split.chains, layout.begin_C, strict=True)):
        scores = split.scores_N[begin : begin + layout.num_steps_C[index]].tolist()
        label, prediction = int(layout.first_error_C[index]), int(predicted_C[index])
        made.append(
            ProcessBenchSample(
                split=split.name,
                id=chain.id,
                label=label,
                prediction=prediction,
                hit=label == prediction,
                scores=tuple(None if np.isnan(score) else score for score in scores),
                final_answer=_WORDS[int(ready.outcome_C[index])],
            )
        )
    return made
