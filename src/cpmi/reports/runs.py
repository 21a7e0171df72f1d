"""What a report takes from run folders: the rows, what they cost, and what made them."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from cpmi.errors import InputError
from cpmi.evaluate.costs import cost_of
from cpmi.evaluate.result import Cost
from cpmi.facts import Facts
from cpmi.metrics.layout import Floats
from cpmi.places import expect_kind, real
from cpmi.reports.command import command
from cpmi.runs.facts import facts_of
from cpmi.runs.manifest import MANIFEST_NAME, Manifest, read_manifest
from cpmi.runs.spent import Spent, read_spent
from cpmi.runs.table import LabeledChain, read_ids, read_labels
from cpmi.types import Rating
from cpmi.usage import Usage

_JUDGED = frozenset((Rating.RIGHT, Rating.NEUTRAL, Rating.WRONG))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRun:
    """One run folder.

    Attributes:
        name: unique among the runs of a report; the method's name unless two runs share it.
        folder: as it was given.
        method: the labeling method.
        unit: of its labels.
        rows: of the chains that may be shown, by id, in the order of the input.
        num_steps_of: steps of all chains, by id, in the order of the input.
        num_steps: that were labeled.
        values_N: all labels that there are, sorted.
        is_rated: whether any step of any chain is judged.
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
    num_steps_of: Mapping[str, int]
    num_steps: int
    values_N: Floats
    is_rated: bool
    cost: Cost
    abstained: Mapping[str, int]
    label_facts: Facts
    manifest: Manifest | None
    date: str

    @property
    def num_chains(self) -> int:
        return len(self.num_steps_of)

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
            "num_chains": self.num_chains,
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


def read_runs(folders: Sequence[Path], max_chains: int | None = None) -> list[ReportedRun]:
    """The runs, in the order given, each with a name of its own.

    Args:
        folders: of finished runs.
        max_chains: rows are kept of so many chains, the first of all runs together; None for all.

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
    reading = _Reading(max_chains)
    runs = [reading.run(folder) for folder in folders]
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


class _Reading:
    """Several runs read one after the other, row by row.

    Args:
        max_chains: of how many chains rows are kept; None for all.
    """

    def __init__(self, max_chains: int | None) -> None:
        self._max_chains = max_chains
        self._shown: set[str] = set()
        self._seen: dict[str, tuple[str, bytes]] = {}

    def run(self, folder: Path) -> ReportedRun:
        # Of two rows with one id the last counts, in the place of the first.
        last = {id: index for index, id in enumerate(read_ids(folder))}
        if not last:
            raise InputError("the run labeled no chain", where=str(folder))
        for id in last:
            if self._max_chains is None or len(self._shown) < self._max_chains:
                self._shown.add(id)
        num_steps_of, rows = dict.fromkeys(last, 0), {}
        values, usage = array("d"), Usage()
        abstained: Counter[str] = Counter()
        num_steps, is_rated, spent = 0, False, read_spent(folder)
        method = unit = ""
        for index, row in enumerate(read_labels(folder)):
            id, labels = row.chain.id, row.labels
            if last[id] != index:
                continue
            self._expect_same(row, folder)
            num_steps_of[id] = len(row.chain.steps)
            num_steps += len(labels.values)
            if id in self._shown:
                rows[id] = row
            values.extend(value for value in labels.values if value is not None)
            abstained.update(labels.abstained.values())
            is_rated = is_rated or not _JUDGED.isdisjoint(row.chain.ratings or ())
            usage = usage if spent else usage + labels.usage
            method, unit = method or labels.method, unit or labels.unit
        manifest = read_manifest(folder)
        return ReportedRun(
            name=method,
            folder=folder,
            method=method,
            unit=unit,
            rows={id: rows[id] for id in last if id in rows},
            num_steps_of=num_steps_of,
            num_steps=num_steps,
            values_N=np.sort(np.array(values)),
            is_rated=is_rated,
            cost=_cost(spent, num_steps, usage),
            abstained=abstained,
            label_facts=facts_of(folder, method=method, unit=unit),
            manifest=manifest,
            date=_date(folder, manifest),
        )

    def _expect_same(self, row: LabeledChain, folder: Path) -> None:
        """One id must mean one chain, or the page would show one run's labels beside another run's steps."""
        id = row.chain.id
        steps = sha256(repr(row.chain.steps).encode("utf-8", "surrogatepass")).digest()
        where, others = self._seen.setdefault(id, (str(folder), steps))
        if steps != others:
            raise InputError(
                f"chain {id} has other steps than in {where}",
                where=str(folder),
                expected="runs over the same chains",
                hint="Report them apart.",
            )


def _cost(spent: Spent | None, num_steps: int, usage: Usage) -> Cost:
    """As `usage.json` says; without it the rows still know their tokens."""
    if spent is not None:
        return cost_of(spent)
    return replace(cost_of(Spent(num_steps=num_steps, wall_s=0, usage=usage)), flops=None, wall_s=None)


def _date(folder: Path, manifest: Manifest | None) -> str:
    """The manifest's own date; where it has none, the day on which the file was written."""
    said = None if manifest is None else manifest.circumstances.get("date")
    if isinstance(said, str):
        return said[:10]
    path = folder / MANIFEST_NAME
    written = (path if path.exists() else folder).stat().st_mtime
    return datetime.fromtimestamp(written, UTC).date().isoformat()
