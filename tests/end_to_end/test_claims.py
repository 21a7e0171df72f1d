"""The page of claims: from labels to the page, with scripted engines in the place of models."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn")

from benchmarks.claims.derived import derive, read_counts
from benchmarks.claims.measure import MONTE_CARLO, measure, read
from benchmarks.claims.run import STAGES, Work
from benchmarks.kept import keep

from cpmi import label
from cpmi.engines.fake import FakeEngine
from cpmi.runs.table import read_labels
from cpmi.types import StepLabels

NUM_CHAINS = 48


def write_data(folder: Path) -> Path:
    """ProcessBench records of sums, every other one with an error, and their golds."""
    records, golds = [], []
    for index in range(NUM_CHAINS):
        a, b, c = index + 2, 2 * index + 3, index % 5 + 1
        wrong = index % 2
        steps = [
            f"First there are {a} apples and {b} pears.",
            f"Together that is {a} + {b} = {a + b + wrong} pieces of fruit.",
            f"With {c} more it is {a + b + wrong} + {c} = {a + b + c + wrong}.",
            f"The answer is {a + b + c + wrong}.",
        ][index % 3 % 2 :]
        problem = f"Ann has {a} apples and {b} pears and buys {c} plums. How much fruit is that?"
        label = 1 - index % 3 % 2 + index % 4 // 3 if wrong else -1
        records.append(
            {"id": f"gsm8k-{index}", "generator": "sums", "problem": problem, "steps": steps,
             "final_answer_correct": not wrong, "label": label}
        )  # fmt: skip
        golds.append({"question": problem, "answer": f"It is {a + b + c}.\n#### {a + b + c}"})
    (folder / "processbench").mkdir(parents=True)
    (folder / "gsm8k").mkdir()
    (folder / "processbench" / "gsm8k.json").write_text(json.dumps(records))
    (folder / "gsm8k" / "test.jsonl").write_text("".join(f"{json.dumps(gold)}\n" for gold in golds))
    return folder


def sampled(prompt: str, index: int) -> str:
    """A right answer to one prompt in three."""
    last = prompt[prompt.rindex("Ann has") :]
    total = sum(map(int, re.findall(r"\d+", last.partition("How much")[0])))
    return f"The answer is {total if (len(prompt) + index) % 3 == 0 else 0}."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Work]:
    """All stages, as they are run with models."""
    folder = tmp_path_factory.mktemp("claims")
    data = write_data(folder / "data")
    engines: dict[str, Any] = {
        "model": FakeEngine(texts=sampled), "contrast_model": FakeEngine(name="other")
    }  # fmt: skip
    kept = folder / "kept"
    work = Work(data, folder / "out", engines.__getitem__, prompt="raw", kept=kept)
    source = data / "processbench" / "gsm8k.json"
    for shard, name in enumerate(MONTE_CARLO):
        out = folder / name
        label(
            source, model=engines["model"], method="monte_carlo", out=out, gold=work.gold, prompt="raw",
            shard=f"{shard}/{len(MONTE_CARLO)}", chunk_size=2,
        )  # fmt: skip
        keep(out, kept / name)
    for stage in ("evidence", "contrast", "cpmi", "cpmi-dev", "net_gain", "judge", "question", "timed"):
        STAGES[stage](work)
    return data, work


@pytest.mark.parametrize("method", ["pav", "binary_search"])
def test_labels_from_rollouts_that_are_drawn_already(
    made: tuple[Path, Work], method: str, tmp_path: Path
) -> None:
    data, work = made
    chains = [chain for chain in read(data).values() if chain.id in ids(work.timed)]
    counts = {}
    for name in MONTE_CARLO:
        counts |= read_counts(work.kept.parent / name, first=1)
    counts |= read_counts(work.out / "from_question", first=0)
    derived = {
        row.chain.id: row.labels for row in read_labels(derive(method, chains, counts, tmp_path / "d"))
    }
    drawn = {row.chain.id: row.labels for row in read_labels(work.out / f"timed-{method}")}
    assert derived.keys() == drawn.keys()
    for id, labels in drawn.items():
        assert derived[id].values == labels.values
        assert derived[id].parts == labels.parts
        assert derived[id].abstained == labels.abstained


def labels_of(folder: Path) -> dict[str, StepLabels]:
    return {row.chain.id: row.labels for row in read_labels(folder)}


def ids(file: Path) -> set[str]:
    return {json.loads(line)["id"] for line in file.read_text().splitlines()}


def test_measures_are_those_of_the_runs(made: tuple[Path, Work]) -> None:
    data, work = made
    results = measure(data, work.kept)
    test = {row["name"]: row for row in results["test"]["rows"]}
    assert test.keys() >= {
        "evidence", "evidence:alone", "evidence_contrast", "monte_carlo", "pav", "binary_search", "cpmi",
        "net_gain", "judge", "hybrid", "length", "combined baseline",
    }  # fmt: skip
    assert results["test"]["ground"]["num_chains"] == len(ids(work.test))
    assert results["all"]["ground"]["num_chains"] == NUM_CHAINS
    assert str(work.out) not in json.dumps(results)
    cost = results["costs"]["test"]["evidence"]["computed_tokens"]
    mine = sum(row.labels.usage.computed_tokens for row in read_labels(work.out / "evidence"))
    assert cost["mine"] == mine
    assert cost["ratio"]["low"] <= cost["ratio"]["value"] <= cost["ratio"]["high"]
    assert results["costs"]["test"]["evidence"]["generated_tokens"]["mine"] == 0
