"""Put the finished units of a run folder together: its result, `rejects.jsonl`, `usage.json`.

The first two depend on the units' contents and their order only. Timings are kept in the third, which is
written last.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from cpmi.runs.results import Results
from cpmi.runs.storage import replacing, write_json, write_text
from cpmi.runs.totals import Totals
from cpmi.runs.units import UnitReport, UnitStore

REJECTS_NAME = "rejects.jsonl"
USAGE_NAME = "usage.json"


def assemble(
    path: Path, store: UnitStore, reports: Sequence[UnitReport], *, results: Results, num_units: int
) -> Totals:
    """Write the results of a run whose units are all finished.

    Args:
        path: the result; the other files stand beside it.
        store: the units.
        reports: of these units, in their order.
        results: how their rows become one file.
        num_units: units of the whole input, other shards' included.

    Raises:
        StorageError: the disk refused; the units stay as they are.
    """
    with replacing(path) as file:
        results.join([store.rows_path(report.unit_index) for report in reports], file)
    rejects = [{"unit": r.unit_index, **asdict(reject)} for r in reports for reject in r.rejects]
    lines = [json.dumps(reject, ensure_ascii=False) + "\n" for reject in rejects]
    write_text(path.with_name(REJECTS_NAME), "".join(lines))
    totals = Totals.of(reports)
    units = [
        {"unit": r.unit_index, "wall_s": r.wall_s, "num_chains": r.num_chains, "num_steps": r.num_steps}
        for r in reports
    ]
    # The length of the whole input lets a merge tell whether shards are missing.
    usage = {"num_units_of_input": num_units, "totals": totals.to_json(), "units": units}
    write_json(path.with_name(USAGE_NAME), usage)
    return totals
