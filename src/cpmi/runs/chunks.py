"""Chunks of work: fixed runs of consecutive input records, each stored once it is finished.

A chunk is what is batched, sharded, resumed and lost together. What it contains follows from the input
alone, so a plain run, a resumed one and merged shards store the same chunks. A finished chunk is two files in
`chunks/`: `00007.parquet` or `00007.jsonl` (its rows) and, written last, `00007.json` (its report, the mark
of being done). A chunk at work has a journal there, `00007.journal.jsonl`, which its mark replaces.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from cpmi.digests import OWN, digest_of_bytes, is_intact, sealed
from cpmi.errors import ConfigError, RunError
from cpmi.runs.journal import Journal
from cpmi.runs.storage import make_folder, remove_leftovers, replacing, write_json
from cpmi.usage import Usage

T = TypeVar("T")

DEFAULT_CHUNK_SIZE = 8
CHUNKS_FOLDER = "chunks"
_JOURNAL_SUFFIX = ".journal.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of `count` equal parts of a run; `index` counts from 0. It owns every count-th chunk."""

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read "i/n".

        Raises:
            ConfigError: not two whole numbers with 0 <= i < n.
        """
        index, slash, count = text.partition("/")
        if slash and index.isdecimal() and count.isdecimal() and int(index) < int(count):
            return cls(index=int(index), count=int(count))
        raise ConfigError(
            "not a shard", where="option shard", got=repr(text), expected="i/n with i from 0 to n-1, as 0/3"
        )

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def owns(self, chunk_index: int) -> bool:
        return chunk_index % self.count == self.index


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A record, or a completion of one, that got no row.

    Attributes:
        id: its id, or None where it could not be read that far.
        source: file and line, as the reader says it.
        reason: the kind of failure, for counting; numbers in it are written N.
        message: the whole error.
    """

    id: str | None
    source: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkReport:
    """What a finished chunk holds.

    Attributes:
        chunk_index: its place in the input.
        num_records: input records in it, the rejected ones included.
        num_chains: rows stored.
        num_steps: steps of these rows.
        num_tokenization_mismatches: joins at which the tokenizer would cut the joined text differently.
        abstained: steps without a label, by reason.
        rejects: the records that got no row.
        usage: what its requests cost, the rejected records' included.
        wall_s: seconds from the first request to the last reply; what an earlier session spent on samples
            that are in the journal is in it.
        records_sha256: digest of the records it was made from.
        rows_sha256: digest of the file of its rows.
        missing_parts: chains labeled without a part of their labels, by "part (reason)".
        final_answers: of a sampling run, chains by what became of their final answer.
        num_cut_off: of a sampling run, chains that were cut off by length.
        num_timed_out: pairs of answers whose comparison used up its processor time.
        fingerprint: of the run that made it.
    """

    chunk_index: int
    num_records: int
    num_chains: int
    num_steps: int
    num_tokenization_mismatches: int
    abstained: Mapping[str, int]
    rejects: tuple[Reject, ...]
    usage: Usage
    wall_s: float
    records_sha256: str
    rows_sha256: str
    missing_parts: Mapping[str, int] = field(default_factory=dict)
    final_answers: Mapping[str, int] = field(default_factory=dict)
    num_cut_off: int = 0
    num_timed_out: int = 0
    fingerprint: str = ""

    @classmethod
    def from_json(cls, text: str) -> ChunkReport:
        """Raises: ValueError, KeyError or TypeError for anything but the report of a chunk."""
        facts = json.loads(text)
        if OWN in facts:  # a former version wrote none
            if not is_intact(facts):
                raise ValueError("the report has changed since it was written")
            del facts[OWN]
        facts["rejects"] = tuple(Reject(**reject) for reject in facts["rejects"])
        facts["usage"] = Usage(**facts["usage"])
        return cls(**facts)


class ChunkStore:
    """The chunks of one run folder.

    Args:
        folder: the run folder; the chunks are in `chunks/` inside.
        suffix: of the files of rows, as that of the run's result.
        fingerprint: of the run; it is part of every mark, so that chunks of two runs never mix.
    """

    def __init__(self, folder: Path, *, suffix: str = ".parquet", fingerprint: str = "") -> None:
        self._folder = folder / CHUNKS_FOLDER
        self._suffix = suffix
        self._fingerprint = fingerprint

    def prepare(self) -> None:
        """Create the folder, and remove what a killed run left half-written.

        Raises:
            StorageError: the disk refused.
        """
        make_folder(self._folder)
        remove_leftovers(self._folder)

    def rows_path(self, chunk_index: int) -> Path:
        return self._folder / f"{chunk_index:05d}{self._suffix}"

    def report_path(self, chunk_index: int) -> Path:
        return self._folder / f"{chunk_index:05d}.json"

    def journal(self, chunk_index: int) -> Journal:
        """What has been sampled for a chunk at work."""
        return Journal(self._folder / f"{chunk_index:05d}{_JOURNAL_SUFFIX}")

    def save(self, report: ChunkReport, rows: bytes) -> None:
        """Store a finished chunk; its mark last.

        Raises:
            StorageError: the disk refused. The chunk then counts as unfinished.
        """
        with replacing(self.rows_path(report.chunk_index)) as file:
            file.write(rows)
        mark = replace(report, fingerprint=self._fingerprint)
        write_json(self.report_path(report.chunk_index), sealed(asdict(mark)))

    def finished(self, chunk_index: int) -> ChunkReport | None:
        """The report of a chunk if this run finished it and its rows are intact, else None.

        Raises:
            RunError: another run made it.
        """
        try:
            report = ChunkReport.from_json(self.report_path(chunk_index).read_text("utf-8"))
            rows = self.rows_path(chunk_index).read_bytes()
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None  # never finished, or damaged since: it is worked on again
        if report.fingerprint != self._fingerprint:
            raise RunError(
                f"chunk {chunk_index} was made by another run",
                where=str(self._folder),
                hint="Use another --out, or --overwrite to begin anew.",
            )
        intact = report.chunk_index == chunk_index and report.rows_sha256 == digest_of_bytes(rows)
        return report if intact else None

    def finished_indices(self) -> list[int]:
        """The chunks with a mark, in order."""
        return sorted(int(path.stem) for path in self._folder.glob("*.json") if path.stem.isdecimal())


def cut(records: Iterable[T], chunk_size: int) -> Iterator[tuple[int, Sequence[T]]]:
    """(chunk index, its records), in the order of the input; only the last chunk may be shorter."""
    remaining = iter(records)
    chunk_index = 0
    while chunk := list(islice(remaining, chunk_size)):
        yield chunk_index, chunk
        chunk_index += 1
