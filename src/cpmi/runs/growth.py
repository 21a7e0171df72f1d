"""A run whose limit grows: what is kept, what is worked on again, and which limit is too small.

All chunks but the last one that was read are whole, so a greater limit changes the last one only. It is
worked on again as a whole, and so is one at work: what they had cost before is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cpmi.errors import RunError
from cpmi.runs.chunk_store import ChunkStore
from cpmi.runs.chunks import ChunkReport
from cpmi.runs.records import Item, Record, digest


def is_beginning(report: ChunkReport, records: Sequence[Record[Item]]) -> bool:
    """Whether a chunk was made from the first of these records, and there are more by now."""
    beginning = records[: report.num_records]
    return len(beginning) < len(records) and report.records_sha256 == digest(beginning)


def expect_not_less(limit: int | None, store: ChunkStore, *, chunk_size: int, folder: Path) -> None:
    """Refuse a limit that would leave out what is finished.

    Raises:
        RunError: a finished chunk has records beyond the limit.
    """
    if limit is None:
        return
    for chunk_index in reversed(store.finished_indices()):
        if (report := store.finished(chunk_index)) is None:
            continue
        end = chunk_index * chunk_size + report.num_records
        if end > limit:
            raise RunError(
                "the folder has finished more records than the limit",
                where=str(folder),
                got=f"--limit {limit}",
                expected=f"--limit {end} or more, or none: a limit can only grow",
                hint="Use another --out for fewer records, or --overwrite.",
            )
        return
