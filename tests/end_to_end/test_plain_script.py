"""README's Python as people type it: a script without a guard, from a file or from the standard input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHAIN = {
    "id": "a",
    "question": "Expand (x-1)(x+1).",
    "steps": ["(x-1)(x+1) = x^2 + x - x - 1.", "So the answer is x^2-1."],
    "gold": "(x-1)(x+1)",
    "answer": "x^2-1",
}
SCRIPT = """
import cpmi
from cpmi.answers import Equivalence

print("begun")
run = cpmi.label("chains.jsonl", model="embedded", method="net_gain", out="labels", percent="same")
for row in run:
    print(row.chain.id, len(row.labels.values))
print(Equivalence().compare(row.chain.gold, row.chain.answer).relation.value)
"""


@pytest.mark.parametrize("name", ["script.py", "-"])
def test_a_plain_script_labels(name: str, tmp_path: Path) -> None:
    (tmp_path / "chains.jsonl").write_text(json.dumps(CHAIN) + "\n", "utf-8")
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    done = subprocess.run(
        [sys.executable, name],
        input=SCRIPT,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src"), "OMP_NUM_THREADS": "1"},
        timeout=120,
    )
    assert done.stdout.splitlines() == ["begun", "a 2", "same"], done.stderr
    manifest = json.loads((tmp_path / "labels" / "manifest.json").read_text("utf-8"))
    assert manifest["determines"]["options"]["percent"] == "same"
    assert manifest["circumstances"]["answer_limit_s"] == 1.5
