"""Benchmark results of a reward model as files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from cpmi.evaluate.best_of_n_result import BestOfN
from cpmi.evaluate.prmbench_result import PRMBench
from cpmi.evaluate.processbench_result import ProcessBench
from cpmi.runs.products import expect_absent, expect_replaceable, write_json_product
from cpmi.runs.storage import write_text

Result = ProcessBench | PRMBench | BestOfN
SAMPLES_NAME = "samples.jsonl"


def store(result: Result, folder: Path) -> list[Path]:
    """Write the result as JSON and its sample-level records as JSONL into a folder.

    Raises:
        StorageError: the disk refused.
    """
    table, samples = folder / f"{result.benchmark}.json", folder / SAMPLES_NAME
    lines = (json.dumps(asdict(sample), ensure_ascii=False) + "\n" for sample in result.samples)
    expect_replaceable(table)
    if not table.exists():
        expect_absent(samples)
    write_json_product(table, result.to_json())
    write_text(samples, "".join(lines))
    return [table, samples]
