"""Valid records of every layout, and what is done to them: to their values, their names and their bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from tests.unit.test_data_formats import SAMPLES

_OWN: dict[str, dict[str, object]] = {
    "trl": {"prompt": "1+1?", "completion": "It is 2.\nSo 2.", "ground_truth": "2"},
    "verl": {
        "prompt": [{"role": "user", "content": "1+1?"}],
        "response": "It is 2.\nSo 2.",
        "reward_model": {"ground_truth": "2", "style": "rule"},
    },
    "choices": {"question": "1+1?", "choices": ["2", "3"], "answer": "A", "solution": "It is 2.\nSo A."},
    "messages": {
        "messages": [
            {"role": "user", "content": "1+1?"},
            {"role": "assistant", "content": "It is 2.\nSo 2."},
        ],
        "answer": "2",
    },
    "parts": {
        "messages": [
            {"role": "system", "content": "Think."},
            {"role": "user", "content": [{"type": "text", "text": "1+1?"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "It is 2.\nSo 2."}]},
        ]
    },
}
LAYOUTS: Mapping[str, Mapping[str, object]] = {**SAMPLES, **_OWN}
GROUPED = frozenset({"prm800k_rows"})
"""Layouts in which several records make a chain."""

ODD_TEXTS = ("", " ", "\n", "\x00", "\ud800", "\u202e", "a" * 5_000, "{", "[" * 300, "9" * 5_000, "NaN",
          "\ufeff", "ки", "\\boxed{", "<think>", "</think>", "####", "Step 1:", "1e999", "0x1F", "true",
          "null")  # fmt: skip
_VALUES = (None, True, False, 0, -1, 10**30, 1.5, -0.0, 1e308, [], {}, [[]], [None], {"": None}, [1, "a", {}],
           {"a": {"b": []}}, [{"role": "user"}], float("nan"), float("inf"))  # fmt: skip
_NAMES = ("question", "steps", "gold", "id", "answer", "messages", "meta", "options", "", "a.b", "label", "0")
_RAW = ("9" * 5_000, "-" + "9" * 4_400, "1e400", "NaN", "-Infinity", "[" * 2_000 + "]" * 2_000,
        "[" * 900 + "]" * 900, "[" * 400 + "]" * 400, '{"a":' * 900 + "0" + "}" * 900,
        '"\\ud800"',
        '{"a":' * 1_500 + "0" + "}" * 1_500)  # fmt: skip
_MARK = "\x01raw\x01"


def layout_record(layout: str, number: int) -> dict[str, object]:
    """The record of a layout with a question and an id of its own."""
    text = json.dumps(LAYOUTS[layout], ensure_ascii=False)
    for old, new in (
        ("1+1?", f"{number}+1?"),
        ("1 + 1?", f"{number} + 1?"),
        ('"mine"', f'"mine-{number}"'),
        ('"doc_id": 3', f'"doc_id": {number + 1000}'),
        ("gsm8k-7", f"gsm8k-{number}"),
        ("item_0", f"item_{number}"),
        ("What is 1+1", f"What is {number}+1"),
    ):
        text = text.replace(old, new)
    found: dict[str, object] = json.loads(text)
    return found


def mutated_record(record: dict[str, object], random: Random) -> dict[str, object]:
    """The record with one to three values, names or texts changed, at any depth."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        places = list(_places(record))
        if not places:
            return record
        holder, key = random.choice(places)
        _change(holder, key, random)
    return record


def line_of(record: Mapping[str, object], random: Random) -> bytes:
    """The record as a line of JSON without its end, at times with what only text can hold."""
    text = json.dumps(record, ensure_ascii=random.random() < 0.5)
    text = text.replace(json.dumps(_MARK), random.choice(_RAW)).replace(f'"{_MARK}"', "0")
    if random.random() < 0.05 and len(text) > 2:
        name = json.dumps(random.choice(list(record) or ["a"]))
        text = f"{text[:-1]}, {name}: {json.dumps(random.choice(ODD_TEXTS))}}}"
    return text.encode("utf-8", "surrogatepass")


def mutated_bytes(line: bytes, random: Random) -> bytes:
    """The line cut, doubled, or with bytes altered, without a line break of its own."""
    kind = random.randrange(5)
    at = random.randrange(len(line) + 1)
    if kind == 0:
        line = line[:at]
    elif kind == 1:
        line = line + line
    elif kind == 2:
        line = line[:at] + bytes([random.randrange(256)]) + line[at + 1 :]
    elif kind == 3:
        line = line[:at] + bytes(random.randrange(256) for _ in range(random.randrange(1, 9))) + line[at:]
    else:
        end = random.randrange(len(line) + 1)
        line = line[: min(at, end)] + line[max(at, end) :]
    return line.replace(b"\n", b" ")


def _places(value: object) -> list[tuple[dict[str, object] | list[object], str | int]]:
    found: list[tuple[dict[str, object] | list[object], str | int]] = []
    stack = [value]
    while stack:
        holder = stack.pop()
        if isinstance(holder, dict):
            found += [(holder, key) for key in holder]
            stack += holder.values()
        elif isinstance(holder, list):
            found += [(holder, index) for index in range(len(holder))]
            stack += holder
    return found


def _change(holder: Any, key: Any, random: Random) -> None:
    value = holder[key]
    kind = random.randrange(8)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[random.choice(_NAMES)] = holder.pop(key)
    elif kind == 2 and isinstance(holder, list):
        holder.insert(0, json.loads(json.dumps(value)))
    elif kind == 3:
        holder[key] = [value] if random.random() < 0.5 else {"text": value}
    elif kind == 4 and isinstance(value, str):
        at = random.randrange(len(value) + 1)
        holder[key] = value[:at] + random.choice(ODD_TEXTS) + value[at + random.randrange(2) :]
    elif kind == 5:
        holder[key] = random.choice(ODD_TEXTS)
    elif kind == 6 and random.random() < 0.5:
        holder[key] = _MARK
    else:
        holder[key] = json.loads(json.dumps(random.choice(_VALUES)))
