#!/usr/bin/env bash
# Dataset.map returns labels of old code after the labeling module was edited.
#
# Likely guess: map notices that the code of the mapped function changed and computes again.
# Seen: it notices changes of the function itself, but what the function calls in an imported module enters the
#   fingerprint by name only. After an edit of that module a new process gets the old labels from the cache.
# Versions: datasets 5.2.0.
# Why it matters: labeling code is usually a module that a short map function calls. A fixed bug in it changes no label
#   until the cache is deleted or load_from_cache_file=False is given.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet datasets==5.2.0
export HF_HOME="$work/cache" PYTHONDONTWRITEBYTECODE=1
echo '{"step": "2 + 2 = 5"}' > steps.jsonl
cat > run.py <<'PY'
import labeler
from datasets import disable_progress_bars, load_dataset

disable_progress_bars()
steps = load_dataset("json", data_files="steps.jsonl", split="train")
print(steps.map(lambda row: {"label": labeler.label(row["step"])})["label"][0])
PY
echo 'def label(step): return 0.9' > labeler.py
before=$(venv/bin/python run.py)
echo 'def label(step): return 0.1' > labeler.py
after=$(venv/bin/python run.py)
direct=$(venv/bin/python -c 'import labeler; print(labeler.label(""))')
echo "label by map: $before; after the module was edited: $after; the module called directly: $direct"
[ "$before" = 0.9 ] && [ "$direct" = 0.1 ] && [ "$after" = 0.9 ] || { echo "behavior changed"; exit 1; }
