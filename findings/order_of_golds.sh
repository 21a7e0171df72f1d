#!/usr/bin/env bash
# Whether a JSON Lines file of gold answers loads depends on where in the file its first text stands.
#
# Likely guess: a column of whole numbers and one text such as "1/2" is always refused, or always read.
# Seen: with the text among the first lines the column gets the type Json and loads; with the same text behind the first
#   block that the reader takes (10 MB), loading fails and no row is read. A late text of digits is turned into a number
#   ("007" is 7), a late number in a column of texts into a text, and in a column of true and false a late 1 is true.
# Versions: datasets 5.2.0.
# Why it matters: golds of real data are numbers, fractions and words. A file that loads, shuffled, does not; a sample of
#   its first lines says nothing, and golds compared as texts depend on the order of the records.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet datasets==5.2.0
HF_HOME="$work/home" venv/bin/python - <<'PY'
import json

import datasets
from datasets.exceptions import DatasetGenerationError

datasets.disable_progress_bars()


def load(name, golds):
    path = f"{name}.jsonl"
    with open(path, "w") as lines:
        lines.writelines(json.dumps({"question": "What is it? " * 200, "gold": gold}) + "\n" for gold in golds)
    try:
        loaded = datasets.load_dataset("json", data_files=path, split="train")
    except DatasetGenerationError as error:
        print(f"{name}: {error.__cause__}")
        return None
    print(f"{name}: {loaded.features['gold']}, first {loaded[0]['gold']!r}, last {loaded[-1]['gold']!r}")
    return loaded[0]["gold"], loaded[-1]["gold"]


MANY = 10_000
early = load("text first", ["1/2", *[7] * MANY])
late = load("text last", [*[7] * MANY, "1/2"])
assert early == ("1/2", 7), "behavior changed: text first"
assert late is None, "behavior changed: text last"
assert load("digits last", [*[7] * MANY, "007"]) == (7, 7), "behavior changed: digits"
assert load("number last", [*["7"] * MANY, 7.0]) == ("7", "7.0"), "behavior changed: number among texts"
assert load("one last", [*[False] * MANY, 1]) == (False, True), "behavior changed: one among truth values"
PY
