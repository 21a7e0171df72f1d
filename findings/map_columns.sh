#!/usr/bin/env bash
# A Parquet file with a map column cannot be opened by `datasets`, not even for its other columns.
#
# Likely guess: `datasets` opens every Parquet file that pyarrow, pandas and DuckDB open; if a type of Arrow is beyond it,
#   naming the other columns in `columns=` helps; and `Dataset.from_list(table.to_pylist())` is a way around.
# Seen: a map<string, string>, the natural type of free metadata, raises ValueError in Dataset(table), from_parquet and
#   load_dataset, streaming or not. With columns=["id"] too: types are inferred from the whole file before columns are
#   chosen. The way around turns every map without a word into a list of two-element lists, and names are lost.
# Versions: datasets 5.2.0, pyarrow 26.0.1.
# Why it matters: tables of step labels carry the input's metadata; written by pyarrow as a map they cannot go into any
#   trainer that takes a `datasets.Dataset`. Store metadata as JSON text or as a struct.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet datasets==5.2.0 pyarrow==26.0.1
HF_HUB_OFFLINE=1 HF_HOME="$work/cache" venv/bin/python - <<'PY'
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Dataset, disable_progress_bars, load_dataset

disable_progress_bars()
kind = pa.map_(pa.string(), pa.string())
table = pa.table({"id": ["a", "b"], "meta": pa.array([[("generator", "x")], [("generator", "y")]], kind)})
pq.write_table(table, "labels.parquet")
assert pq.read_table("labels.parquet").to_pandas()["meta"][0] == [("generator", "x")]


def stream(**options):
    return next(iter(load_dataset("parquet", data_files="labels.parquet", split="train", streaming=True, **options)))


ways = {
    "Dataset(table)": lambda: Dataset(table),
    "from_parquet": lambda: Dataset.from_parquet("labels.parquet"),
    'from_parquet(columns=["id"])': lambda: Dataset.from_parquet("labels.parquet", columns=["id"]),
    "streamed": stream,
    'streamed, columns=["id"]': lambda: stream(columns=["id"]),
}
for name, way in ways.items():
    try:
        way()
    except ValueError as error:
        print(f"{name}: {error}")
    else:
        raise SystemExit(f"behavior changed: {name} opens the file")
around = Dataset.from_list(table.to_pylist())
print("from_list(to_pylist()):", around.features["meta"], around[0]["meta"])
assert around[0]["meta"] == [["generator", "x"]], "behavior changed: from_list"
PY
