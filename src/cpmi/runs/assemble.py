"""Put the finished units of a run folder together: `labels.parquet`, `rejects.jsonl`, `usage.json`.

The first two depend on the units' contents and their order only, so they are the same bytes whether the run
was plain, resumed or merged from shards. Timings are kept in the third, which is written last.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cpmi.runs.storage import replacing, write_json, write_text
from cpmi.runs.table import TABLE_NAME, writer
from cpmi.runs.totals import Totals
from cpmi.runs.units import UnitReport, UnitStore

REJECTS_NAME = "rejects.jsonl"
USAGE_NAME = "usage.json"
UNITS_PER_ROW_GROUP = 128  # a group a unit would make the footer of a large table larger than its rows


def assemble(
    folder: Path, store: UnitStore, reports: Sequence[UnitReport], *, columns: pa.Schema, num_units: int
) -> Totals:
    """Write the results of a run whose units are all finished.

    Args:
        folder: the run folder.
        store: its units.
        reports: of these units, in their order.
        columns: the table's schema.
        num_units: units of the whole input, other shards' included.

    Raises:
        StorageError: the disk refused; the units stay as they are.
    """
    with replacing(folder / TABLE_NAME) as file, writer(file, columns) as table:
        for first in range(0, len(reports), UNITS_PER_ROW_GROUP):
            group = reports[first : first + UNITS_PER_ROW_GROUP]
            rows = pa.concat_tables([_read(store, report.unit_index) for report in group])
            if rows.num_rows:
                table.write_table(rows.combine_chunks(), row_group_size=rows.num_rows)
    rejects = [{"unit": r.unit_index, **asdict(reject)} for r in reports for reject in r.rejects]
    lines = [json.dumps(reject, ensure_ascii=False) + "\n" for reject in rejects]
    write_text(folder / REJECTS_NAME, "".join(lines))
    totals = Totals.of(reports)
    units = [
        {"unit": r.unit_index, "wall_s": r.wall_s, "num_chains": r.num_chains, "num_steps": r.num_steps}
        for r in reports
    ]
    # The length of the whole input lets a merge tell whether shards are missing.
    usage = {"num_units_of_input": num_units, "totals": totals.to_json(), "units": units}
    write_json(folder / USAGE_NAME, usage)
    return totals


def _read(store: UnitStore, unit_index: int) -> pa.Table:
    return pq.read_table(store.table_path(unit_index), partitioning=None)
