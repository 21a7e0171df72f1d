"""A whole run of any kind: records in, chunks on disk, one result at the end.

A `Stage` is a kind of work: `label.Labeling`, `sample.Sampling` or `score.Scoring`. Chunks, resuming, shards,
rejects and progress are the same for all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from cpmi.digests import digest_of_bytes
from cpmi.errors import CpmiError, RecordError, RunError
from cpmi.runs.assemble import assemble
from cpmi.runs.chunk_store import ChunkStore, open_run
from cpmi.runs.chunks import DEFAULT_CHUNK_SIZE, ChunkReport, Reject, Shard, cut
from cpmi.runs.growth import expect_not_less, is_beginning
from cpmi.runs.journal import Journal
from cpmi.runs.manifest import Manifest
from cpmi.runs.records import Item, Record, as_record, digest, reject_of
from cpmi.runs.results import Results
from cpmi.runs.scheduler import Outcome
from cpmi.runs.sessions import finished_by, worked_on_by
from cpmi.runs.totals import Totals
from cpmi.usage import Usage

OnError = Literal["stop", "skip"]
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What the work on a chunk came to; the numbers are those of `ChunkReport`.

    Attributes:
        rows: the bytes to be stored.
        rejects: completions that got no row; rejected records are not among them.
    """

    rows: bytes
    num_chains: int
    num_steps: int
    num_tokenization_mismatches: int = 0
    abstained: Mapping[str, int] = field(default_factory=dict)
    missing_parts: Mapping[str, int] = field(default_factory=dict)
    final_answers: Mapping[str, int] = field(default_factory=dict)
    num_cut_off: int = 0
    num_timed_out: int = 0
    rejects: tuple[Reject, ...] = ()


class Stage(Protocol[Item, Done]):
    """A kind of work on records."""

    @property
    def results(self) -> Results:
        """How the rows of all chunks become one file."""
        ...

    def prepare(self, record: Record[Item]) -> Record[Item]:
        """The record with all that the work needs, or with the error that it lacks it."""
        ...

    def work(self, items: Sequence[Item], journal: Journal) -> Sequence[Outcome[Done]]:
        """The work on the records of a chunk: the result or the error of each, in their order, and its cost.

        Args:
            items: what was prepared without an error.
            journal: answers what an interrupted session asked for this chunk, and keeps what is asked now.
        """
        ...

    def harvest(self, done: Sequence[tuple[Item, Done, Usage]]) -> Harvest:
        """What was done on a chunk, in the order of its records, as it is stored."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is, told after every chunk.

    Attributes:
        num_chains: chains labeled, sampled or scored by this session.
        num_steps: their steps.
        num_kept: records of chunks that an earlier session had finished.
        num_records: records done, these included.
        total: records of this shard, or None while the length of the input is not known.
    """

    num_chains: int
    num_steps: int
    num_kept: int
    num_records: int
    total: int | None


def run_stage(
    stage: Stage[Item, Done],
    inputs: Iterable[Item | RecordError],
    *,
    out: Path,
    manifest: Manifest,
    limit: int | None = None,
    chunk_size: int = DEFAULT_CHUNK_SIZE,
    shard: Shard | None = None,
    on_error: OnError = "stop",
    overwrite: bool = False,
    num_records: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Totals:
    """Work on all records and store the results in a run folder, resuming an interrupted run.

    Args:
        stage: what is done with a record.
        inputs: the input in its order; errors take the place of records that cannot be read.
        out: the run folder.
        manifest: what the results come from; guards the folder against another run.
        limit: read this many records only; it may grow from session to session, see `cpmi.runs.growth`.
        chunk_size: records in a chunk.
        shard: work on these chunks only; None for all.
        on_error: "stop" raises at the first record that fails, "skip" rejects it and goes on.
        overwrite: remove the run in `out`.
        num_records: length of the input, for progress; None if unknown.
        progress: called after every chunk.

    Raises:
        RunError: the folder holds another run or more than `limit`, or the input has changed under it.
        RecordError: with "stop", a record that cannot be used. Chunks finished before it are safe.
        ModelError: with "stop", a record that the model cannot take; always, an engine that fails.
        StorageError: the disk refused. Finished chunks are safe.
    """
    shard = shard or Shard()
    with open_run(out, manifest, stage.results, overwrite=overwrite) as store:
        expect_not_less(limit, store, chunk_size=chunk_size, folder=out)
        tracker = _Tracker(progress, total=_num_own(num_records, limit, chunk_size, shard))
        own: list[int] = []
        num_chunks = 0
        for chunk_index, chunk in cut(islice(inputs, limit), chunk_size):
            num_chunks += 1
            if not shard.owns(chunk_index):
                continue
            records: list[Record[Item]] = [stage.prepare(as_record(content)) for content in chunk]
            journal = store.journal(chunk_index)
            if (report := _kept(store, chunk_index, records, out)) is None:
                if not tracker.has_worked:
                    worked_on_by(out, manifest)
                report, rows = _work_on(chunk_index, records, stage, on_error, journal)
                store.save(report, rows)
                tracker.worked(report)
            else:
                tracker.kept(report)
            journal.remove()  # of a chunk that is kept, too: a kill may have come just before
            own.append(chunk_index)
        totals = assemble(store, own, num_chunks=num_chunks)
        finished_by(out, manifest)
        return totals


def _kept(
    store: ChunkStore, chunk_index: int, records: Sequence[Record[Item]], out: Path
) -> ChunkReport | None:
    """The report of a chunk that an earlier session finished, if it was made from these records."""
    report = store.finished(chunk_index)
    if report is None or report.records_sha256 == digest(records):
        return report
    if is_beginning(report, records):
        return None
    raise RunError(
        f"the input has changed since chunk {chunk_index} was finished",
        where=str(out),
        hint="Use another --out for the new input, or --overwrite.",
    )


def _work_on(
    chunk_index: int,
    records: Sequence[Record[Item]],
    stage: Stage[Item, Done],
    on_error: OnError,
    journal: Journal,
) -> tuple[ChunkReport, bytes]:
    if on_error == "stop":
        _raise_first(records)
    items = _items(records)
    start_s = time.perf_counter()
    outcomes = stage.work(items, journal)
    wall_s = time.perf_counter() - start_s + journal.replayed_s
    records_done = _with_failures(records, outcomes)
    if on_error == "stop":
        _raise_first(records_done)
    harvest = stage.harvest(
        [
            (item, outcome.result, outcome.usage)
            for item, outcome in zip(items, outcomes, strict=True)
            if not isinstance(outcome.result, CpmiError)
        ]
    )
    report = ChunkReport(
        chunk_index=chunk_index,
        num_records=len(records),
        num_chains=harvest.num_chains,
        num_steps=harvest.num_steps,
        num_tokenization_mismatches=harvest.num_tokenization_mismatches,
        abstained=harvest.abstained,
        rejects=(*_rejects(records_done), *harvest.rejects),
        usage=sum((outcome.usage for outcome in outcomes), Usage()),
        wall_s=wall_s,
        records_sha256=digest(records),
        rows_sha256=digest_of_bytes(harvest.rows),
        missing_parts=harvest.missing_parts,
        final_answers=harvest.final_answers,
        num_cut_off=harvest.num_cut_off,
        num_timed_out=harvest.num_timed_out,
    )
    return report, harvest.rows


def _items(records: Sequence[Record[Item]]) -> list[Item]:
    return [record.content for record in records if not isinstance(record.content, CpmiError)]


def _with_failures(records: Sequence[Record[Item]], outcomes: Sequence[Outcome[Done]]) -> list[Record[Item]]:
    """The records, with the error in the place of a content whose work failed."""
    remaining = iter(outcomes)
    done = []
    for record in records:
        if not isinstance(record.content, CpmiError):
            result = next(remaining).result
            if isinstance(result, CpmiError):
                record = record.rejected(result)
        done.append(record)
    return done


def _rejects(records: Sequence[Record[Item]]) -> list[Reject]:
    return [
        reject_of(record.content, id=record.id, source=record.source)
        for record in records
        if isinstance(record.content, CpmiError)
    ]


def _raise_first(records: Sequence[Record[Item]]) -> None:
    for record in records:
        if isinstance(record.content, CpmiError):
            raise record.content


def _num_own(num_records: int | None, limit: int | None, chunk_size: int, shard: Shard) -> int | None:
    """Records of the input that fall into the shard's chunks."""
    if num_records is None:
        return None
    num_read = num_records if limit is None else min(num_records, limit)
    starts = range(shard.index * chunk_size, num_read, shard.count * chunk_size)
    return sum(min(chunk_size, num_read - start) for start in starts)


class _Tracker:
    """Counts chunks and tells the listener; `has_worked` once this session has worked on one."""

    def __init__(self, listener: Callable[[Progress], None] | None, *, total: int | None) -> None:
        self._listener = listener
        self.has_worked = False
        self._now = Progress(num_chains=0, num_steps=0, num_kept=0, num_records=0, total=total)
        self._tell()

    def worked(self, report: ChunkReport) -> None:
        self.has_worked = True
        self._now = replace(
            self._now,
            num_chains=self._now.num_chains + report.num_chains,
            num_steps=self._now.num_steps + report.num_steps,
            num_records=self._now.num_records + report.num_records,
        )
        self._tell()

    def kept(self, report: ChunkReport) -> None:
        self._now = replace(
            self._now,
            num_kept=self._now.num_kept + report.num_records,
            num_records=self._now.num_records + report.num_records,
        )
        self._tell()

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener(self._now)
