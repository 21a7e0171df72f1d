"""What an evaluation reads of one folder: the labels of a run, or targets that were made from labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cpmi.calibrate import RANK_MAPS
from cpmi.errors import InputError
from cpmi.evaluate.costs import MONTE_CARLO
from cpmi.evaluate.result import RunFacts
from cpmi.runs.manifest import Manifest, read_manifest
from cpmi.runs.matching import Chains
from cpmi.runs.table import TARGETS_NAME, LabeledTrajectory, read_labels
from cpmi.runs.target_table import CONSENSUS, TargetRow, read_targets
from cpmi.types import Trajectory

Role = Literal["evaluated", "dev"]


@dataclass(frozen=True, slots=True)
class Row:
    """One chain: a value a step, greater is better, and which steps print a candidate answer."""

    values: tuple[float | None, ...]
    printed: tuple[bool, ...] | None


@dataclass(frozen=True, slots=True)
class Folder:
    """All chains of a folder.

    Attributes:
        facts: which run, under the name of its method.
        unit: of the values; targets are a "probability", or a "rank" by a map that gives no more.
        chains: by id.
        rows: by id.
    """

    facts: RunFacts
    unit: str
    chains: Chains
    rows: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class _Read:
    trajectories: Sequence[Trajectory]
    rows: Sequence[Row]
    method: str
    unit: str


def read_folder(folder: Path, role: Role) -> Folder:
    """Read a finished run of labels or a folder of targets.

    Raises:
        InputError: it has no chain or an id twice, or holds a consensus.
        RunError: it is neither.
    """
    has_targets = (folder / TARGETS_NAME).exists()
    manifest = read_manifest(folder)
    read = _of_targets(list(read_targets(folder)), folder) if has_targets else _of_labels(folder, manifest)
    chains = Chains.of(folder, read.trajectories)
    model = None if manifest is None else manifest.circumstances.get("model")
    facts = RunFacts(
        folder=str(folder),
        method=read.method,
        model=None if model is None else str(model),
        fingerprint=None if manifest is None else manifest.fingerprint,
        num_chains=len(read.rows),
        role=role,
    )
    by_id = {t.id: row for t, row in zip(read.trajectories, read.rows, strict=True)}
    return Folder(facts, read.unit, chains, by_id)


def _of_labels(folder: Path, manifest: Manifest | None) -> _Read:
    trajectories, rows = [], []
    methods, units = set(), set()
    for row in read_labels(folder):
        trajectories.append(row.trajectory)
        rows.append(_label_row(row))
        methods.add(row.labels.labeler)
        units.add(row.labels.unit)
    method = ", ".join(sorted(methods))
    options = {} if manifest is None else manifest.determines.get("options") or {}
    if method == MONTE_CARLO and options.get("first_steps"):
        # Another label than that of all steps, and no measure of what Monte Carlo costs.
        method = f"{MONTE_CARLO}, first {options['first_steps']}"
    return _Read(trajectories, rows, method, ", ".join(sorted(units)))


def _label_row(row: LabeledTrajectory) -> Row:
    return Row(values=row.labels.values, printed=row.labels.marks.get("prints_candidate"))


def _of_targets(targets: Sequence[TargetRow], folder: Path) -> _Read:
    maps = {row.map for row in targets}
    if CONSENSUS in maps:
        raise InputError(
            "a consensus cannot be held against ratings",
            where=str(folder),
            got="only the chains and steps on which two label sets agree",
            expected="runs of labels, or folders by cpmi calibrate or cpmi hybrid",
            hint="Give the two folders that it was made from.",
        )
    return _Read(
        trajectories=[row.trajectory for row in targets],
        rows=[Row(values=row.targets, printed=row.printed) for row in targets],
        method="; ".join(sorted({f"{row.method}, {row.map}" for row in targets})),
        unit="rank" if maps & set(RANK_MAPS) else "probability",
    )
