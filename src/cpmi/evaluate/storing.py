"""Benchmark results of a reward model as files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from cpmi.digests import sealed
from cpmi.evaluate.best_of_n_result import BestOfN
from cpmi.evaluate.prmbench_result import PRMBench
from cpmi.evaluate.processbench_result import ProcessBench
from cpmi.machine import describe_machine, package_version
from cpmi.runs.folder import claim
from cpmi.runs.manifest import Manifest
from cpmi.storage import write_json, write_text

Result = ProcessBench | PRMBench | BestOfN
SAMPLES_NAME = "samples.jsonl"


def store(result: Result, folder: Path) -> list[Path]:
    """Write the result as JSON and its sample-level records as JSONL into a folder.

    Raises:
        RunError: another process works there, or the folder contains something else.
        StorageError: the disk refused.
    """
    table, samples = folder / f"{result.benchmark}.json", folder / SAMPLES_NAME
    lines = (json.dumps(asdict(sample), ensure_ascii=False) + "\n" for sample in result.samples)
    manifest = Manifest(
        determines={"stage": result.benchmark, "cpmi": package_version("cpmi")},
        circumstances={"machine": describe_machine()},
    )
    with claim(folder, manifest, files=(table.name, SAMPLES_NAME), overwrite=True):
        write_text(samples, "".join(lines))
        write_json(table, sealed(result.to_json()))
    return [table, samples]
