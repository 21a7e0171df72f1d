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
from benchmarks.claims.page import BEGIN, END, with_head, write
from benchmarks.claims.results import FILES, Results
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


class NamedEngine(FakeEngine):
    """A scripted engine with the facts of a model that the page names."""

    def describe(self) -> dict[str, object]:
        facts = {"dtype": "bfloat16", "torch": "2", "model_digest": self.name, "quantization": "Q4_K_M"}
        return {**super().describe(), **facts}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Work]:
    """All stages, as they are run with models."""
    folder = tmp_path_factory.mktemp("claims")
    data = write_data(folder / "data")
    engines: dict[str, Any] = {"model": NamedEngine(texts=sampled), "contrast_model": NamedEngine(name="b")}
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
    work.labels(f"timed-{method}", method, work.timed)
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


@pytest.fixture(scope="module")
def results(made: tuple[Path, Work]) -> dict[str, Any]:
    data, work = made
    return measure(data, work.kept)


def test_measures_are_those_of_the_runs(made: tuple[Path, Work], results: dict[str, Any]) -> None:
    _, work = made
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


def test_the_page_says_what_was_measured(
    made: tuple[Path, Work], results: dict[str, Any], tmp_path: Path
) -> None:
    _, work = made
    for name, result in results.items():
        (work.kept / f"{name}.json").write_text(json.dumps(result))
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}former table\n{END}\nafter\n")
    write(Results.read(work.kept), tmp_path / "page.md", readme)
    page = (tmp_path / "page.md").read_text()
    rows = {row["name"]: row for row in results["test"]["rows"]}
    value = rows["cpmi"]["concordance"]["value"]
    assert f"| `cpmi` | {value:.2f} [" in page
    spent = results["costs"]["timed"]
    share = 1 - spent["evidence"]["computed_tokens"] / spent["monte_carlo"]["computed_tokens"]
    assert f"| {1 - share:.1%} |" in page
    shown = readme.read_text()
    assert shown.startswith(f"before\n{BEGIN}| claim |")
    assert shown.endswith(f"\n{END}\nafter\n")
    assert "former table" not in shown


def test_readme_without_its_marks_is_left_alone() -> None:
    with pytest.raises(SystemExit, match="no place"):
        with_head("# cpmi\n", Results(**{name: {} for name in FILES}, manifests={}))


def test_a_difference_the_other_way_round() -> None:
    estimate = {"value": 0.25, "low": -0.5, "high": 1.0, "note": ""}
    item = {"first": "a", "second": "b", "f1": estimate}
    found = Results(
        test={"differences": [item]}, **{name: {} for name in FILES[1:]}, manifests={}
    ).difference("b", "a")
    assert (found["f1"]["value"], found["f1"]["low"], found["f1"]["high"]) == (-0.25, -1.0, 0.5)
