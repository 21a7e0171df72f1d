"""A whole labeling run: records in, units of labels on disk, one table at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

import pyarrow as pa

from cpmi.errors import CpmiError, RecordError, RunError
from cpmi.flows import Labeler
from cpmi.requests import Engine
from cpmi.runs.assemble import assemble
from cpmi.runs.drive import Outcome, drive
from cpmi.runs.folder import open_folder
from cpmi.runs.manifest import Manifest
from cpmi.runs.records import Join, Record, as_record, digest, name_of, reject_of, with_gold
from cpmi.runs.table import LabeledTrajectory, encode, schema
from cpmi.runs.totals import Totals
from cpmi.runs.units import DEFAULT_UNIT_SIZE, Shard, UnitReport, UnitStore, cut, sha256
from cpmi.types import StepLabels, Trajectory
from cpmi.usage import Usage

OnError = Literal["stop", "skip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is, told after every unit.

    Attributes:
        num_chains: chains labeled by this session.
        num_steps: their steps.
        num_kept: records of units that an earlier session had finished.
        num_records: records done, these included.
        total: records of this shard, or None while the length of the input is not known.
    """

    num_chains: int
    num_steps: int
    num_kept: int
    num_records: int
    total: int | None


def label_run(
    *,
    trajectories: Iterable[Trajectory | RecordError],
    labeler: Labeler,
    engine: Engine,
    out: Path,
    manifest: Manifest,
    join: Join | None = None,
    limit: int | None = None,
    unit_size: int = DEFAULT_UNIT_SIZE,
    shard: Shard | None = None,
    on_error: OnError = "stop",
    overwrite: bool = False,
    num_records: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Totals:
    """Label chains and store the labels in a run folder, resuming what stands there.

    Args:
        trajectories: the input in its order; errors stand in the place of records that cannot be read.
        labeler: the method.
        engine: the model.
        out: the run folder.
        manifest: what the results come from; guards the folder against another run.
        join: gives a trajectory its gold answer; None where the input states it.
        limit: read this many records only.
        unit_size: records in a unit of work.
        shard: work on these units only; None for all.
        on_error: "stop" raises at the first record that fails, "skip" rejects it and goes on.
        overwrite: remove the run that stands in `out`.
        num_records: length of the input, for progress; None if unknown.
        progress: told after every unit.

    Raises:
        RunError: the folder holds another run, or the input has changed under it.
        RecordError: with "stop", a record that cannot be used. Units finished before it are safe.
        ModelError: with "stop", a chain that the model cannot take; always, an engine that fails.
        StorageError: the disk refused. Finished units are safe.
    """
    shard = shard or Shard()
    store = open_folder(out, manifest, overwrite=overwrite)
    columns = schema(labeler.name, labeler.part_names)
    tracker = _Tracker(progress, total=_num_own(num_records, limit, unit_size, shard))
    reports: list[UnitReport] = []
    num_units = 0
    for unit_index, unit in cut(map(as_record, islice(trajectories, limit)), unit_size):
        num_units += 1
        if not shard.owns(unit_index):
            continue
        records = [with_gold(record, join) for record in unit]
        report = _kept(store, unit_index, records, out)
        if report is None:
            report = _label_unit(unit_index, records, labeler, engine, store, columns, on_error)
            tracker.labeled(report)
        else:
            tracker.kept(report)
        reports.append(report)
    return assemble(out, store, reports, columns=columns, num_units=num_units)


def _kept(store: UnitStore, unit_index: int, records: Sequence[Record], out: Path) -> UnitReport | None:
    """The report of a unit that an earlier session finished, if it was made from these records."""
    report = store.finished(unit_index)
    if report is not None and report.records_sha256 != digest(records):
        raise RunError(
            f"the input has changed since unit {unit_index} was labeled",
            where=str(out),
            hint="Use another --out for the new input, or --overwrite.",
        )
    return report


def _label_unit(
    unit_index: int,
    records: Sequence[Record],
    labeler: Labeler,
    engine: Engine,
    store: UnitStore,
    columns: pa.Schema,
    on_error: OnError,
) -> UnitReport:
    if on_error == "stop":
        _raise_first(records)
    start_s = time.perf_counter()
    flows = [(name_of(t), labeler.label(t)) for t in _trajectories(records)]
    outcomes = drive(flows, engine)
    wall_s = time.perf_counter() - start_s
    done = _with_failures(records, outcomes)
    if on_error == "stop":
        _raise_first(done)
    rows = [
        LabeledTrajectory(trajectory=trajectory, labels=replace(outcome.result, usage=outcome.usage))
        for trajectory, outcome in zip(_trajectories(records), outcomes, strict=True)
        if isinstance(outcome.result, StepLabels)
    ]
    table = encode(rows, columns)
    abstained = Counter(reason for row in rows for reason in row.labels.abstained.values())
    report = UnitReport(
        unit_index=unit_index,
        num_records=len(records),
        num_chains=len(rows),
        num_steps=sum(len(row.labels.values) for row in rows),
        num_joint_differences=sum(row.labels.num_joint_differences for row in rows),
        abstained=dict(sorted(abstained.items())),
        rejects=tuple(reject_of(r, r.content) for r in done if isinstance(r.content, CpmiError)),
        usage=sum((outcome.usage for outcome in outcomes), Usage()),
        wall_s=wall_s,
        records_sha256=digest(records),
        table_sha256=sha256(table),
    )
    store.save(report, table)
    return report


def _trajectories(records: Sequence[Record]) -> list[Trajectory]:
    return [record.content for record in records if isinstance(record.content, Trajectory)]


def _with_failures(records: Sequence[Record], outcomes: Sequence[Outcome[StepLabels]]) -> list[Record]:
    """The records, with the error in the place of a trajectory whose flow failed."""
    remaining = iter(outcomes)
    done = []
    for record in records:
        if isinstance(record.content, Trajectory):
            result = next(remaining).result
            if isinstance(result, CpmiError):
                record = record.rejected(result)
        done.append(record)
    return done


def _raise_first(records: Sequence[Record]) -> None:
    for record in records:
        if isinstance(record.content, CpmiError):
            raise record.content


def _num_own(num_records: int | None, limit: int | None, unit_size: int, shard: Shard) -> int | None:
    """Records of the input that fall into the shard's units."""
    if num_records is None:
        return None
    num_read = num_records if limit is None else min(num_records, limit)
    starts = range(shard.index * unit_size, num_read, shard.count * unit_size)
    return sum(min(unit_size, num_read - start) for start in starts)


class _Tracker:
    """Counts units and tells the listener."""

    def __init__(self, listener: Callable[[Progress], None] | None, *, total: int | None) -> None:
        self._listener = listener
        self._now = Progress(num_chains=0, num_steps=0, num_kept=0, num_records=0, total=total)
        self._tell()

    def labeled(self, report: UnitReport) -> None:
        self._now = replace(
            self._now,
            num_chains=self._now.num_chains + report.num_chains,
            num_steps=self._now.num_steps + report.num_steps,
            num_records=self._now.num_records + report.num_records,
        )
        self._tell()

    def kept(self, report: UnitReport) -> None:
        self._now = replace(
            self._now,
            num_kept=self._now.num_kept + report.num_records,
            num_records=self._now.num_records + report.num_records,
        )
        self._tell()

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener(self._now)
