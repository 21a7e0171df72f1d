#!/usr/bin/env bash
# On ProcessBench's GSM8K split, the longest step of a chain is its first error more often than one in three times.
#
# Likely guess: a rule that reads no step finds first errors about as well as a random step does.
# Seen: "no error" if the final answer is right, else a step by rule. A random step: F1 33.2; always the second step: 44.4;
#   the longest step: 54.7. Also, the 400 records are 375 problems, so a random split by record leaks.
# Versions: numpy 2.4.6, ProcessBench's gsm8k.json at 2f2fd8a of github.com/QwenLM/ProcessBench (not downloaded here).
# Why it matters: many labels of steps grow or shrink with length and position, and a sum of log-probabilities does by
#   itself. A label that is used together with the final answer says something about steps only above these rows.
# Run: PROCESSBENCH_GSM8K=path/to/gsm8k.json ./longest_step.sh
set -euo pipefail
: "${PROCESSBENCH_GSM8K:?give the path of gsm8k.json of ProcessBench}"
data=$(realpath "$PROCESSBENCH_GSM8K")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet numpy==2.4.6
venv/bin/python - "$data" <<'PY'
import json
import sys

import numpy as np

with open(sys.argv[1]) as file:
    records = json.load(file)
label = np.array([record["label"] for record in records])
right = np.array([record["final_answer_correct"] for record in records])
lengths = [[len(step) for step in record["steps"]] for record in records]


def f1(share_found):
    """Harmonic mean of the shares of wrong and of right chains that are judged correctly, in percent."""
    found = np.where(right, label == -1, share_found)
    wrong, passed = found[label >= 0].mean(), found[label < 0].mean()
    return 100 * 2 * wrong * passed / (wrong + passed)


rules = {
    "a random step": np.array([(at >= 0) / len(chain) for at, chain in zip(label, lengths, strict=True)]),
    "the second step": label == 1,
    "the longest step": np.array([np.argmax(chain) for chain in lengths]) == label,
}
scores = {rule: f1(share) for rule, share in rules.items()}
problems = len({record["problem"] for record in records})
print(f"{len(records)} chains, {problems} problems; F1: " + ", ".join(f"{k} {v:.1f}" for k, v in scores.items()))
assert (len(records), problems) == (400, 375), "another file"
assert scores["the longest step"] > 50 > 40 > scores["a random step"], "behavior changed"
PY
