"""Put the finished chunks of a run folder together: its result, `rejects.jsonl`, `usage.json`.

The first two depend on the chunks' contents and their order only. Timings are kept in the third, which is
written last.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from cpmi.runs.chunks import ChunkReport, ChunkStore
from cpmi.runs.results import REJECTS_NAME, USAGE_NAME, Results
from cpmi.runs.storage import replacing, write_json, write_text
from cpmi.runs.totals import Totals


def assemble(
    path: Path, store: ChunkStore, reports: Sequence[ChunkReport], *, results: Results, num_chunks: int
) -> Totals:
    """Write the results of a run whose chunks are all finished.

    Args:
        path: the result; the other files are beside it.
        store: the chunks.
        reports: of these chunks, in their order.
        results: how their rows become one file.
        num_chunks: chunks of the whole input, other shards' included.

    Raises:
        StorageError: the disk refused; the chunks stay as they are.
    """
    with replacing(path) as file:
        results.join([store.rows_path(report.chunk_index) for report in reports], file)
    rejects = [{"chunk": r.chunk_index, **asdict(reject)} for r in reports for reject in r.rejects]
    lines = [json.dumps(reject, ensure_ascii=False) + "\n" for reject in rejects]
    write_text(path.with_name(REJECTS_NAME), "".join(lines))
    totals = Totals.of(reports)
    chunks = [
        {"chunk": r.chunk_index, "wall_s": r.wall_s, "num_chains": r.num_chains, "num_steps": r.num_steps}
        for r in reports
    ]
    # The length of the whole input lets a merge tell whether shards are missing.
    usage = {"num_chunks_of_input": num_chunks, "totals": totals.to_json(), "chunks": chunks}
    write_json(path.with_name(USAGE_NAME), usage)
    return totals
