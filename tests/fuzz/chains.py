"""Labels chains of odd contents by every method, with the scripted engine.

    python -m tests.fuzz.chains --count 10000

A chain ends as *labeled* (its steps may abstain) or *rejected*. The fault *silent* is a record that is
neither, and *different* a run whose labels change when its chunks do.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from random import Random

import cpmi
from cpmi.engines.fake import FakeEngine
from cpmi.methods import METHODS
from tests.fuzz.campaign import FAULTS, Campaign, drawn, run_campaign
from tests.fuzz.record_mutations import ODD_TEXTS

COUNT = 10_000
PER_RUN = 50
_STEPS = ("It is 2.", "答案是2。", "So 12 * 3 = 36.", "The answer is 2.", "الجواب هو 2", "a" * 2_000)
_OPTIONS = {"adaptive": {"budget": "50%"}}


def campaign(count: int, seed: int) -> Campaign:
    """Runs of about `PER_RUN` chains by the methods in turn, each in chunks of two sizes."""
    found = Campaign("chains")
    per_run = min(PER_RUN, max(4, count // len(METHODS)))
    for turn in range(max(1, count // per_run)):
        method = list(METHODS)[turn % len(METHODS)]
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            _try(found, method, _records(drawn(seed, turn), per_run), Path(folder))
    return found


def _try(found: Campaign, method: str, records: list[dict[str, object]], folder: Path) -> None:
    path = folder / "chains.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    counted = {"labeled": 0, "rejected": 0}

    def work() -> str:
        rows = []
        for size in (7, 16):
            out = folder / f"out-{size}"
            options = {"chunk_size": size, "on_error": "skip", **_OPTIONS.get(method, {})}
            run = cpmi.label(path, model=FakeEngine(), method=method, out=out, **options)
            rows.append([(row.chain.id, row.labels.values) for row in run])
            counted["labeled"] = run.totals.num_chains
            counted["rejected"] = sum(run.totals.rejected.values())
            if sum(counted.values()) != len(records) or len(rows[-1]) != counted["labeled"]:
                return "silent"
        # Of `adaptive`, what is left of the budget is shared out chunk by chunk.
        return "different" if rows[0] != rows[1] and method != "adaptive" else "read"

    word = found.attempt(method, records[0], work)
    if word in (*FAULTS, "refused"):
        return
    del found.outcomes[method, word]
    for name, number in counted.items():
        found.count(method, name, number=number)


def _records(random: Random, number: int) -> list[dict[str, object]]:
    def text() -> str:
        return random.choice((random.choice(ODD_TEXTS), random.choice(_STEPS), random.choice(_STEPS)))

    records: list[dict[str, object]] = []
    for index in range(number):
        record: dict[str, object] = {
            "id": str(index),
            "question": f"{index}? {text()}",
            "steps": [text() for _ in range(random.choice((1, 2, 3, 8)))],
            "gold": random.choice(("2", "1/2", "A", "x+1", text())),
        }
        if random.random() < 0.3:
            record["options"] = ["2", "3", text()]
        if random.random() < 0.3:
            record["distractors"] = ["5", text()]
        records.append(record)
    return records


if __name__ == "__main__":
    sys.exit(run_campaign(__doc__, campaign, count=COUNT))
