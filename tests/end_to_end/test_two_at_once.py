"""Two processes with one output folder: one works, the other is refused, and nothing is ever mixed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cpmi.runs.chunk_store import num_finished
from cpmi.runs.lock import LOCK_NAME
from cpmi.runs.table import read_labels

NUM_CHAINS, NUM_TRIALS = 40, 4
WORK = """
import sys
import cpmi
from cpmi.engines.fake import FakeEngine
cpmi.label(sys.argv[1], model=FakeEngine(delay_s=float(sys.argv[4])), method="judge", out=sys.argv[2],
           label=sys.argv[3], chunk_size=4)
"""


@pytest.fixture
def chains(tmp_path: Path) -> Path:
    path = tmp_path / "chains.jsonl"
    records = [
        {"id": f"c{i}", "question": f"What is {i} + 2?", "steps": ["Add.", f"So {i + 2}."], "gold": "1"}
        for i in range(NUM_CHAINS)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def start(chains: Path, out: Path, label: str, delay_s: float = 0.02) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORK, str(chains), str(out), label, str(delay_s)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def values(out: Path) -> list[tuple[float | None, ...]]:
    return [row.labels.values for row in read_labels(out)]


@pytest.mark.parametrize("other", ["margin", "first_error"], ids=["equal settings", "other settings"])
def test_one_works_and_one_is_refused(chains: Path, tmp_path: Path, other: str) -> None:
    alone = {}
    for label in ("margin", other):
        assert start(chains, tmp_path / label, label, 0).wait() == 0
        alone[label] = values(tmp_path / label)
    for trial in range(int(os.environ.get("CPMI_TRIALS", NUM_TRIALS))):
        out = tmp_path / f"out-{trial}"
        pair = [start(chains, out, "margin"), start(chains, out, other)]
        said = [process.communicate()[1] for process in pair]
        codes = [process.returncode for process in pair]
        refused = [text for text, code in zip(said, codes, strict=True) if code]
        assert len(refused) <= 1, said
        for text in refused:
            assert "another process works in this folder" in text or "made with other settings" in text
        if other != "margin":
            assert len(refused) == 1
        assert values(out) in alone.values()
        assert not (out / LOCK_NAME).exists()


def test_the_lock_of_a_killed_process_is_taken_over(chains: Path, tmp_path: Path) -> None:
    assert start(chains, tmp_path / "alone", "margin", 0).wait() == 0
    out = tmp_path / "out"
    killed = start(chains, out, "margin", 0.3)
    while not num_finished(out):
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert (out / LOCK_NAME).exists()
    again = start(chains, out, "margin", 0)
    assert again.wait() == 0, again.communicate()[1]
    assert (out / "labels.parquet").read_bytes() == (tmp_path / "alone" / "labels.parquet").read_bytes()
    assert not (out / LOCK_NAME).exists()


def test_the_lock_of_another_machine_keeps_others_out(chains: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / LOCK_NAME).write_text(json.dumps({"pid": 7, "host": "another-machine"}))
    refused = start(chains, out, "margin", 0)
    text = refused.communicate()[1]
    assert refused.returncode == 1
    assert "process 7 on another-machine" in text
    assert f"remove {LOCK_NAME}" in text
