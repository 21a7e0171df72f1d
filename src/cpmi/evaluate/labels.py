"""Labels against ratings: `cpmi evaluate labels` from Python."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from cpmi.answers import Equivalence, Grading
from cpmi.arguments import checked
from cpmi.errors import ConfigError, InputError
from cpmi.evaluate.bench import Bench
from cpmi.evaluate.chains import RatedChains, read_chain_set
from cpmi.evaluate.columns import COMBINED, Column, baseline_columns, label_columns
from cpmi.evaluate.costs import read_costs, unknown_costs
from cpmi.evaluate.findings import find, warn
from cpmi.evaluate.hazard import baseline_features, fit_hazard
from cpmi.evaluate.measured_chains import MeasuredChains
from cpmi.evaluate.outcomes import DIFFERENT, SAME, UNDECIDED
from cpmi.evaluate.references import measure_references
from cpmi.evaluate.result import Difference, Evaluation, Ground
from cpmi.evaluate.rows import Combination, MeasuredRow, measure_row
from cpmi.metrics.bootstrap import Measured
from cpmi.metrics.layout import Floats, StepLayout
from cpmi.places import real
from cpmi.runs.grading import settled

DEFAULT_NUM_DRAWS = 2000


@checked
def evaluate_labels(
    folders: Sequence[str | Path],
    *,
    dev: Sequence[str | Path] = (),
    num_draws: int = DEFAULT_NUM_DRAWS,
    seed: int = 0,
    grading: Grading | None = None,
) -> Evaluation:
    """Measure the labels of one or more runs, or targets made from them, against the ratings of their chains.

    Args:
        folders: run folders over the same chains, or folders by `calibrate`, `hybrid` or `score`; chains are
            matched by id, and only those that all of them have are used. A method may be there several times.
        dev: run folders of the same methods over chains on other problems, from which thresholds are taken;
            without them thresholds are cross-fitted over 5 folds of problems.
        num_draws: draws of problems with replacement, behind every interval.
        seed: of these draws and of the row `random`.
        grading: how final answers are compared; None for as in the runs.

    Raises:
        ConfigError: no folder, a folder twice, or fewer than 1 draw.
        InputError: the runs disagree about a chain, share none, or have no ratings; dev runs do not match
            in their methods, or share problems with the others.
        RunError: a folder is no finished run.
        MissingDependencyError: scikit-learn is not installed.
    """
    grading = settled(grading, [*folders, *dev])
    return _evaluate(_read(folders, dev, num_draws).measured(seed, grading), num_draws, seed, grading)


def evaluate_labels_by(
    folders: Sequence[str | Path],
    key: str,
    *,
    dev: Sequence[str | Path] = (),
    num_draws: int = DEFAULT_NUM_DRAWS,
    seed: int = 0,
    grading: Grading | None = None,
) -> dict[str, Evaluation]:
    """`evaluate_labels` on the chains of each value of an entry of their `meta`, such as "generator".

    Args, raises: as `evaluate_labels`; an InputError if no chain has the entry.
    """
    read = _read(folders, dev, num_draws)
    values = read.chains.values_of(key)
    if not values:
        known = sorted({name for chain in read.chains.chains for name in chain.meta})
        raise InputError(
            "no chain has this entry in its meta",
            where="option by",
            got=key,
            expected=", ".join(known) or "an input whose chains have facts in meta",
        )
    grading = settled(grading, [*folders, *dev])
    measured = read.measured(seed, grading, key)
    del read  # the texts
    return {
        value: _evaluate(replace(measured, chains=measured.chains.only(key, value)), num_draws, seed, grading)
        for value in values
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """Chains and dev chains without their texts."""

    chains: MeasuredChains
    dev: MeasuredChains | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Chains and dev chains with their texts."""

    chains: RatedChains
    dev: RatedChains | None

    def measured(self, seed: int, grading: Grading, key: str | None = None) -> _Measured:
        with Equivalence(grading=grading) as equivalence:
            return _Measured(
                chains=MeasuredChains.of(self.chains, equivalence, seed, key),
                dev=None if self.dev is None else MeasuredChains.of(self.dev, equivalence, seed),
            )


def _read(folders: Sequence[str | Path], dev: Sequence[str | Path], num_draws: int) -> _Read:
    _check(folders, dev, num_draws)
    chains = read_chain_set(folders, "evaluated")
    dev_chains = read_chain_set(dev, "dev") if dev else None
    if dev_chains is not None:
        _expect_other_problems(chains, dev_chains)
    return _Read(chains=chains, dev=dev_chains)


def _evaluate(known: _Measured, num_draws: int, seed: int, grading: Grading) -> Evaluation:
    gc.collect()  # gives back what the texts took: else the draws come on top of it
    bench = Bench.of(known.chains, known.dev, num_draws, seed)
    dev_values = {} if known.dev is None else _dev_values(known.chains, known.dev)
    measured, combination = _measure(bench, dev_values)
    made = _assemble(bench, measured, combination, num_draws=num_draws, seed=seed)
    return replace(made, percent=grading.percent, answer_check=grading.check)


def _check(folders: Sequence[str | Path], dev: Sequence[str | Path], num_draws: int) -> None:
    if not folders:
        raise ConfigError("no run folder is given", where="cpmi evaluate labels", expected="at least one")
    counts = Counter(str(real(folder)) for folder in (*folders, *dev))
    twice = [folder for folder, count in counts.items() if count > 1]
    if twice:
        raise ConfigError("a run folder is given twice", where=twice[0])
    if num_draws < 1:
        raise ConfigError(
            "no interval without draws", where="option draws", got=str(num_draws), expected=">= 1"
        )


def _expect_other_problems(chains: RatedChains, dev: RatedChains) -> None:
    """A threshold chosen on the chains it is judged on is no result."""
    from cpmi.data import normalize_problem

    mine = {normalize_problem(t.question) for t in chains.chains}
    shared = sum(normalize_problem(t.question) in mine for t in dev.chains)
    if shared:
        raise InputError(
            "dev runs hold problems of the evaluated runs",
            where=", ".join(run.facts.folder for run in dev.runs),
            got=f"{shared} of {len(dev.chains)} chains",
            expected="chains on other problems",
            hint="Leave out --dev: thresholds are then cross-fitted over folds of problems.",
        )


def _dev_values(chains: MeasuredChains, dev: MeasuredChains) -> dict[str, Floats]:
    """The dev chains' values by the name of the row whose threshold they choose.

    Runs are paired by method, in the order given.
    """
    waiting = list(dev.runs)
    values: dict[str, Floats] = {}
    for column in label_columns(chains.runs):
        partner = next((run for run in waiting if run.facts.method == column.method), None)
        if partner is None:
            raise InputError(
                "no dev run for a method",
                where=str(column.folder),
                got=f"dev runs by {', '.join(run.facts.method for run in dev.runs)}",
                expected=f"one dev run for each evaluated run, so one more by {column.method}",
            )
        waiting.remove(partner)
        values[column.name] = partner.values_N
    values |= {column.name: column.values_N for column in baseline_columns(dev)}
    values[COMBINED] = -fit_hazard(baseline_features(dev), dev.layout).logit_N
    return values


def _measure(bench: Bench, dev_values: dict[str, Floats]) -> tuple[list[MeasuredRow], Combination]:
    chains = bench.chains
    combination = Combination.of(bench, baseline_features(chains))
    costs = read_costs([run.facts for run in chains.runs])
    columns = [
        *zip(label_columns(chains.runs), costs, strict=True),
        *((column, None) for column in baseline_columns(chains)),
        (_combination_column(combination), None),
    ]
    measured = [
        measure_row(column, bench, combination, dev_values_N=dev_values.get(column.name), cost=cost)
        for column, cost in columns
    ]
    return measured, combination


def _combination_column(combination: Combination) -> Column:
    return Column(name=COMBINED, kind="combination", unit="nat", values_N=-combination.fit.logit_N)


def _assemble(
    bench: Bench,
    measured: Sequence[MeasuredRow],
    combination: Combination,
    *,
    num_draws: int,
    seed: int,
) -> Evaluation:
    chains = bench.chains
    labels = [item for item in measured if item.row.kind == "label"]
    differences = tuple(_difference(bench, first, second) for first, second in combinations(labels, 2))
    rows = tuple(item.row for item in measured)
    ground = _ground(bench)
    runs = tuple(run.facts for run in chains.runs)
    named = zip(labels, runs, strict=True)
    rival = next((item.row.name for item, run in named if run.cost_reference), None)
    dev_runs = () if bench.dev is None else bench.dev.runs
    return Evaluation(
        runs=(*runs, *(run.facts for run in dev_runs)),
        num_draws=num_draws,
        seed=seed,
        ground=ground,
        references=measure_references(bench),
        rows=rows,
        differences=differences,
        findings=find(rows, differences, rival),
        warnings=(*warn(ground, rows, combination.fit.notes), *unknown_costs(runs)),
    )


def _difference(bench: Bench, first: MeasuredRow, second: MeasuredRow) -> Difference:
    def between(mine: Measured | None, theirs: Measured | None) -> Measured:
        if mine is None or theirs is None:
            raise ValueError("a label has no first-error F1")
        return mine - theirs

    return Difference(
        first=first.row.name,
        second=second.row.name,
        concordance=bench.estimate(between(first.concordance, second.concordance)),
        first_error_accuracy=bench.estimate(between(first.first_error_accuracy, second.first_error_accuracy)),
        f1=bench.estimate(between(first.f1, second.f1)),
        f1_gated=bench.estimate(first.f1_gated - second.f1_gated),
    )


def _ground(bench: Bench) -> Ground:
    layout = bench.layout
    outcomes = bench.chains.outcomes
    outcome_C = outcomes.outcome_C
    nothing_N = np.zeros(int(layout.num_steps_C.sum()))
    return Ground(
        num_chains=layout.num_chains,
        num_wrong=int(layout.wrong_C.sum()),
        num_right=int((~layout.wrong_C).sum()),
        num_problems=layout.num_problems,
        num_steps=len(nothing_N),
        num_judged_steps=int(layout.read_N.sum()),
        num_pairs=int(bench.count(nothing_N, bench.pairs).num_pairs_D[0]),
        num_pairs_equal_count=int(bench.count(nothing_N, bench.pairs_equal_count).num_pairs_D[0]),
        num_chains_with_pair=_num_chains_with_pair(bench, layout),
        num_answers_same=int((outcome_C == SAME).sum()),
        num_answers_different=int((outcome_C == DIFFERENT).sum()),
        num_answers_undecided=int((outcome_C == UNDECIDED).sum()),
        answers_undecided=outcomes.undecided,
        left_out=bench.chains.left_out,
    )


def _num_chains_with_pair(bench: Bench, layout: StepLayout) -> int:
    case_A, control_B = bench.pairs.has_pair()
    steps = np.concatenate([bench.pairs.case_A[case_A], bench.pairs.control_B[control_B]])
    return len(np.unique(layout.chain_N[steps]))
