"""PRMBench by its official protocol: `cpmi evaluate prmbench` from Python.

Every step with a score below 0.5 is predicted wrong. PRMScore = ½·F1(right steps) + ½·F1(wrong steps), counts
pooled over the modified items. Source: Song et al., "PRMBench" (arXiv 2501.03124).

Axes: C chains, N steps of all chains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cpmi.data import normalize_problem, read_chains
from cpmi.errors import InputError, RecordError
from cpmi.evaluate.baselines import step_baselines
from cpmi.evaluate.bench import CROSS_FITTED, estimate
from cpmi.evaluate.prmbench_result import (
    ClassScores,
    PRMBench,
    PRMBenchRow,
    PRMBenchSample,
    WithoutErrors,
)
from cpmi.evaluate.processbench import DEFAULT_NUM_DRAWS, check
from cpmi.evaluate.processbench_result import RowKind
from cpmi.evaluate.result import LeftOut
from cpmi.evaluate.threshold import OFFICIAL_VALUE
from cpmi.metrics.bootstrap import Weights, draw_problems, weighted_mean
from cpmi.metrics.layout import Bools, Floats, Ints, StepLayout
from cpmi.metrics.step_f1 import best_step_threshold, step_f1
from cpmi.runs.matching import NUM_FOLDS, Chains, fold_of
from cpmi.runs.score_table import ScoreRow, read_scores
from cpmi.types import Rating

MODEL = "scores"
ALL_RIGHT, ALL_WRONG = "all right", "all wrong"
UNCLASSIFIED = "unclassified"
NOT_RATED = "a step is not judged"
NOT_SCORED = "not among the scores"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Items:
    """Items as arrays; problems are the original ones, of which several items are edited forms."""

    rows: tuple[ScoreRow, ...]
    layout: StepLayout
    scores_N: Floats
    wrong_N: Bools
    class_C: tuple[str, ...]

    @property
    def problem_N(self) -> Ints:
        return np.asarray(self.layout.problem_C[self.layout.chain_N])


def evaluate_prmbench(
    scores: Sequence[str | Path],
    *,
    items: Sequence[str | Path] = (),
    num_draws: int = DEFAULT_NUM_DRAWS,
    seed: int = 0,
) -> PRMBench:
    """Measure the scores of PRMBench's modified items.

    Args:
        scores: folders by `cpmi score`, or their tables, together all items.
        items: the official files that the scores were made from; items that are not among the scores are
            then counted by reason, those whose `error_steps` point past the chain's end above all.
        num_draws: draws of original problems with replacement, behind every interval.
        seed: of these draws and of the row `random`.

    Raises:
        ConfigError: no scores, or fewer than 1 draw.
        InputError: an id stands twice, no item holds an error, or a file of items cannot be read.
        RunError: no table of scores.
    """
    check(scores, num_draws, "prmbench")
    given = [row for source in scores for row in read_scores(source)]
    Chains.of(", ".join(map(str, scores)), (row.chain for row in given))  # every id once
    judged = [row for row in given if row.chain.ratings and Rating.NOT_JUDGED not in row.chain.ratings]
    modified = [row for row in judged if Rating.WRONG in (row.chain.ratings or ())]
    if not modified:
        raise InputError(
            "no scored item holds an error",
            where=", ".join(map(str, scores)),
            got=f"{len(given)} chains, {len(judged)} of them with every step judged",
            expected="the modified items of PRMBench",
            hint="Score PRMBench's files; the table keeps their ratings.",
        )
    used = _items(modified)
    weights_GD = draw_problems(used.layout.num_problems, num_draws, seed)
    flagged_N = used.scores_N < OFFICIAL_VALUE
    unjudged = len(given) - len(judged)
    return PRMBench(
        threshold=OFFICIAL_VALUE,
        num_items=len(modified),
        num_problems=used.layout.num_problems,
        num_unscored_steps=int(np.isnan(used.scores_N).sum()),
        rows=(
            _row(MODEL, "model", flagged_N, used, weights_GD),
            *_baseline_rows(used, weights_GD, seed),
        ),
        without_errors=_without_errors(
            [r for r in judged if Rating.WRONG not in (r.chain.ratings or ())], num_draws, seed
        ),
        apart=_apart(items, given) if items else None,
        left_out=(LeftOut(reason=NOT_RATED, num_chains=unjudged),) if unjudged else (),
        num_draws=num_draws,
        seed=seed,
        warnings=_warnings(used, bool(items)),
        samples=_samples(used, flagged_N),
    )


def _items(rows: Sequence[ScoreRow]) -> _Items:
    problems: dict[str, int] = {}
    chains = [row.chain for row in rows]
    texts = [normalize_problem(c.meta.get("original_question", c.question)) for c in chains]
    ratings = [rating for chain in chains for rating in chain.ratings or ()]
    layout = StepLayout(
        num_steps_C=np.array([len(chain.steps) for chain in chains], dtype=np.int64),
        first_error_C=np.full(len(rows), -1, dtype=np.int64),  # not read: all steps are judged
        problem_C=np.array([problems.setdefault(text, len(problems)) for text in texts], dtype=np.int64),
        fold_C=np.array([fold_of(text) for text in texts], dtype=np.int64),
    )
    return _Items(
        rows=tuple(rows),
        layout=layout,
        scores_N=np.array([score for row in rows for score in row.scores.values], dtype=np.float64),
        wrong_N=np.array([rating is Rating.WRONG for rating in ratings], dtype=np.bool_),
        class_C=tuple(chain.meta.get("classification", UNCLASSIFIED) for chain in chains),
    )


def _row(
    name: str, kind: RowKind, flagged_N: Bools, items: _Items, weights_GD: Weights, note: str = ""
) -> PRMBenchRow:
    every_C = np.ones(len(items.rows), dtype=np.bool_)
    classes = sorted(set(items.class_C))
    return PRMBenchRow(
        name=name,
        kind=kind,
        overall=_scores("all", every_C, flagged_N, items, weights_GD),
        classes=tuple(
            _scores(found, np.array([c == found for c in items.class_C]), flagged_N, items, weights_GD)
            for found in classes
        ),
        note=note,
    )


def _scores(name: str, of_C: Bools, flagged_N: Bools, items: _Items, weights_GD: Weights) -> ClassScores:
    of_N = of_C[items.layout.chain_N]
    problem_N, num_problems = items.problem_N[of_N], items.layout.num_problems
    found = step_f1(flagged_N[of_N], items.wrong_N[of_N], problem_N, weights_GD)
    return ClassScores(
        name=name,
        num_items=int(of_C.sum()),
        num_steps=int(of_N.sum()),
        num_wrong_steps=int(items.wrong_N[of_N].sum()),
        score=estimate(found.score, num_problems),
        f1_right=estimate(found.f1_right, num_problems),
        f1_wrong=estimate(found.f1_wrong, num_problems),
    )


def _baseline_rows(items: _Items, weights_GD: Weights, seed: int) -> list[PRMBenchRow]:
    columns = step_baselines([row.chain for row in items.rows], items.layout, seed)
    none_N = np.zeros(len(items.wrong_N), dtype=np.bool_)
    note = f"threshold {CROSS_FITTED} of these items"
    return [
        _row(ALL_RIGHT, "baseline", none_N, items, weights_GD),
        _row(ALL_WRONG, "baseline", ~none_N, items, weights_GD),
        *(
            _row(name, "baseline", _cross_fitted(values_N, items), items, weights_GD, note)
            for name, values_N in columns.items()
        ),
    ]


def _cross_fitted(values_N: Floats, items: _Items) -> Bools:
    """Steps below the threshold that the items of the other folds of problems choose."""
    fold_N = items.layout.fold_C[items.layout.chain_N]
    flagged_N = np.zeros(len(values_N), dtype=np.bool_)
    for fold in range(NUM_FOLDS):
        others_N = fold_N != fold
        threshold = best_step_threshold(values_N[others_N], items.wrong_N[others_N])
        if threshold is not None:
            flagged_N |= ~others_N & (values_N < threshold)
    return flagged_N


def _without_errors(rows: Sequence[ScoreRow], num_draws: int, seed: int) -> WithoutErrors | None:
    if not rows:
        return None
    items = _items(rows)
    weights_GD = draw_problems(items.layout.num_problems, num_draws, seed)
    every_N = np.ones(len(items.scores_N), dtype=np.bool_)
    passed_N = ~(items.scores_N < OFFICIAL_VALUE)
    share = weighted_mean(passed_N, every_N, items.problem_N, weights_GD, "no step")
    return WithoutErrors(
        num_items=len(rows),
        num_steps=len(every_N),
        share_passed=estimate(share, items.layout.num_problems),
    )


def _apart(files: Iterable[str | Path], given: Sequence[ScoreRow]) -> dict[str, int]:
    """Official items without scores, by the reader's reason."""
    scored = {row.chain.id for row in given}
    apart: Counter[str] = Counter()
    for file in files:
        for outcome in read_chains(file, format="prmbench"):
            if isinstance(outcome, RecordError):
                apart[outcome.what] += 1
            elif outcome.id not in scored:
                apart[NOT_SCORED] += 1
    return dict(sorted(apart.items()))


def _warnings(items: _Items, named: bool) -> tuple[str, ...]:
    warnings = []
    unscored = int(np.isnan(items.scores_N).sum())
    if unscored:
        warnings.append(f"{unscored} steps without a score count as passed.")
    if not named:
        warnings.append(
            "Items whose error_steps point past the chain's end cannot be scored; name the official files "
            "with --items to have them counted."
        )
    return tuple(warnings)


def _samples(items: _Items, flagged_N: Bools) -> tuple[PRMBenchSample, ...]:
    layout = items.layout
    made = []
    for index, (row, begin) in enumerate(zip(items.rows, layout.begin_C, strict=True)):
        own = slice(int(begin), int(begin) + len(row.chain.steps))
        made.append(
            PRMBenchSample(
                id=row.chain.id,
                classification=items.class_C[index],
                wrong_steps=tuple(np.flatnonzero(items.wrong_N[own]).tolist()),
                flagged_steps=tuple(np.flatnonzero(flagged_N[own]).tolist()),
                scores=row.scores.values,
            )
        )
    return tuple(made)
