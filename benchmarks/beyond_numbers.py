"""`evidence` where golds are options and texts: `python -m benchmarks.beyond_numbers MODEL OUT`; CPMI_DATA.

Fifty real chains of multiple choice and the same fifty with the option's text as a free answer, from
BIG-Bench-Mistake (25 of logical deduction, 25 of tracking objects; first errors by humans):

- `options`: the question without its options, the options in a column, the gold a letter;
- `free`: no options, gold and stated answer are the texts.

Printed is the share of chains that get labels, with and without `--answer-check exact` for the texts.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cpmi

NUM = 25  # of each file
OPTION = re.compile(r"^\(([A-G])\) (.*)$", re.M)
LETTER = re.compile(r"\(([A-G])\)")


def main() -> None:
    model, out = sys.argv[1], Path(sys.argv[2])
    data = Path(os.environ["CPMI_DATA"]) / "big-bench-mistake"
    out.mkdir(parents=True, exist_ok=True)
    records = [
        record
        for name in ("logical_deduction", "tracking_shuffled_objects")
        for record in list(read(data / f"{name}.jsonl"))[:NUM]
    ]
    write(out / "options.jsonl", map(with_options, records))
    write(out / "free.jsonl", map(free, records))
    engine = cpmi.load_engine(model)
    for name, options in RUNS.items():
        source = out / f"{name.partition(' ')[0]}.jsonl"
        run = cpmi.label(
            source, model=engine, method="evidence", out=out / name.replace(" ", "-"), prompt="chat",
            on_error="skip", **options,
        )  # fmt: skip
        rows = list(run)
        labeled = sum(None not in row.labels.values for row in rows)
        without = sum(bool(row.labels.missing_parts) for row in rows)
        print(f"{name}: {labeled} of {len(records)} chains labeled, {without} of them without a contrast")
        for reason, count in sorted(run.totals.missing_parts.items()):
            print(f"    {count}: {reason}")


RUNS: dict[str, dict[str, Any]] = {
    "options": {},
    "free": {},
    "free exact": {"answer_check": "exact"},
}


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Records whose stated answer is one of the options."""
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        texts = dict(OPTION.findall(record["input"]))
        stated = LETTER.findall(record["steps"][-1])
        if stated and {stated[-1], LETTER.findall(record["target"])[0]} <= texts.keys():
            yield {**record, "texts": texts, "stated": stated[-1]}


def with_options(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "question": stem(record),
        "options": list(record["texts"].values()),
        "response": "\n\n".join(record["steps"]),
        "gold": LETTER.findall(record["target"])[0],
        "error": -1 if record["mistake_index"] is None else record["mistake_index"],
    }


def free(record: dict[str, Any]) -> dict[str, Any]:
    texts = record["texts"]
    last = LETTER.sub(lambda found: texts.get(found[1], found[0]), record["steps"][-1])
    return {
        "question": stem(record),
        "response": "\n\n".join([*record["steps"][:-1], last]),
        "gold": texts[LETTER.findall(record["target"])[0]],
        "error": -1 if record["mistake_index"] is None else record["mistake_index"],
    }


def stem(record: dict[str, Any]) -> str:
    text: str = record["input"]
    return text[: text.index("Options:")].strip()


def write(path: Path, records: Iterator[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


if __name__ == "__main__":
    main()
