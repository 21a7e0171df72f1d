"""The chains that several runs labeled and whose first errors are known, as arrays.

What is a wrong chain and what a right one, `Chain.first_error` says. Others are left out of every measure
and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cpmi.data import normalize_problem, problem_digest
from cpmi.errors import InputError
from cpmi.evaluate.folders import Folder, Role, read_folder
from cpmi.evaluate.result import LeftOut, RunFacts
from cpmi.metrics.layout import Bools, Floats, StepLayout
from cpmi.runs.matching import agreed, fold_of, shared_ids
from cpmi.types import Chain

_RATINGS_HINT = (
    "Label an input whose steps are rated (ProcessBench, PRM800K, PRMBench, BIG-Bench-Mistake, or own "
    'records with "ratings"); the run folder keeps the ratings.'
)


FITTED = "the weights of a method were fitted on the problem"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabeledRun:
    """The labels of one run, or its targets, on the chains that are used.

    Attributes:
        facts: which run.
        unit: of its labels.
        values_N: its labels, NaN where it abstained.
        printed_N: which steps print a candidate answer; None if the method compares no candidates.
    """

    facts: RunFacts
    unit: str
    values_N: Floats
    printed_N: Bools | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatedChains:
    """Chains with known first errors, and the labels of one or more runs on them.

    Attributes:
        chains: in the order of the first run.
        layout: the same as arrays.
        runs: in the order given.
        left_out: chains that are not used, by reason.
    """

    chains: tuple[Chain, ...]
    layout: StepLayout
    runs: tuple[LabeledRun, ...]
    left_out: tuple[LeftOut, ...]

    def values_of(self, key: str) -> list[str]:
        """The values of an entry of the chains' `meta`, sorted."""
        return sorted({chain.meta[key] for chain in self.chains if key in chain.meta})


def read_chain_set(folders: Sequence[str | Path], role: Role) -> RatedChains:
    """Read folders of labels or of targets and match their chains by id.

    Raises:
        InputError: a folder has no chain or an id twice or holds a consensus, the runs disagree about a
            chain, they share none, or no chain can be used.
        RunError: a folder is no finished run.
    """
    runs = [read_folder(Path(folder), role) for folder in folders]
    left_out: Counter[str] = Counter()
    chains = [run.chains for run in runs]
    shared = shared_ids(chains, left_out)
    fitted_on = frozenset().union(*(run.fitted_on for run in runs))
    used: list[Chain] = []
    first_errors: list[int] = []
    for id in shared:
        chain = agreed(id, chains)
        first_error = chain.first_error
        if isinstance(first_error, str):
            left_out[first_error] += 1
        elif fitted_on and problem_digest(chain.question) in fitted_on:
            left_out[FITTED] += 1
        else:
            used.append(chain)
            first_errors.append(first_error)
    if not used:
        _refuse(runs, left_out)
    return RatedChains(
        chains=tuple(used),
        layout=make_layout(used, first_errors),
        runs=tuple(_on(run, used) for run in runs),
        left_out=tuple(LeftOut(reason=reason, num_chains=count) for reason, count in left_out.items()),
    )


def make_layout(chains: Sequence[Chain], first_errors: Sequence[int]) -> StepLayout:
    """Number the problems in their order of appearance."""
    problems: dict[str, int] = {}
    problem_C = [problems.setdefault(normalize_problem(t.question), len(problems)) for t in chains]
    return StepLayout(
        num_steps_C=np.array([len(t.steps) for t in chains], dtype=np.int64),
        first_error_C=np.array(first_errors, dtype=np.int64),
        problem_C=np.array(problem_C, dtype=np.int64),
        fold_C=np.array([fold_of(t.question) for t in chains], dtype=np.int64),
    )


def _refuse(runs: Sequence[Folder], left_out: Counter[str]) -> None:
    reasons = "; ".join(f"{reason}: {count}" for reason, count in left_out.items())
    raise InputError(
        "no chain can be held against ratings",
        where=", ".join(run.facts.folder for run in runs),
        got=reasons,
        expected="chains whose steps are rated up to the first wrong one",
        hint=_RATINGS_HINT,
    )


def _on(run: Folder, used: Sequence[Chain]) -> LabeledRun:
    rows = [run.rows[chain.id] for chain in used]
    printed_N = None
    if any(row.printed for row in rows):
        printed_N = np.concatenate(
            [np.array(row.printed or (False,) * len(row.values), bool) for row in rows]
        )
    return LabeledRun(
        facts=run.facts,
        unit=run.unit,
        values_N=np.array([value for row in rows for value in row.values], dtype=np.float64),
        printed_N=printed_N,
    )
