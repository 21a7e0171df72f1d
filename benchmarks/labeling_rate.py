"""What `cpmi label` costs per chain on our side of the model, by the number of chains: time, memory, files.

    python -m benchmarks.labeling_rate [--chains 1000 10000 100000] [--method M] [--rounds 3] [--other SRC]

A scripted engine (`cpmi.engines.fake`) stands for the model. Every measurement is a process of its own, which
labels 8 chains first so that imports are not measured. With --other, the source tree of another build is
measured in turn in the same rounds. A line gives the build, chains, milliseconds of wall and of processor
time per chain (medians), the process's peak memory, and of the finished folder the number of files and its
size as a multiple of the table's; "at work" is the largest number of files during the run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chains", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--method", default="evidence")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--other", type=Path, help="src folder of another build")
    parser.add_argument("--measure", nargs=2, metavar=("FILE", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(_measure(Path(options.measure[0]), Path(options.measure[1]), options.method)))
        return
    builds = {"this": Path(__file__).parents[1] / "src"}
    if options.other:
        builds["other"] = options.other.resolve()
    print(
        f"{'build':<7}{'chains':>9}{'ms wall':>9}{'ms cpu':>9}{'MiB':>7}{'files':>8}{'at work':>9}{'size':>7}"
    )
    for num_chains in options.chains:
        _compare(builds, num_chains, options.method, options.rounds)


def _compare(builds: dict[str, Path], num_chains: int, method: str, rounds: int) -> None:
    found: dict[str, list[dict[str, float]]] = {build: [] for build in builds}
    with tempfile.TemporaryDirectory(prefix="cpmi-") as folder:
        file = Path(folder) / "chains.jsonl"
        write_chains(file, num_chains)
        for number in range(rounds):
            for build, source in builds.items():
                out = Path(folder) / f"{build}-{number}"
                command = [sys.executable, "-m", "benchmarks.labeling_rate", "--method", method]
                path = f"{source}{os.pathsep}{Path(__file__).parents[1]}"
                done = subprocess.run(
                    [*command, "--measure", str(file), str(out)],
                    env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True,
                )  # fmt: skip
                found[build].append(json.loads(done.stdout))
    for build, results in found.items():
        _show(build, num_chains, results)


def _show(build: str, num_chains: int, results: Sequence[dict[str, float]]) -> None:
    of = {name: statistics.median(result[name] for result in results) for name in results[0]}
    print(
        f"{build:<7}{num_chains:>9,}{of['wall_ms']:>9.2f}{of['cpu_ms']:>9.2f}{of['peak_mib']:>7.0f}"
        f"{of['files']:>8.0f}{of['at_work']:>9.0f}{of['size']:>7.2f}",
        flush=True,
    )


def write_chains(path: Path, num_chains: int) -> None:
    """Chains of three steps in cpmi's own form; a third of their answers is wrong."""
    with path.open("w") as file:
        for number in range(num_chains):
            right = number + 4
            stated = right + (number % 3 == 0)
            record = {
                "id": f"chain-{number}",
                "question": f"Tom has {number} pens and buys 4. How many has he?",
                "steps": [
                    f"He begins with {number}.", f"{number} + 4 = {stated}.", f"The answer is {stated}."
                ],
                "gold": str(right),
            }  # fmt: skip
            file.write(json.dumps(record) + "\n")


def _measure(file: Path, out: Path, method: str) -> dict[str, Any]:
    import cpmi
    from cpmi.engines.fake import FakeEngine

    cpmi.label(file, model=FakeEngine(), method=method, limit=8, out=out.with_name(f"{out.name}-warm"))
    at_work = 0

    def count(_: object) -> None:
        nonlocal at_work, num_told
        num_told += 1
        if num_told % 100 == 0:
            at_work = max(at_work, _num_files(out))

    num_told = 0
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    totals = cpmi.label(file, model=FakeEngine(), method=method, out=out, progress=count).totals
    took_s, took_cpu_s = time.perf_counter() - start_s, time.process_time() - start_cpu_s
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return {
        "wall_ms": took_s / totals.num_chains * 1e3,
        "cpu_ms": took_cpu_s / totals.num_chains * 1e3,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "files": _num_files(out),
        "at_work": max(at_work, _num_files(out)),
        "size": size / (out / "labels.parquet").stat().st_size,
    }


def _num_files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


if __name__ == "__main__":
    main()
