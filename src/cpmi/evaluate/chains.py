"""The chains that several runs labeled, matched by id, and what their ratings say.

A chain is *wrong* if a step is rated WRONG and every step before the first such one is judged; it is *right*
if every step is judged and none WRONG. Others are left out of every measure and counted: where an unjudged
step stands before the first step rated WRONG, nobody knows which error came first. NEUTRAL counts as RIGHT.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cpmi.data import normalize_problem
from cpmi.errors import InputError
from cpmi.evaluate.result import LeftOut, RunFacts
from cpmi.metrics.layout import Bools, Floats, Layout
from cpmi.runs.manifest import read_manifest
from cpmi.runs.table import read_labels
from cpmi.types import Rating, Trajectory

NUM_FOLDS = 5
NO_RATINGS = "without ratings"
FIRST_UNKNOWN = "a step before the first one rated wrong is not judged"
RIGHT_UNKNOWN = "no step is rated wrong, but not every step is judged"

_RATINGS_HINT = (
    "Label an input whose steps are rated (ProcessBench, PRM800K, PRMBench, BIG-Bench-Mistake, or own "
    'records with "ratings"); the run folder keeps the ratings.'
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabeledRun:
    """The labels of one run on the chains that are used.

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
class ChainSet:
    """Chains with known first errors, and the labels of one or more runs on them.

    Attributes:
        trajectories: in the order of the first run.
        layout: the same as arrays.
        runs: in the order given.
        left_out: chains that are not used, by reason.
    """

    trajectories: tuple[Trajectory, ...]
    layout: Layout
    runs: tuple[LabeledRun, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    trajectory: Trajectory
    values: tuple[float | None, ...]
    printed: tuple[bool, ...] | None


@dataclass(frozen=True, slots=True)
class _Folder:
    facts: RunFacts
    unit: str
    rows: Mapping[str, _Row]


def read_chain_set(folders: Sequence[str | Path], role: Literal["evaluated", "dev"]) -> ChainSet:
    """Read run folders and match their chains by id.

    Raises:
        InputError: a folder has no chain or an id twice, the runs disagree about a chain, they share none,
            or no chain can be used.
        RunError: a folder is no finished run.
    """
    runs = [_read_folder(Path(folder), role) for folder in folders]
    left_out: Counter[str] = Counter()
    shared = _shared_ids(runs, left_out)
    used: list[Trajectory] = []
    first_errors: list[int] = []
    for id in shared:
        trajectory = _agreed(id, runs)
        first_error = first_error_of(trajectory)
        if isinstance(first_error, str):
            left_out[first_error] += 1
        else:
            used.append(trajectory)
            first_errors.append(first_error)
    if not used:
        _refuse(runs, left_out)
    return ChainSet(
        trajectories=tuple(used),
        layout=make_layout(used, first_errors),
        runs=tuple(_on(run, used) for run in runs),
        left_out=tuple(LeftOut(reason=reason, num_chains=count) for reason, count in left_out.items()),
    )


def first_error_of(trajectory: Trajectory) -> int | str:
    """L of a wrong chain, -1 for a right one, or the reason why it is neither."""
    ratings = trajectory.ratings
    if ratings is None or all(rating is Rating.NOT_JUDGED for rating in ratings):
        return NO_RATINGS
    if Rating.WRONG in ratings:
        first = ratings.index(Rating.WRONG)
        return FIRST_UNKNOWN if Rating.NOT_JUDGED in ratings[:first] else first
    return RIGHT_UNKNOWN if Rating.NOT_JUDGED in ratings else -1


def fold_of(problem: str) -> int:
    """sha256(problem text with runs of white space made one space) mod 5."""
    return (
        int(hashlib.sha256(normalize_problem(problem).encode("utf-8", "surrogatepass")).hexdigest(), 16) % 5
    )


def make_layout(trajectories: Sequence[Trajectory], first_errors: Sequence[int]) -> Layout:
    """Number the problems in their order of appearance."""
    problems: dict[str, int] = {}
    problem_C = [problems.setdefault(normalize_problem(t.question), len(problems)) for t in trajectories]
    return Layout(
        num_steps_C=np.array([len(t.steps) for t in trajectories], dtype=np.int64),
        first_error_C=np.array(first_errors, dtype=np.int64),
        problem_C=np.array(problem_C, dtype=np.int64),
        fold_C=np.array([fold_of(t.question) for t in trajectories], dtype=np.int64),
    )


def _read_folder(folder: Path, role: Literal["evaluated", "dev"]) -> _Folder:
    rows: dict[str, _Row] = {}
    methods, units = set(), set()
    for row in read_labels(folder):
        if row.trajectory.id in rows:
            raise InputError(
                "two chains have the same id, so runs cannot be matched",
                where=str(folder),
                got=repr(row.trajectory.id),
                hint="Give every chain of the input an id of its own and label it again.",
            )
        rows[row.trajectory.id] = _Row(
            trajectory=row.trajectory,
            values=row.labels.values,
            printed=row.labels.marks.get("prints_candidate"),
        )
        methods.add(row.labels.labeler)
        units.add(row.labels.unit)
    if not rows:
        raise InputError("the run has no chain", where=str(folder), expected="at least one labeled chain")
    manifest = read_manifest(folder)
    model = None if manifest is None else manifest.circumstances.get("model")
    facts = RunFacts(
        folder=str(folder),
        method=", ".join(sorted(methods)),
        model=None if model is None else str(model),
        fingerprint=None if manifest is None else manifest.fingerprint,
        num_chains=len(rows),
        role=role,
    )
    return _Folder(facts, ", ".join(sorted(units)), rows)


def _shared_ids(runs: Sequence[_Folder], left_out: Counter[str]) -> list[str]:
    """The ids that every run has, in the order of the first; each of the others is counted once."""
    everywhere = set(runs[0].rows).intersection(*(run.rows for run in runs))
    for id in dict.fromkeys(id for run in runs for id in run.rows):
        if id not in everywhere:
            absent = next(run for run in runs if id not in run.rows)
            left_out[f"not in {absent.facts.folder}"] += 1
    if not everywhere:
        raise InputError(
            "the runs share no chain",
            where=", ".join(run.facts.folder for run in runs),
            got=f"ids such as {', '.join(repr(next(iter(run.rows))) for run in runs)}",
            hint="Label the same input with every method.",
        )
    return [id for id in runs[0].rows if id in everywhere]


def _agreed(id: str, runs: Sequence[_Folder]) -> Trajectory:
    """The chain, if all runs mean the same one; what only one run knows of it is taken from there."""
    agreed = runs[0].rows[id].trajectory
    for run in runs[1:]:
        other = run.rows[id].trajectory
        for name in ("question", "steps", "ratings", "gold", "answer"):
            mine, theirs = getattr(agreed, name), getattr(other, name)
            if theirs is None or mine == theirs:
                continue
            if mine is not None:
                source = next(run for run in runs if getattr(run.rows[id].trajectory, name) == mine)
                raise _disagreement(id, name, mine, theirs, source.facts.folder, run.facts.folder)
            agreed = replace(agreed, **{name: theirs})
    return agreed


def _disagreement(id: str, name: str, mine: Any, theirs: Any, here: str, there: str) -> InputError:
    return InputError(
        f"the runs disagree about the {name} of chain {id!r}",
        where=f"{here} and {there}",
        got=f"{_short(mine)} and {_short(theirs)}",
        hint="Label the same input, with the same gold file, by every method.",
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}..."


def _refuse(runs: Sequence[_Folder], left_out: Counter[str]) -> None:
    reasons = "; ".join(f"{reason}: {count}" for reason, count in left_out.items())
    raise InputError(
        "no chain can be held against ratings",
        where=", ".join(run.facts.folder for run in runs),
        got=reasons,
        expected="chains whose steps are rated up to the first wrong one",
        hint=_RATINGS_HINT,
    )


def _on(run: _Folder, used: Sequence[Trajectory]) -> LabeledRun:
    rows = [run.rows[trajectory.id] for trajectory in used]
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
