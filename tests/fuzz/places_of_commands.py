"""Every kind of path that a command line may name, made once in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cpmi
from cpmi.engines.fake import FakeEngine
from cpmi.runs.score_table import SCORES_NAME, encode_scores
from cpmi.runs.target_table import TargetRow, write_targets
from cpmi.types import Chain
from tests import report_runs
from tests.scored_chains import scored

_JSON = {
    "deep.json": "[" * 3_000 + "]" * 3_000,
    "twice.json": '{"bias": 1, "bias": 2, "least_number": 1, "mean": 1, "gain": 1}',
    "nan.json": '{"bias": NaN, "least_number": 1, "mean": Infinity, "gain": 1}',
    "digits.json": '{"bias": ' + "9" * 5_000 + "}",
    "mark.json": "\ufeff{}",
    "nul.json": "{\0}",
    "list.json": "[1, 2]",
    "text.json": '"x"',
    "weights.json": '{"bias": 0.5, "least_number": 0.1, "mean": 0.1, "gain": 0.2}',
    "odd.json": '{"bias": [], "runs": 3, "rows": {}, "origin": {"model": 1}, "problems": {}}',
    "huge.json": '{"bias": 1' + "0" * 400 + ', "least_number": 1, "mean": 1, "gain": 1}',
}
_YAML = {
    "recipe.yaml": "limit: 1\nmethod: cpmi\n",
    "odd.yaml": "limit: {a: [1, 2]}\nmethod: 7\nweights: [x]\n",
    "twice.yaml": "limit: 1\nlimit: 2\n",
    "digits.yaml": "limit: " + "9" * 5_000,
    "date.yaml": "limit: 2024-99-99",
    "tag.yaml": "limit: !!timestamp x",
    "deep.yaml": "[" * 600,
    "keys.yaml": "1: 2\n[a]: 3\n",
    "alias.yaml": "a: &a [1]\nmethod: [*a, *a, *a]\n",
}


def make(root: Path) -> list[str]:
    """Make them; their names."""
    root.mkdir()
    chains = report_runs.chains(6)
    report_runs.write_runs(root, chains)
    _label(root, chains)
    (root / "scores").mkdir()
    (root / "scores" / SCORES_NAME).write_bytes(
        encode_scores([scored("a", [0.9, 0.8]), scored("b", [0.9, 0.2], 1), scored("c", [0.1, None], 0)])
    )
    (root / "targets").mkdir()
    targets = [
        TargetRow(
            chain=c, method="m", labels=(0.5,) * len(c.steps), targets=(0.5,) * len(c.steps), map="robust"
        )
        for c in chains
    ]
    write_targets(targets, root / "targets")
    lines = [json.dumps({"question": c.question, "steps": list(c.steps), "gold": c.gold}) for c in chains]
    (root / "chains.jsonl").write_text("\n".join(lines) + "\n")
    (root / "problems.jsonl").write_text('{"question": "1 + 1?", "answer": "2"}\n')
    for name, content in {**_JSON, **_YAML, "empty": "", "binary": "\0\1\2", "name\nbreak": "x"}.items():
        (root / name).write_text(content)
    for name in ("folder", "damaged", "unfinished", "prm", "model", "many"):
        (root / name).mkdir()
    (root / "damaged" / "labels.parquet").write_text("PAR1 not a table")
    (root / "damaged" / "manifest.json").write_text('{"determines": [], "circumstances": 3}')
    (root / "unfinished" / "manifest.json").write_text(
        '{"determines": {"stage": "label"}, "circumstances": {}}'
    )
    (root / "prm" / "prm.json").write_text('{"format": 1, "layout": []}')
    (root / "model" / "config.json").write_text("{}")
    for name in ("a.jsonl", "b.csv"):
        (root / "many" / name).write_text('{"a": 1}\n')
    (root / "broken").symlink_to(root / "nowhere")
    (root / "loop").symlink_to(root / "loop")
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as device:  # its name has to be short
        device.bind(str(root / "device"))
    names = [str(path) for path in sorted(root.iterdir())]
    more = [
        "cpmi:gain",
        "cpmi:gold_gain",
        "net_gain:nothing",
        "scores:x",
        ":",
        "nowhere",
        "chains.jsonl/below",
    ]
    return [*names, *(f"{root}/{name}" for name in more), f"{root}/scores/scores.parquet", f"{root}/n\0ul"]


def _label(root: Path, chains: Sequence[Chain]) -> None:
    """Runs by the program itself: one of evidence, and two shards of another."""
    given: dict[str, Any] = {"model": FakeEngine(), "progress": False}
    cpmi.label(chains, method="evidence", out=root / "evidence", **given)
    for index in range(2):
        shard = {"out": root / f"shard{index}", "shard": f"{index}/2", "chunk_size": 1}
        cpmi.label(chains, method="cpmi", **shard, **given)


def seen(root: Path) -> set[tuple[str, int, int]]:
    """What is below `root`: names, times and sizes; folders by their names."""
    found: set[tuple[str, int, int]] = set()
    waiting = [str(root)]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
                found.add((entry.path, 0, 0))
            else:
                facts = entry.stat(follow_symlinks=False)
                found.add((entry.path, facts.st_size, facts.st_mtime_ns))
    return found
