"""What a report takes from run folders: the rows, what they cost, and what made them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cpmi.errors import InputError
from cpmi.evaluate.costs import cost_of
from cpmi.evaluate.result import Cost
from cpmi.facts import Facts
from cpmi.places import expect_kind, real
from cpmi.reports.command import command
from cpmi.runs.facts import facts_of
from cpmi.runs.manifest import MANIFEST_NAME, Manifest, read_manifest
from cpmi.runs.spent import Spent, read_spent
from cpmi.runs.table import LabeledChain, read_labels
from cpmi.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRun:
    """One run folder.

    Attributes:
        name: unique among the runs of a report; the method's name unless two runs share it.
        folder: as it was given.
        method: the labeling method.
        unit: of its labels.
        rows: by id, in the order of the input.
        cost: of the whole run.
        abstained: steps without a label, by reason.
        label_facts: what is true of its labels; a line is drawn only through contexts that are prefixes.
        manifest: None in a folder without one.
        date: of the run, as YYYY-MM-DD.
    """

    name: str
    folder: Path
    method: str
    unit: str
    rows: Mapping[str, LabeledChain]
    cost: Cost
    abstained: Mapping[str, int]
    label_facts: Facts
    manifest: Manifest | None
    date: str

    @property
    def num_steps(self) -> int:
        return sum(len(row.labels.values) for row in self.rows.values())

    def fact(self, *names: str) -> Any:
        """An entry of the manifest by its path, "determines" or "circumstances" first; None if absent."""
        found: Any = None if self.manifest is None else self.manifest.to_json()
        for name in names:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def facts(self) -> dict[str, Any]:
        """What is said of the run in report.json."""
        return {
            "name": self.name,
            "folder": str(self.folder),
            "method": self.method,
            "unit": self.unit,
            "num_chains": len(self.rows),
            "num_steps": self.num_steps,
            "abstained": dict(self.abstained),
            "cost": asdict(self.cost),
            "contexts": self.label_facts.contexts,
            "date": self.date,
            "model": None if self.manifest is None else self.manifest.model,
            "machine": self.fact("circumstances", "machine"),
            "versions": self.fact("determines", "versions"),
            "cpmi": self.fact("determines", "cpmi"),
            "fingerprint": self.fact("fingerprint"),
            "command": command(self.manifest),
        }


def read_runs(folders: Sequence[Path]) -> list[ReportedRun]:
    """The runs, in the order given, each with a name of its own.

    Raises:
        InputError: no folder, one twice, an empty run, or runs that hold different steps under one id.
        RunError: a folder holds no finished run.
    """
    if not folders:
        raise InputError("no run to report", expected="one run folder at least")
    for folder in folders:
        expect_kind(folder, "labels")
    twice = [folder for folder, n in Counter(map(real, folders)).items() if n > 1]
    if twice:
        raise InputError("a run folder is given twice", where=str(twice[0]))
    runs = [_read_run(folder) for folder in folders]
    _expect_same_chains(runs)
    shared = Counter(run.method for run in runs)
    return [
        run if shared[run.method] == 1 else replace(run, name=f"{run.method} in {run.folder}") for run in runs
    ]


def common_folder(folders: Sequence[Path]) -> str:
    """What all paths begin with, its slash included; names are shorter without. "" if that is nothing."""
    try:
        shared = os.path.commonpath([folder.parent for folder in folders])
    except ValueError:  # some are absolute, some are not
        return ""
    return "" if len(folders) < 2 or shared in ("", os.sep) else shared + os.sep


def _read_run(folder: Path) -> ReportedRun:
    rows = {row.chain.id: row for row in read_labels(folder)}
    if not rows:
        raise InputError("the run labeled no chain", where=str(folder))
    first = next(iter(rows.values())).labels
    manifest = read_manifest(folder)
    return ReportedRun(
        name=first.method,
        folder=folder,
        method=first.method,
        unit=first.unit,
        rows=rows,
        cost=_cost(folder, list(rows.values())),
        abstained=Counter(reason for row in rows.values() for reason in row.labels.abstained.values()),
        label_facts=facts_of(folder, method=first.method, unit=first.unit),
        manifest=manifest,
        date=_date(folder, manifest),
    )


def _cost(folder: Path, rows: Sequence[LabeledChain]) -> Cost:
    """As `usage.json` says; without it the rows still know their tokens."""
    if (spent := read_spent(folder)) is not None:
        return cost_of(spent)
    num_steps = sum(len(row.labels.values) for row in rows)
    usage = sum((row.labels.usage for row in rows), Usage())
    return replace(cost_of(Spent(num_steps=num_steps, wall_s=0, usage=usage)), flops=None, wall_s=None)


def _date(folder: Path, manifest: Manifest | None) -> str:
    """The manifest's own date; where it has none, the day on which the file was written."""
    said = None if manifest is None else manifest.circumstances.get("date")
    if isinstance(said, str):
        return said[:10]
    path = folder / MANIFEST_NAME
    written = (path if path.exists() else folder).stat().st_mtime
    return datetime.fromtimestamp(written, UTC).date().isoformat()


def _expect_same_chains(runs: Sequence[ReportedRun]) -> None:
    """One id must mean one chain, or the page would show one run's labels beside another run's steps."""
    seen: dict[str, tuple[str, tuple[str, ...]]] = {}
    for run in runs:
        for id, row in run.rows.items():
            where, steps = seen.setdefault(id, (str(run.folder), row.chain.steps))
            if steps != row.chain.steps:
                raise InputError(
                    f"chain {id} has other steps than in {where}",
                    where=str(run.folder),
                    expected="runs over the same chains",
                    hint="Report them apart.",
                )
