"""Put the finished chunks of a run folder together: its result, `rejects.jsonl`, `usage.json`.

The first two depend on the chunks' contents and their order only. Timings are kept in the third.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from cpmi.runs.chunk_store import ChunkStore
from cpmi.runs.chunks import ChunkReport
from cpmi.runs.results import REJECTS_NAME, USAGE_NAME
from cpmi.runs.totals import Totals
from cpmi.storage import replacing, write_json


def assemble(store: ChunkStore, chunk_indices: Sequence[int], *, num_chunks: int) -> Totals:
    """Write the results of a run whose chunks are all finished into its folder.

    Args:
        store: the chunks.
        chunk_indices: those of this run, in order.
        num_chunks: chunks of the whole input, other shards' included.

    Raises:
        StorageError: the disk refused; the chunks stay as they are.
    """
    folder = store.result.parent
    if store.finished_indices() != list(chunk_indices):
        store.take_up()
    if not store.is_finished:
        with replacing(store.result) as file:
            store.results.join((store.rows(chunk_index) for chunk_index in chunk_indices), file)
    times: list[dict[str, Any]] = []
    with replacing(folder / REJECTS_NAME) as rejects:
        reports = map(store.report, chunk_indices)  # read once: those of a long run do not fit into memory
        totals = Totals.of(_noted(reports, rejects, times))
    # The length of the whole input lets a merge tell whether shards are missing.
    usage = {"num_chunks_of_input": num_chunks, "totals": totals.to_json(), "chunks": times}
    write_json(folder / USAGE_NAME, usage)
    store.finish(chunk_indices)
    return totals


def _noted(
    reports: Iterable[ChunkReport], rejects: BinaryIO, times: list[dict[str, Any]]
) -> Iterator[ChunkReport]:
    """The reports, as they pass: their rejects are written, and their times kept."""
    for report in reports:
        for reject in report.rejects:
            facts = {"chunk": report.chunk_index, **asdict(reject)}
            rejects.write(f"{json.dumps(facts, ensure_ascii=False)}\n".encode())
        times.append(_times(report))
        yield report


def _times(report: ChunkReport) -> dict[str, Any]:
    return {
        "chunk": report.chunk_index,
        "wall_s": report.wall_s,
        "num_chains": report.num_chains,
        "num_steps": report.num_steps,
    }
