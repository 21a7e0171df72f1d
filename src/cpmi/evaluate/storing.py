"""Benchmark results of a reward model as files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from cpmi.digests import sealed
from cpmi.evaluate.best_of_n_result import BestOfN
from cpmi.evaluate.hub_results import FOLDER, hub_results
from cpmi.evaluate.prmbench_result import PRMBench
from cpmi.evaluate.processbench_result import ProcessBench
from cpmi.machine import describe_machine, package_version
from cpmi.runs.folder import claim
from cpmi.runs.manifest import Manifest
from cpmi.storage import make_folder, write_json, write_text

Result = ProcessBench | PRMBench | BestOfN
SAMPLES_NAME = "samples.jsonl"


def store(result: Result, folder: Path) -> list[Path]:
    """Write the result as JSON, its sample-level records as JSONL, and its entries for the Hub into a folder.

    The entries, if there are any, are in `.eval_results`: the folder of this name in the repository of the
    reward model.

    Returns:
        The files.

    Raises:
        RunError: another process works there, or the folder contains something else.
        StorageError: the disk refused.
    """
    table, samples = folder / f"{result.benchmark}.json", folder / SAMPLES_NAME
    entries, for_hub = hub_results(result), f"{FOLDER}/{result.benchmark}.yaml"
    lines = (json.dumps(asdict(sample), ensure_ascii=False) + "\n" for sample in result.samples)
    manifest = Manifest(
        determines={"stage": result.benchmark, "cpmi": package_version("cpmi")},
        circumstances={"machine": describe_machine()},
    )
    with claim(folder, manifest, files=(table.name, SAMPLES_NAME, for_hub), overwrite=True):
        write_text(samples, "".join(lines))
        write_json(table, sealed(result.to_json()))
        if entries is not None:
            make_folder(folder / FOLDER)
            write_text(folder / for_hub, entries)
    return [table, samples, *([folder / for_hub] if entries is not None else [])]
