"""`cpmi demo` against the demo script of an earlier checkout, in turn on one machine.

    python -m benchmarks.demo_in_turn CHECKOUT OUT [--rounds 3]

CHECKOUT has an environment of its own (`make setup`) and `examples/demo.sh`. Every round runs the script (250
problems), `cpmi demo` on the same problems, and `cpmi demo` at its default size. Prints seconds and ratios,
by how much labels differ (the script's commands use all cores, `cpmi demo` one thread for each process).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

from cpmi.api.demo_stages import METHODS

NUM = 250
COLUMNS = ["id", "steps", "label", "parts", "abstained"]


def seconds(command: list[str], out: Path) -> float:
    """Wall time of a command that writes into a new folder."""
    shutil.rmtree(out, ignore_errors=True)
    began = time.perf_counter()
    with out.with_suffix(".txt").open("w") as log:
        subprocess.run(command, check=True, stdout=log, stderr=log, env=dict(os.environ))
    return time.perf_counter() - began


def differences(before: Path, now: Path) -> dict[str, tuple[int, float]]:
    """By method: the number of chains whose labels differ, and the largest difference of a label."""
    found = {}
    for method in METHODS:
        tables = [folder / method / "labels.parquet" for folder in (before, now)]
        rows = [pq.read_table(table, columns=COLUMNS).to_pylist() for table in tables]
        other = [(a, b) for a, b in zip(*rows, strict=True) if a != b]
        labels = [pair for a, b in other for pair in zip(a["label"], b["label"], strict=True)]
        assert all((x is None) == (y is None) for x, y in labels), f"{method}: abstained elsewhere"
        found[method] = len(other), max((abs(x - y) for x, y in labels if x is not None), default=0.0)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    now = [sys.executable, "-m", "cpmi", "demo"]
    before, same, default = out / "before", out / "same", out / "default"
    runs = {
        "before": (
            [str(arguments.checkout.resolve() / "examples" / "demo.sh"), str(NUM), str(before)],
            before,
        ),
        "same problems": ([*now, "--num", str(NUM), "--out", str(same)], same),
        "default size": ([*now, "--out", str(default)], default),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(arguments.rounds):
        for name, (command, folder) in runs.items():
            times[name].append(seconds(command, folder))
            print(f"round {number + 1}: {name} {times[name][-1]:.1f} s", flush=True)
    for name in ("same problems", "default size"):
        ratios = [a / b for a, b in zip(times[name], times["before"], strict=True)]
        print(f"{name}: {statistics.median(ratios):.2f} of before ({', '.join(f'{r:.2f}' for r in ratios)})")
    for method, (number, most) in differences(before, same).items():
        print(f"{method}: {number} chains differ, a label by at most {most:.1e}")


if __name__ == "__main__":
    main()
