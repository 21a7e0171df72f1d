"""How long commands take before their work: seconds of a fresh process, the median of several.

Run as `python -m benchmarks.start_time [--repeats N]`.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = (
    ("--help",),
    ("--version",),
    ("label", "--help"),
    ("evaluate", "labels", "--help"),
    ("label", "absent.jsonl", "--model", "embedded", "--method", "evidence", "--out", "out"),
    ("sample", "absent.jsonl", "--model", "embedded", "--out", "out"),
    ("evaluate", "labels", "absent"),
    ("train", "absent", "--base", "embedded", "--out", "out"),
    ("score", "absent.jsonl", "--prm", "absent", "--out", "out"),
    ("report", "absent", "--out", "report.html"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as folder:
        for words in COMMANDS:
            times = [_seconds(words, Path(folder)) for _ in range(repeats)]
            print(f"{statistics.median(times):6.2f} s  cpmi {' '.join(words)}", flush=True)


def _seconds(words: tuple[str, ...], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "cpmi", *words], cwd=folder, capture_output=True, check=False)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
