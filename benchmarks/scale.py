"""Time and memory of the commands that read finished runs, on two builds in turn.

    python -m benchmarks.scale --work DIR [--other SRC] [--num 1000 10000 100000] [--only evaluate export ...]

A few rated chains are labeled with the fake engine, their rows repeated with ids, problems and labels of
their own, and written by the library's writer into run folders of N chains, which are kept in DIR. Every
command runs in a process of its own. Printed are processor seconds (user + system), wall seconds and peak
resident memory, each the median of the repeats, and whether both builds wrote the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "src"
NUM_BASE, SEED, ROWS_PER_GROUP = 200, 0, 1024
METHODS = ("evidence", "judge")
REPEATS = {1_000: 3, 10_000: 3}
"""Runs of a command by the number of chains; 1 where there are more."""

COMMANDS: dict[str, list[str]] = {
    "evaluate": ["evaluate", "labels", "{evidence}", "--out", "{out}.json"],
    "compare": ["compare", "{evidence}", "{judge}", "--out", "{out}.json"],
    "export": ["export", "{evidence}", "--out", "{out}"],
    "export-jsonl": ["export", "{evidence}", "--to", "jsonl", "--out", "{out}"],
    "export-shepherd": ["export", "{evidence}", "--to", "math-shepherd", "--out", "{out}"],
    "report": ["report", "{evidence}", "--out", "{out}.html"],
    "calibrate": ["calibrate", "{evidence}", "--out", "{out}"],
    "consensus": ["consensus", "{evidence-targets}", "{judge-targets}", "--out", "{out}"],
    "fit": ["fit", "{evidence}", "--out", "{out}.json"],
    "inspect": ["inspect", "{evidence}"],
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process: processor and wall seconds, peak memory in MiB."""

    cpu_s: float
    wall_s: float
    peak_mib: float


def base_chains() -> list[dict[str, object]]:
    """Rated chains of two to nine steps; about half of them end wrong, and some rightly after an error."""
    draw = random.Random(SEED)
    chains: list[dict[str, object]] = []
    for number in range(NUM_BASE):
        length = draw.randint(2, 9)
        first_error = draw.randrange(length) if draw.random() < 0.5 else None
        total, steps, ratings = draw.randint(10, 99), [], []
        question = f"Tom has {total} apples. He gets more {length} times. How many apples has he?"
        stated = total
        for step in range(length):
            more = draw.randint(2, 60)
            said = stated + more + (draw.randint(1, 9) if step == first_error else 0)
            more_words = " as the shop had promised him on the day before" * draw.randint(0, 2)
            end = f" The answer is {said}." if step == length - 1 else ""
            steps.append(f"He gets {more} more{more_words}, so {stated} + {more} = {said}.{end}")
            ratings.append("right" if first_error is None or step < first_error else "wrong")
            total, stated = total + more, said
        gold = str(stated if draw.random() < 0.1 else total)
        chains.append(
            {"id": f"c{number}", "question": question, "steps": steps, "ratings": ratings, "gold": gold}
        )
    return chains


def make_base(work: Path) -> None:
    """Label the base chains with the fake engine, by every method."""
    import cpmi
    from cpmi.engines.fake import FakeEngine

    (work / "base.jsonl").write_text("".join(json.dumps(chain) + "\n" for chain in base_chains()))
    for method in METHODS:
        cpmi.label(work / "base.jsonl", model=FakeEngine(), method=method, out=work / "base" / method)


def make_run(base: Path, out: Path, num_chains: int) -> None:
    """A run folder of so many chains: the rows of the base again and again, no two the same."""
    import pyarrow.parquet as pq

    from cpmi.runs.folder import claim
    from cpmi.runs.manifest import read_manifest
    from cpmi.runs.table import LabeledChain, encode, read_labels, read_schema, writer
    from cpmi.storage import replacing

    rows, columns, manifest = list(read_labels(base)), read_schema(base), read_manifest(base)
    assert manifest is not None
    draw = random.Random(SEED)

    def again(number: int) -> LabeledChain:
        row = rows[number % len(rows)]
        id, labels = f"c{number}", row.labels
        question = f"{row.chain.question} This is problem {number // 2}."
        values = tuple(value if value is None else value + draw.gauss(0, 0.5) for value in labels.values)
        if labels.unit == "probability":
            values = tuple(value if value is None else min(1.0, max(0.0, value)) for value in values)
        return LabeledChain(
            chain=replace(row.chain, id=id, question=question),
            labels=replace(labels, chain_id=id, values=values),
        )

    with claim(out, manifest, files=("labels.parquet", "usage.json")):
        shutil.copy(base / "usage.json", out / "usage.json")
        with replacing(out / "labels.parquet") as file, writer(file, columns) as sink:
            for first in range(0, num_chains, ROWS_PER_GROUP):
                group = [again(number) for number in range(first, min(num_chains, first + ROWS_PER_GROUP))]
                rows_read = pq.read_table(io.BytesIO(encode(group, columns)))
                sink.write_table(rows_read.cast(columns), row_group_size=ROWS_PER_GROUP)


def measure(source: Path, arguments: list[str]) -> tuple[Cost, str]:
    """Run a command of a build in a process of its own; what it cost and what it printed."""
    environment = {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{HERE.parent}", "COLUMNS": "120"}
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "cpmi", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"exit status {process.returncode} of cpmi {' '.join(arguments)} in {source}\n{printed}")
    cost = Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss / 1024)
    return cost, printed


def digest(out: Path, printed: str) -> str:
    """Of all that a command printed and wrote, but for manifests, which name version and machine."""
    found = hashlib.sha256(printed.encode())
    for path in sorted(out.parent.rglob("*")):
        if path.is_file() and path.name != "manifest.json":
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


def run_command(name: str, source: Path, folders: dict[str, str], scratch: Path) -> tuple[Cost, str]:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    out = scratch / "out"
    cost, printed = measure(source, [part.format(out=out, **folders) for part in COMMANDS[name]])
    return cost, digest(out, printed)


def compare_builds(name: str, num_chains: int, sources: list[Path], work: Path) -> None:
    """Print one line per build, and how the second compares with the first."""
    runs = work / f"runs-{num_chains}"
    folders = {path.name: str(path) for path in runs.iterdir()}
    costs: list[list[Cost]] = [[] for _ in sources]
    digests: list[str] = ["" for _ in sources]
    for _ in range(REPEATS.get(num_chains, 1)):
        for at, source in enumerate(sources):
            cost, digests[at] = run_command(name, source, folders, work / "scratch")
            costs[at].append(cost)
    medians = [[statistics.median(column) for column in zip(*map(astuple, of), strict=True)] for of in costs]
    for label, (cpu_s, wall_s, peak_mib) in zip(("other", "this")[-len(sources) :], medians, strict=True):
        line = f"{name:16}{num_chains:>8,}  {label:6}{cpu_s:9.2f} s cpu {wall_s:9.2f} s {peak_mib:8.0f} MiB"
        print(line, flush=True)
    if len(medians) == 2:
        cpu, wall, peak = (mine / theirs for theirs, mine in zip(*medians, strict=True))
        same = "same bytes" if digests[0] == digests[1] else "other bytes"
        print(f"{name:16}{num_chains:>8,}  ratio {cpu:9.2f}       {wall:9.2f}   {peak:8.2f}      {same}\n")


def astuple(cost: Cost) -> tuple[float, float, float]:
    return cost.cpu_s, cost.wall_s, cost.peak_mib


def prepare(work: Path, num_chains: int, source: Path) -> None:
    """Make what is not there yet, by the other build where there is one: this one reads its runs too."""
    runs = work / f"runs-{num_chains}"
    if (runs / "complete").exists():
        return
    shutil.rmtree(runs, ignore_errors=True)
    environment = {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{HERE.parent}"}
    make = [sys.executable, "-m", "benchmarks.scale", "--work", str(work), "--make", str(num_chains)]
    subprocess.run(make, env=environment, check=True)
    for method in METHODS:
        targets = ["calibrate", str(runs / method), "--out", str(runs / f"{method}-targets")]
        measure(source, targets)
    (runs / "complete").touch()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--other", type=Path, help="the source tree of the other build, as OTHER/src")
    parser.add_argument("--num", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--only", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    parser.add_argument("--make", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if arguments.make:
        if not (work / "base").exists():
            make_base(work)
        for method in METHODS:
            make_run(work / "base" / method, work / f"runs-{arguments.make}" / method, arguments.make)
        return
    sources = [HERE] if arguments.other is None else [arguments.other.resolve(), HERE]
    for num_chains in arguments.num:
        prepare(work, num_chains, sources[0])
        for name in arguments.only:
            compare_builds(name, num_chains, sources, work)


if __name__ == "__main__":
    main()
