"""Label runs kept in the repository without the texts of their chains: `python -m benchmarks.kept RUN STEM`.

Public data sets are not copied into the repository. A kept run is `STEM.parquet`, the ids of its chains with
their labels, parts and tokens, and `STEM.json`, its manifest and its usage without paths. With the data at
hand, `restore` makes a folder of labels of one or more kept runs again, candidates left out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cpmi.runs.columns import chain_row
from cpmi.runs.folder import claim
from cpmi.runs.manifest import MANIFEST_NAME, Manifest
from cpmi.runs.results import USAGE_NAME
from cpmi.runs.table import TABLE_NAME, schema, writer
from cpmi.storage import write_json
from cpmi.types import Chain

TEXTS = ("question", "gold", "answer", "steps", "ratings", "meta", "source", "candidates")
PATHS = ("input", "gold", "out", "model", "contrast_model", "prover")
SUMS = ("num_steps", "wall_s")


def keep(run: Path, stem: Path) -> None:
    """Keep a finished run of labels."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    table = pq.read_table(run / TABLE_NAME).drop_columns(list(TEXTS))
    pq.write_table(table, stem.with_suffix(".parquet"), compression="zstd")
    manifest = json.loads((run / MANIFEST_NAME).read_text("utf-8"))
    circumstances = {
        name: Path(value).name if name in PATHS and value else value
        for name, value in manifest["circumstances"].items()
    }
    circumstances["machine"] = {n: v for n, v in circumstances["machine"].items() if n != "platform"}
    facts = {"determines": manifest["determines"], "circumstances": circumstances}
    usage = json.loads((run / USAGE_NAME).read_text("utf-8"))["totals"]
    write_json(stem.with_suffix(".json"), {**facts, "usage": usage})


def restore(stems: Sequence[Path], chains: Mapping[str, Chain], folder: Path) -> None:
    """Make one folder of labels of kept runs of one configuration, as the shards of a run.

    Args:
        stems: of the kept runs, each of a part of the data: a shard, or a file of its own.
        chains: of the data, by id.
        folder: a new one.

    Raises:
        SystemExit: the runs differ in what determines their labels.
    """
    kept = [json.loads(stem.with_suffix(".json").read_text("utf-8")) for stem in stems]
    if any(_settings(one) != _settings(kept[0]) for one in kept):
        raise SystemExit(f"{stems[0]}: the kept runs are of different configurations")
    rows = [row for stem in stems for row in pq.read_table(stem.with_suffix(".parquet")).to_pylist()]
    whole: list[dict[str, Any]] = [{**chain_row(chains[row["id"]]), "candidates": [], **row} for row in rows]
    order = {id: place for place, id in enumerate(chains)}
    whole.sort(key=lambda row: order[row["id"]])
    manifest = Manifest(determines=kept[0]["determines"], circumstances=kept[0]["circumstances"])
    columns = _columns(stems[0])
    with claim(folder, manifest, files=(TABLE_NAME, USAGE_NAME)):
        with (folder / TABLE_NAME).open("wb") as file, writer(file, columns) as sink:
            sink.write_table(pa.Table.from_pylist(whole, schema=columns))
        write_json(folder / USAGE_NAME, {"totals": _summed([one["usage"] for one in kept])})


def _settings(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kept["determines"].items() if name != "input_sha256"}


def _columns(stem: Path) -> pa.Schema:
    stored = pq.read_schema(stem.with_suffix(".parquet"))
    parts = [field.name for field in stored.field("parts").type] if "parts" in stored.names else []
    return schema(stored.metadata[b"cpmi.method"].decode(), parts)


def _summed(totals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    usage = {name: sum(one["usage"][name] for one in totals) for name in totals[0]["usage"]}
    usage["peak_bytes"] = max(one["usage"]["peak_bytes"] for one in totals)
    return {**{name: sum(one[name] for one in totals) for name in SUMS}, "usage": usage}


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
