"""PRMBench by its official protocol, and on its well-formed items: `cpmi evaluate prmbench` from Python.

PRMScore = ½·F1(right steps) + ½·F1(wrong steps), counts pooled over items. Source: Song et al., "PRMBench"
(arXiv 2501.03124), and the evaluation code of github.com/ssmisya/PRMBench at commit a1ae4ea, task
prmtest_classified, with one score per step (no score of redundancy apart).

Axes: C items, N steps of all items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cpmi.data import read_chains
from cpmi.errors import InputError, RecordError
from cpmi.evaluate.baselines import step_baselines
from cpmi.evaluate.bench import CROSS_FITTED, estimate
from cpmi.evaluate.prmbench_items import (
    MULTI_SOLUTIONS,
    NUM_ITEMS,
    Items,
    differences,
    error_steps,
    key_of,
    official_rows,
    well_formed_rows,
)
from cpmi.evaluate.prmbench_result import (
    AspectScore,
    ClassScores,
    PRMBench,
    PRMBenchRow,
    PRMBenchSample,
    WellFormed,
    WithoutErrors,
)
from cpmi.evaluate.processbench import DEFAULT_NUM_DRAWS, check
from cpmi.evaluate.processbench_result import RowKind
from cpmi.evaluate.result import LeftOut
from cpmi.evaluate.step_facts import StepFacts
from cpmi.evaluate.threshold import OFFICIAL_VALUE
from cpmi.metrics.bootstrap import Measured, Weights, draw_problems, weighted_mean
from cpmi.metrics.layout import Bools, Floats
from cpmi.metrics.step_f1 import best_step_threshold, step_f1
from cpmi.runs.matching import NUM_FOLDS, Chains
from cpmi.runs.score_table import ScoreRow, read_scores

MODEL = "scores"
ALL_RIGHT, ALL_WRONG = "all right", "all wrong"
NOT_RATED = "a step is not judged"
NOT_SCORED = "not among the scores"
MOST_MISSING = 4
"""Items that the official code lets a result lack."""

ASPECTS = {
    "simplicity": ("redundency", "circular"),
    "soundness": ("counterfactual", "step_contradiction", "domain_inconsistency", "confidence"),
    "sensitivity": ("missing_condition", "deception", MULTI_SOLUTIONS),
}
"""Classes whose scores the leaderboard averages."""


def evaluate_prmbench(
    scores: Sequence[str | Path],
    *,
    items: Sequence[str | Path] = (),
    num_draws: int = DEFAULT_NUM_DRAWS,
    seed: int = 0,
) -> PRMBench:
    """Measure the scores of PRMBench's items.

    Args:
        scores: folders by `cpmi score`, or their tables, together all items.
        items: the official files that the scores were made from; items that are not among the scores are
            then counted by reason. The official code lets a result lack 4 items at most.
        num_draws: draws of original problems with replacement, for every interval.
        seed: of these draws and of the row `random`.

    Raises:
        ConfigError: no scores, or fewer than 1 draw.
        InputError: an id occurs twice, no item holds an error, or a file of items cannot be read.
        RunError: no table of scores.
    """
    check(scores, num_draws, "prmbench")
    given = [row for source in scores for row in read_scores(source)]
    Chains.of(", ".join(map(str, scores)), (row.chain for row in given))  # every id once
    known = [row for row in given if error_steps(row.chain) is not None]
    modified = well_formed_rows(known)
    if not modified:
        raise InputError(
            "no scored item holds an error",
            where=", ".join(map(str, scores)),
            got=f"{len(given)} chains, of {len(known)} of them the wrong steps are known",
            expected="the modified items of PRMBench",
            hint="Score PRMBench's files; the table keeps their ratings.",
        )
    official = _Bench.of(official_rows(known), num_draws, seed, official=True)
    unjudged = len(given) - len(known)
    apart = _apart(items, given) if items else None
    used, official_scores = official.items, official.rows(seed)
    return PRMBench(
        threshold=OFFICIAL_VALUE,
        num_items=len(used.rows),
        num_problems=used.layout.num_problems,
        num_unscored_steps=int((~used.scored_N).sum()),
        rows=official_scores,
        well_formed=_well_formed(modified, known, num_draws, seed),
        differences=differences(known, used),
        apart=apart,
        left_out=(LeftOut(reason=NOT_RATED, num_chains=unjudged),) if unjudged else (),
        num_draws=num_draws,
        seed=seed,
        warnings=_warnings(official_scores[0], len(used.rows), apart),
        samples=_samples(used),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bench:
    """Items and the draws of their problems."""

    items: Items
    weights_GD: Weights

    @classmethod
    def of(cls, rows: Sequence[ScoreRow], num_draws: int, seed: int, *, official: bool) -> _Bench:
        items = Items.of(rows, official=official)
        return cls(items=items, weights_GD=draw_problems(items.layout.num_problems, num_draws, seed))

    def rows(self, seed: int) -> tuple[PRMBenchRow, ...]:
        """The scores, then what needs no model, whose predictions are of all steps."""
        items = self.items
        columns = step_baselines(StepFacts.of([row.chain for row in items.rows], seed), items.layout)
        none_N = np.zeros(len(items.wrong_N), dtype=np.bool_)
        note = f"threshold {CROSS_FITTED} of these items"
        return (
            self._row(MODEL, "model", items.flagged_N, items.counted_N),
            self._row(ALL_RIGHT, "baseline", none_N, ~none_N),
            self._row(ALL_WRONG, "baseline", ~none_N, ~none_N),
            *(
                self._row(name, "baseline", _cross_fitted(values_N, items), ~none_N, note)
                for name, values_N in columns.items()
            ),
        )

    def _row(
        self, name: str, kind: RowKind, flagged_N: Bools, counted_N: Bools, note: str = ""
    ) -> PRMBenchRow:
        class_of_C = np.array(self.items.class_C)
        overall, _ = self._scores("all", np.ones(len(class_of_C), dtype=np.bool_), flagged_N, counted_N)
        found = {
            kind_of_error: self._scores(kind_of_error, class_of_C == kind_of_error, flagged_N, counted_N)
            for kind_of_error in sorted(set(self.items.class_C))
        }
        measured = {kind_of_error: score for kind_of_error, (_, score) in found.items()}
        return PRMBenchRow(
            name=name,
            kind=kind,
            overall=overall,
            classes=tuple(scores for scores, _ in found.values()),
            aspects=tuple(
                AspectScore(
                    name=aspect,
                    score=estimate(
                        _mean([measured[of_aspect] for of_aspect in classes]),
                        self.items.layout.num_problems,
                    ),
                )
                for aspect, classes in ASPECTS.items()
                if self.items.official and measured.keys() >= set(classes)
            ),
            note=note,
        )

    def _scores(
        self, name: str, of_C: Bools, flagged_N: Bools, counted_N: Bools
    ) -> tuple[ClassScores, Measured]:
        items = self.items
        inside_N = of_C[items.layout.chain_N]
        of_N = inside_N & counted_N
        found = step_f1(
            flagged_N[of_N],
            items.wrong_N[of_N],
            items.problem_N[of_N],
            self.weights_GD,
            official=items.official,
        )
        score = found.f1_right if items.official and name == MULTI_SOLUTIONS else found.score
        num_problems = items.layout.num_problems
        scores = ClassScores(
            name=name,
            num_items=int(of_C.sum()),
            num_steps=int(inside_N.sum()),
            num_wrong_steps=int(items.wrong_N[inside_N].sum()),
            score=estimate(score, num_problems),
            f1_right=estimate(found.f1_right, num_problems),
            f1_wrong=estimate(found.f1_wrong, num_problems),
        )
        return scores, score


def _mean(measured: Sequence[Measured]) -> Measured:
    return Measured(values_D=np.mean([one.values_D for one in measured], axis=0), reason=measured[0].reason)


def _cross_fitted(values_N: Floats, items: Items) -> Bools:
    """Steps below the threshold that the items of the other folds of problems choose."""
    fold_N = items.layout.fold_C[items.layout.chain_N]
    flagged_N = np.zeros(len(values_N), dtype=np.bool_)
    for fold in range(NUM_FOLDS):
        others_N = fold_N != fold
        threshold = best_step_threshold(values_N[others_N], items.wrong_N[others_N])
        if threshold is not None:
            flagged_N |= ~others_N & (values_N < threshold)
    return flagged_N


def _well_formed(
    modified: Sequence[ScoreRow], known: Sequence[ScoreRow], num_draws: int, seed: int
) -> WellFormed:
    bench = _Bench.of(modified, num_draws, seed, official=False)
    right = [row for row in known if not error_steps(row.chain)]
    return WellFormed(
        num_items=len(modified),
        num_problems=bench.items.layout.num_problems,
        rows=bench.rows(seed),
        without_errors=_without_errors(right, num_draws, seed),
    )


def _without_errors(rows: Sequence[ScoreRow], num_draws: int, seed: int) -> WithoutErrors | None:
    if not rows:
        return None
    items = Items.of(rows, official=False)
    weights_GD = draw_problems(items.layout.num_problems, num_draws, seed)
    every_N = items.counted_N
    share = weighted_mean(~items.flagged_N, every_N, items.problem_N, weights_GD, "no step")
    return WithoutErrors(
        num_items=len(rows),
        num_steps=len(every_N),
        share_passed=estimate(share, items.layout.num_problems),
    )


def _apart(files: Iterable[str | Path], given: Sequence[ScoreRow]) -> dict[str, int]:
    """Official items without scores, by the reader's reason; repeated ones are one item."""
    scored = {key_of(row.chain) for row in given}
    apart: Counter[str] = Counter()
    for file in files:
        for outcome in read_chains(file, format="prmbench"):
            if isinstance(outcome, RecordError):
                apart[outcome.what] += 1
            elif (key := key_of(outcome)) not in scored:
                scored.add(key)
                apart[NOT_SCORED] += 1
    return dict(sorted(apart.items()))


def _warnings(model: PRMBenchRow, num_items: int, apart: dict[str, int] | None) -> tuple[str, ...]:
    warnings = []
    if any(-1 in (found.f1_right.value, found.f1_wrong.value) for found in (model.overall, *model.classes)):
        warnings.append(
            "The official code gives an F1 of −100 % where no step of the kind is found, with misses as well "
            "as false alarms, or with neither."
        )
    if num_items != NUM_ITEMS:
        warnings.append(
            f"{num_items:,} of the benchmark's {NUM_ITEMS:,} items: published PRMScores are of all of them."
        )
    if apart is None:
        warnings.append("Name the official files with --items to have items without scores counted.")
    elif (missing := sum(apart.values())) > MOST_MISSING:
        warnings.append(
            f"The official code refuses this result: {missing:,} items have no scores, more than "
            f"{MOST_MISSING}."
        )
    return tuple(warnings)


def _samples(items: Items) -> tuple[PRMBenchSample, ...]:
    layout = items.layout
    made = []
    for index, (row, begin) in enumerate(zip(items.rows, layout.begin_C, strict=True)):
        own = slice(int(begin), int(begin) + len(row.chain.steps))
        made.append(
            PRMBenchSample(
                id=row.chain.id,
                classification=items.class_C[index],
                wrong_steps=tuple(np.flatnonzero(items.wrong_N[own]).tolist()),
                flagged_steps=tuple(np.flatnonzero((items.flagged_N & items.counted_N)[own]).tolist()),
                scores=row.scores.values,
            )
        )
    return tuple(made)
