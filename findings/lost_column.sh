#!/usr/bin/env bash
# A column that the first row lacks is dropped silently.
#
# Likely guess: building a table from a list of dicts takes the union of their keys, with nulls, as reading the same
#   rows from JSON Lines does.
# Seen: Dataset.from_list and pyarrow's Table.from_pylist keep the keys of the first row only; the values of every other
#   key are gone. load_dataset("json") on the same rows keeps them.
# Versions: datasets 5.2.0, pyarrow 26.0.1.
# Why it matters: a method that abstains on the first chain often writes no label there. One such row first, and the
#   labels of the whole set are lost.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet datasets==5.2.0 pyarrow==26.0.1
HF_HOME="$work/cache" venv/bin/python - <<'PY'
import json

import pyarrow
from datasets import Dataset, disable_progress_bars, load_dataset

disable_progress_bars()
rows = [
    {"step": "So x is 2.", "abstained": "no wrong answer to contrast"},
    {"step": "So x is 4.", "label": 0.25},
    {"step": "So x is 6.", "label": 0.75},
]
with open("rows.jsonl", "w") as file:
    file.writelines(json.dumps(row) + "\n" for row in rows)
from_list = Dataset.from_list(rows).column_names
from_pylist = pyarrow.Table.from_pylist(rows).column_names
from_json = load_dataset("json", data_files="rows.jsonl", split="train").column_names
print(f"Dataset.from_list: {from_list}; Table.from_pylist: {from_pylist}; load_dataset: {from_json}")
assert "label" not in from_list and "label" not in from_pylist, "behavior changed: later columns are kept"
assert "label" in from_json, "behavior changed: JSON drops it too"
PY
