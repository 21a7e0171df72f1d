"""Gold answers and ends of chains for the campaign on answers: real ones, else those of the tests."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.unit.answer_pairs import ANSWER_PAIRS
from tests.unit.formula_pairs import FORMULA_PAIRS
from tests.unit.gold_forms import GOLD_FORMS

MAX_CHARACTERS = 1_000
"""Of a chain's last step; a longer one is cut at its start."""


def golds() -> tuple[str, list[str]]:
    """Where the golds come from, and each one once, in order."""
    folder = os.environ.get("CPMI_DATA")
    if folder:
        return "CPMI_DATA", list(dict.fromkeys(_real_golds(Path(folder))))
    committed = [text for first, second, _ in (*ANSWER_PAIRS, *FORMULA_PAIRS) for text in (first, second)]
    committed += [text for form in GOLD_FORMS for text in (form.gold, *form.forms)]
    return "tests/unit, as CPMI_DATA is not set", list(dict.fromkeys(committed))


def endings() -> list[str]:
    """Ends of real chains; none without CPMI_DATA."""
    folder = os.environ.get("CPMI_DATA")
    return [text[-MAX_CHARACTERS:] for text in _real_endings(Path(folder))] if folder else []


def _real_golds(folder: Path) -> Iterator[str]:
    for record in _lines(folder / "math/math500.jsonl"):
        yield record["answer"]
    for record in json.loads((folder / "math/math_train_answers.json").read_text("utf-8")):
        yield str(record["final_answer"])
    for record in _lines(folder / "gsm8k/test.jsonl"):
        yield record["answer"].rpartition("####")[2].strip()
    for record in json.loads((folder / "svamp/SVAMP.json").read_text("utf-8")):
        yield str(record["Answer"])
    for record in _lines(folder / "math/best_of_8_sample.jsonl"):
        yield from record["pred"]
    for record in _lines(folder / "big-bench-mistake/logical_deduction.jsonl"):
        yield str(record["target"])


def _real_endings(folder: Path) -> Iterator[str]:
    for record in _lines(folder / "math/best_of_8_sample.jsonl"):
        yield from record["code"]
    for record in json.loads((folder / "processbench/gsm8k.json").read_text("utf-8")):
        yield record["steps"][-1]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
