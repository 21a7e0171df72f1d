"""How fast records are read through the whole door, beside the bare reader of their form; and at what memory.

Run as `python -m benchmarks.door_rate [--records N] [--columns-records N] [--rounds N]`. Files are written to
a temporary folder. Every reading is a fresh process, the two readers in turn. A line gives the file, the
reader, records per second (median of the rounds), the ratio to the bare reader, and the process's peak
memory.

- own: cpmi's own form. Bare: one JSON object a line, made a Chain by the form's own reader.
- columns: prompt, completion and ground_truth, by --columns. Bare: the same, cut into steps and made a Chain.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from cpmi.data import read_chains
from cpmi.data.cut import cut_text
from cpmi.data.formats.own import OWN
from cpmi.data.record import RawRecord
from cpmi.data.sources.file import SourceFile
from cpmi.data.sources.json_lines import read_lines
from cpmi.errors import RecordError
from cpmi.types import Chain

COLUMNS = "question=prompt,solution=completion,gold=ground_truth"
STEPS = ("She buys {0} boxes of 12 pens.", "In all she has {0} * 12 pens.", "It is {1}.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--columns-records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--read", nargs=3, metavar=("FORM", "READER", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        form, reader, file = options.read
        print(json.dumps(_measure(form, reader, Path(file))))
        return
    with tempfile.TemporaryDirectory(prefix="cpmi-") as folder:
        for form, num_records in (("own", options.records), ("columns", options.columns_records)):
            for packed in (False, True):
                file = _write(Path(folder), form, num_records, packed=packed)
                _compare(form, file, num_records, options.rounds)
                file.unlink()


def _write(folder: Path, form: str, num_records: int, *, packed: bool) -> Path:
    path = folder / f"{form}.jsonl{'.gz' if packed else ''}"
    with gzip.open(path, "wt", compresslevel=1) if packed else path.open("w") as file:
        for number in range(num_records):
            file.write(json.dumps(_record(form, number)) + "\n")
    return path


def _record(form: str, number: int) -> dict[str, object]:
    steps = [step.format(number, 12 * number) for step in STEPS]
    question, gold = f"She buys {number} boxes of 12 pens each. How many pens has she?", str(12 * number)
    if form == "own":
        return {"id": f"chain-{number}", "question": question, "steps": steps, "gold": gold}
    return {"prompt": question, "completion": "\n\n".join(steps), "ground_truth": gold, "model": "some"}


def _compare(form: str, file: Path, num_records: int, rounds: int) -> None:
    found: dict[str, list[dict[str, float]]] = {"bare": [], "door": []}
    for _ in range(rounds):
        for reader, results in found.items():
            command = [sys.executable, "-m", "benchmarks.door_rate", "--read", form, reader, str(file)]
            results.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    rates = {}
    for reader, results in found.items():
        assert all(result["chains"] == num_records for result in results)
        rates[reader] = statistics.median(num_records / result["seconds"] for result in results)
        megabytes = max(result["megabytes"] for result in results)
        print(
            f"{file.name:17} {reader:5} {num_records:9,} records {rates[reader]:9,.0f} records/s "
            f"ratio {rates[reader] / rates['bare']:.2f} peak {megabytes:6.0f} MB",
            flush=True,
        )


def _measure(form: str, reader: str, file: Path) -> dict[str, float]:
    began = time.perf_counter()
    chains = sum(isinstance(outcome, Chain) for outcome in _read(form, reader, file))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"chains": chains, "seconds": seconds, "megabytes": peak}


def _read(form: str, reader: str, file: Path) -> Iterable[object]:
    if reader == "door":
        return read_chains(file, columns=None if form == "own" else COLUMNS)
    records = read_lines(SourceFile.at(file))
    return OWN.read(records) if form == "own" else _bare(records)


def _bare(records: Iterable[RawRecord | RecordError]) -> Iterator[Chain]:
    for record in records:
        assert isinstance(record, RawRecord)
        cut = cut_text(record.text("completion"))
        yield Chain(
            id=f"{record.stem}-{record.index}",
            question=record.text("prompt"),
            steps=cut.steps,
            gold=record.text("ground_truth"),
            meta={"model": record.text("model"), **cut.meta},
            source=record.source,
        )


if __name__ == "__main__":
    main()
