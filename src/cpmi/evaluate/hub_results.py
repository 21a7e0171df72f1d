"""Benchmark results in the form that a model repository on the Hub keeps them: `.eval_results/NAME.yaml`.

An entry names a data set of the Hub and a task, and holds one number; its interval and its
baselines are in the notes. A number that is not of a whole benchmark gets no entry, as it
would stand in a table beside numbers that are; nor does best-of-N, whose accuracy is as much the generator's.
There is no date: the Hub takes that of the commit, and the bytes of a result repeat.

The form is written here and not by `huggingface_hub`, which a plain installation does not have; tests hold it
to be what its class `EvalResultEntry` writes and reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from cpmi.evaluate.best_of_n_result import BestOfN
from cpmi.evaluate.prmbench_items import NUM_ITEMS
from cpmi.evaluate.prmbench_result import PRMBench
from cpmi.evaluate.processbench_result import ProcessBench
from cpmi.evaluate.result import Estimate
from cpmi.evaluate.scored import OFFICIAL_SPLITS

FOLDER = ".eval_results"
PROCESSBENCH_ID, PRMBENCH_ID = "Qwen/ProcessBench", "hitsmy/PRMBench_Preview"
NUM_CHAINS = dict(zip(OFFICIAL_SPLITS, (400, 1_000, 1_000, 1_000), strict=True))
"""Of the whole splits of ProcessBench."""
MOST_MISSING = 4
"""Items that the official code of PRMBench lets a result lack."""


def hub_results(result: ProcessBench | PRMBench | BestOfN) -> str | None:
    """The entries of a result as YAML; None if it has none.

    ProcessBench: the F1 of every whole split, the task by its name. PRMBench: the official PRMScore of the
    whole benchmark. Both are in [0, 1].
    """
    entries: list[dict[str, Any]] = []
    if isinstance(result, ProcessBench):
        entries = [*_of_processbench(result)]
    elif isinstance(result, PRMBench):
        entries = [*_of_prmbench(result)]
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=100) if entries else None


def _of_processbench(result: ProcessBench) -> Iterable[dict[str, Any]]:
    for split in result.splits:
        if split.num_chains != NUM_CHAINS.get(split.name):
            continue
        of_split = [
            (row, next((item.f1 for item in row.splits if item.split == split.name), None))
            for row in result.rows
            if not row.knows_answer
        ]
        model = next(f1 for row, f1 in of_split if row.kind == "model")
        rivals = [(row.name, f1) for row, f1 in of_split if row.kind == "baseline"]
        what = f"First-error F1, threshold {result.threshold:.4g} ({result.threshold_source})"
        ground = f"{split.num_chains:,} chains on {split.num_problems:,} problems"
        yield from _entry(PROCESSBENCH_ID, split.name, model, _notes(what, ground, model, rivals))


def _of_prmbench(result: PRMBench) -> Iterable[dict[str, Any]]:
    if NUM_ITEMS - result.num_items > MOST_MISSING:
        return
    model = next(row.overall.score for row in result.rows if row.kind == "model")
    rivals = [(row.name, row.overall.score) for row in result.rows if row.kind == "baseline"]
    what = f"Official PRMScore, threshold {result.threshold:.4g}"
    ground = f"{result.num_items:,} of {NUM_ITEMS:,} items on {result.num_problems:,} problems"
    yield from _entry(PRMBENCH_ID, "default", model, _notes(what, ground, model, rivals))


def _entry(dataset: str, task: str, found: Estimate | None, notes: str) -> Iterable[dict[str, Any]]:
    if found is not None and found.value is not None:
        yield {"dataset": {"id": dataset, "task_id": task}, "value": found.value, "notes": notes}


def _notes(
    what: str, ground: str, found: Estimate | None, rivals: Iterable[tuple[str, Estimate | None]]
) -> str:
    beside = "; ".join(f"{name} {_number(estimate)}" for name, estimate in rivals)
    return (
        f"{what}, in [0, 1]: {_number(found)} (95 % interval over problems), {ground}. "
        f"Without a model: {beside}. By cpmi."
    )


def _number(found: Estimate | None) -> str:
    if found is None or found.value is None:
        return "not measured"
    if found.low is None or found.high is None:
        return f"{found.value:.3f} (no interval: {found.note})"
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
