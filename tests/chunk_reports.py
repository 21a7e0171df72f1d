"""Reports of chunks, for tests of what keeps and adds them."""

from __future__ import annotations

from typing import Any

from cpmi.digests import digest_of_bytes
from cpmi.runs.chunks import ChunkReport, Reject
from cpmi.runs.totals import NOT_JOINED
from cpmi.usage import Usage


def report(chunk_index: int, rows: bytes = b"", **changes: Any) -> ChunkReport:
    facts: dict[str, Any] = {
        "chunk_index": chunk_index,
        "num_records": 3,
        "num_chains": 2,
        "num_steps": 5,
        "num_tokenization_mismatches": 1,
        "abstained": {"no negatives": 2},
        "rejects": (Reject(id=None, source="f.jsonl, line 3", reason=NOT_JOINED, message="…"),),
        "usage": Usage(calls=1, flops=10, wall_s=0.5, peak_bytes=100),
        "wall_s": 2.0,
        "records_sha256": "r",
        "rows_sha256": digest_of_bytes(rows),
    }
    return ChunkReport(**facts | changes)
