"""What an evaluation reads of one folder: a run's labels, one of its parts, targets, or scores.

`DIR:part` stands for a column of `parts` in place of the label, so that methods that keep several readings of
a step (`probe`, `net_gain`, `judge`) are measured from one run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cpmi.calibration import RANK_MAPS
from cpmi.errors import InputError, did_you_mean
from cpmi.evaluate.result import RunFacts
from cpmi.facts import Facts
from cpmi.places import expect_kind, holds, without_part
from cpmi.runs.facts import facts_of
from cpmi.runs.manifest import read_manifest
from cpmi.runs.matching import Chains
from cpmi.runs.score_table import read_scores
from cpmi.runs.table import LabeledChain, read_labels, read_part_names
from cpmi.runs.target_table import CONSENSUS, TargetRow, read_targets
from cpmi.types import PROBABILITY, Chain

Role = Literal["evaluated", "dev"]


@dataclass(frozen=True, slots=True)
class FolderRow:
    """One chain: a value per step, greater is better, and which steps print a candidate answer."""

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
        fitted_on: digests of the problems that its weights were fitted on.
    """

    facts: RunFacts
    unit: str
    chains: Chains
    rows: Mapping[str, FolderRow]
    fitted_on: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Read:
    chains: Sequence[Chain]
    rows: Sequence[FolderRow]
    facts: Facts


def read_folder(given: Path, role: Role) -> Folder:
    """Read a finished run of labels, a part of one (`DIR:part`), or a folder of targets or of scores.

    Raises:
        InputError: it has no chain or an id twice, holds a consensus, or has no such part.
        RunError: it is none of them.
    """
    folder, part = without_part(given)
    expect_kind(folder, "labels", *(("targets", "scores") if part is None else ()))
    manifest = read_manifest(folder)
    if part is None and holds(folder, "targets"):
        read = _of_targets(list(read_targets(folder)), folder)
    elif part is None and not holds(folder, "labels"):
        read = _of_scores(folder)
    else:
        read = _of_labels(folder, part)
    chains = Chains.of(folder, read.chains)
    facts = RunFacts(
        folder=str(folder),
        method=read.facts.method,
        model=None if manifest is None else manifest.model,
        fingerprint=None if manifest is None else manifest.fingerprint,
        num_chains=len(read.rows),
        role=role,
        knows_answer=read.facts.reads_final_answer,
        cost_reference=read.facts.cost_reference,
    )
    by_id = {t.id: row for t, row in zip(read.chains, read.rows, strict=True)}
    return Folder(facts, read.facts.unit, chains, by_id, frozenset(read.facts.fitted_on))


def _of_labels(folder: Path, part: str | None) -> _Read:
    if part is not None and part not in (names := read_part_names(folder)):
        raise InputError(
            "the run has no such part",
            where=str(folder),
            got=part,
            expected=", ".join(sorted(names)) or "a run that has parts",
            hint=did_you_mean(part, names),
        )
    chains, rows = [], []
    methods, units = set(), set()
    for row in read_labels(folder, candidates=False):
        chains.append(row.chain)
        rows.append(_label_row(row) if part is None else _part_row(row, part, folder))
        methods.add(row.labels.method)
        units.add(row.labels.unit)
    facts = facts_of(folder, method=", ".join(sorted(methods)), unit=", ".join(sorted(units)))
    if part is not None:  # a feature of the step alone, without the final answer
        facts = replace(
            facts, method=f"{facts.method}:{part}", unit=part, reads_final_answer=False, cost_reference=False
        )
    return _Read(chains, rows, facts)


def _label_row(row: LabeledChain) -> FolderRow:
    return FolderRow(values=row.labels.values, printed=row.labels.marks.get("mentions_candidate"))


def _part_row(row: LabeledChain, part: str, folder: Path) -> FolderRow:
    """A part's values where the chain has them; null where the method abstained or had nothing to compare."""
    labels, num_steps = row.labels, len(row.chain.steps)
    values: tuple[float | None, ...] = labels.parts.get(part) or (None,) * num_steps
    if len(values) != num_steps:
        of_steps = sorted(name for name, column in labels.parts.items() if len(column) == num_steps)
        raise InputError(
            "the part has no value per step",
            where=f"{folder} [{row.chain.id}]",
            got=part,
            expected=", ".join(of_steps) or "a run that has parts",
        )
    return FolderRow(values=values, printed=labels.marks.get("mentions_candidate"))


def _of_scores(folder: Path) -> _Read:
    rows = list(read_scores(folder))
    return _Read(
        chains=[row.chain for row in rows],
        rows=[FolderRow(values=row.scores.values, printed=None) for row in rows],
        facts=Facts(method="score", unit=PROBABILITY),
    )


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
        chains=[row.chain for row in targets],
        rows=[FolderRow(values=row.targets, printed=row.printed) for row in targets],
        facts=replace(
            facts_of(folder, method=", ".join(sorted({row.method for row in targets})), unit=""),
            method="; ".join(sorted({f"{row.method}, {row.map}" for row in targets})),
            unit="rank" if maps & set(RANK_MAPS) else "probability",
        ),
    )
