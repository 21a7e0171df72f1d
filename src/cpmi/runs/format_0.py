"""Reading what runs wrote before folders had a format: other names of the same columns and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

METHOD_KEY = b"cpmi.labeler"
TARGETS_FORMAT, SCORES_FORMAT = b"2", b"1"

_UNITS = ("units/#.json", "units/#.jsonl", "units/#.parquet", "units/#.journal.jsonl")
FILES: Mapping[str, tuple[str, ...]] = {
    "label": ("labels.parquet", "usage.json", "rejects.jsonl", *_UNITS),
    "sample": ("trajectories.jsonl", "usage.json", "rejects.jsonl", *_UNITS),
    "calibrate": ("targets.parquet", "map.json", "usage.json"),
    "consensus": ("targets.parquet", "consensus.json", "usage.json"),
    "hybrid": ("targets.parquet", "hybrid.json", "usage.json"),
}
"""What runs wrote, by stage: their manifests did not list it."""

_RENAMED = {
    "logical_tokens": "unshared_tokens",
    "num_joint_differences": "num_tokenization_mismatches",
    "prints_gold": "mentions_gold",
    "prints_candidate": "mentions_candidate",
}


def upgraded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a table, or the usage of a run, under the names of today."""
    named = {_RENAMED.get(name, name): value for name, value in row.items()}
    if isinstance(flags := named.get("marks"), Mapping):
        named["marks"] = upgraded(flags)
    return named


def upgraded_chain(row: Mapping[str, Any]) -> dict[str, Any]:
    """`upgraded` with the columns of a chain that tables did not keep."""
    return {"meta": {}, "source": "", **upgraded(row)}


def upgraded_scores(row: Mapping[str, Any]) -> dict[str, Any]:
    """`upgraded_chain` with the reason for missing scores, which tables did not state."""
    missing = None in row["scores"]
    return {**upgraded_chain(row), "abstained": "exceeds the model's context" if missing else None}
