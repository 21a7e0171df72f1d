#!/usr/bin/env bash
# One gold answer that is a number changes the other gold answers of a JSON Lines file when `datasets` loads it.
#
# Likely guess: a column of texts and numbers is refused, or becomes text, as it stands.
# Seen: the column gets the type Json, and every text in it that is JSON is decoded on access: "007" is read as 7,
#   "1e3" as 1000.0, "NaN" as None, "true" as True, "[1, 2]" as a list; "3/4" stays text. Without the one number all
#   are texts and stay as they are.
# Versions: datasets 5.2.0.
# Why it matters: golds mix texts and numbers as soon as one script writes an integer. A gold that is None looks like one
#   that is absent, 1000.0 is no text for a comparison, and which golds change depends on a record elsewhere in the file.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet datasets==5.2.0
HF_HUB_OFFLINE=1 HF_HOME="$work/cache" venv/bin/python - <<'PY'
import json
from pathlib import Path

from datasets import disable_progress_bars, load_dataset

disable_progress_bars()
TEXTS = ["007", "1e3", "NaN", "true", "[1, 2]", "3/4"]


def load(name, golds):
    Path(name).write_text("".join(json.dumps({"question": "q", "gold": gold}) + "\n" for gold in golds))
    found = load_dataset("json", data_files=name, split="train")
    return found.features["gold"], [row["gold"] for row in found]


for name, golds in {"texts.jsonl": TEXTS, "mixed.jsonl": [*TEXTS, 7]}.items():
    kind, found = load(name, golds)
    print(f"{name}: {kind}")
    for before, after in zip(golds, found, strict=True):
        print(f"  {before!r:10} -> {after!r}")
assert load("texts.jsonl", TEXTS)[1] == TEXTS, "behavior changed: texts alone"
changed = load("mixed.jsonl", [*TEXTS, 7])[1]
assert changed == [7, 1000.0, None, True, [1, 2], "3/4", 7], "behavior changed: texts and a number"
PY
