"""Label sets to data sets and back through cpmi's own readers; what is not exported is counted."""

from __future__ import annotations

import json
import math
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rated_runs import chain, chains, noise, write_run
from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.data import read_chains
from cpmi.errors import ConfigError, MissingDependencyError, RunError, StorageError
from cpmi.exports import export_labels
from cpmi.exports.rows import read_export
from cpmi.runs.manifest import Manifest, write_manifest
from cpmi.runs.table import LabeledChain, encode, schema
from cpmi.targets import calibrate_labels, consensus_of, read_targets
from cpmi.types import Chain, Rating, StepLabels
from cpmi.usage import Usage

COUNTS = ("successes", "rollouts", "undecided", "cut_off")
DATA = {"parquet": "train.parquet", "jsonl": "train.jsonl", "datasets": "", "math-shepherd": "train.jsonl"}


def probabilities(chain: Chain) -> list[float]:
    """Right steps 0.9, the first error 0.2, the next ones 0.6."""
    ratings = chain.ratings or ()
    return [{Rating.RIGHT: 0.9, Rating.WRONG: 0.2}.get(rating, 0.6) for rating in ratings]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = write_run(
        tmp_path / "run",
        chains(20),
        probabilities,
        method="monte_carlo",
        unit="probability",
        usage=Usage(generated_tokens=1234, computed_tokens=99),
        wall_s=75,
    )
    write_manifest(folder, Manifest(determines={"stage": "label"}, circumstances={"model": "some/model"}))
    return folder


@pytest.fixture
def targets(tmp_path: Path) -> Path:
    run = write_run(tmp_path / "nats", chains(40), noise(1, lowered=3.0), method="net_gain")
    calibrate_labels(run, tmp_path / "targets", hard=0.5)
    return tmp_path / "targets"


def back(source: Path) -> list[Chain]:
    read = list(read_chains(source))
    assert all(isinstance(item, Chain) for item in read), read
    return read  # type: ignore[return-value]


def booleans(chain: Chain) -> list[bool]:
    return [rating is Rating.RIGHT for rating in chain.ratings or ()]


@pytest.mark.parametrize("to", ["parquet", "jsonl", "datasets"])
def test_the_stepwise_form_comes_back_from_a_run(run: Path, tmp_path: Path, to: Any) -> None:
    if to == "datasets":
        pytest.importorskip("datasets")
    done = export_labels(run, tmp_path / "out", to=to)
    read = back(tmp_path / "out" / DATA[to])
    made = chains(20)
    assert [t.question for t in read] == [t.question for t in made]
    assert [t.steps for t in read] == [t.steps for t in made]
    assert [booleans(t) for t in read] == [[p >= 0.5 for p in probabilities(t)] for t in made]
    assert (done.exported.left_out, done.exported.cut) == ({}, {})


def test_a_belief_is_exported_as_the_chance_that_no_step_so_far_is_wrong(tmp_path: Path) -> None:
    def belief(chain: Chain) -> list[float]:
        return [0.25, *[0.5 / (len(chain.steps) - 1)] * (len(chain.steps) - 1), 0.25]

    def values(chain: Chain) -> list[float]:
        return [math.log((1 - p) / p) for p in belief(chain)[:-1]]

    run = write_run(tmp_path / "run", chains(20), values, unit="log-odds", belief=belief)
    write_manifest(run, Manifest(determines={"stage": "label"}, circumstances={"model": "some/model"}))
    export_labels(run, tmp_path / "out")
    rows = pq.read_table(tmp_path / "out" / "train.parquet").to_pylist()
    for row in rows:
        share = 0.5 / (len(row["targets"]) - 1)
        assert row["targets"] == pytest.approx([0.75 - i * share for i in range(len(row["targets"]))])
        assert row["labels"] == [p >= 0.5 for p in row["targets"]]


def test_columns_beside_the_stepwise_form(run: Path, tmp_path: Path) -> None:
    export_labels(run, tmp_path / "out")
    (first, *_) = rows = pq.read_table(tmp_path / "out" / "train.parquet").to_pylist()
    assert [row["targets"] for row in rows] == [probabilities(t) for t in chains(20)]
    assert first["values"] == first["targets"]
    assert (first["method"], first["unit"], first["gold"], first["id"]) == (
        *("monte_carlo", "probability", "7", "chain-0"),
    )
    assert first["generated_tokens"] == 0
    assert first["ratings"] == ["right"] * len(first["labels"])


@pytest.mark.parametrize("to", ["parquet", "math-shepherd"])
def test_hard_labels_of_targets_end_at_the_first_error(targets: Path, tmp_path: Path, to: Any) -> None:
    done = export_labels(targets, tmp_path / "out", to=to)
    read = back(tmp_path / "out" / DATA[to])
    rows = list(read_targets(targets))
    lengths = [
        len(row.chain.steps) if row.hard is None or row.hard.first_error is None else row.hard.first_error + 1
        for row in rows
    ]
    for got, row, length in zip(read, rows, lengths, strict=True):
        steps = got.steps
        if to == "math-shepherd":
            steps = tuple(step.removeprefix(f"Step {i}: ") for i, step in enumerate(steps, start=1))
        assert steps == row.chain.steps[:length]
        assert row.hard is not None
        assert booleans(got) == list(row.hard.values[:length])
    num_cut = sum(len(row.chain.steps) - length for row, length in zip(rows, lengths, strict=True))
    assert num_cut > 0
    assert done.exported.cut == {"after the first error": num_cut}
    assert done.exported.num_decided_cut == 0


def test_a_threshold_replaces_hard_labels(targets: Path) -> None:
    exported = read_export(targets, threshold=0.3)
    for row, source in zip(exported.rows, read_targets(targets), strict=True):
        assert row.labels == tuple(target >= 0.3 for target in source.targets if target is not None)
        assert row.targets == source.targets
    with pytest.raises(ConfigError, match="from 0 to 1"):
        read_export(targets, threshold=1.5)


def test_a_consensus_can_be_exported(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 2)):
        write_run(tmp_path / name, chains(40), noise(seed, lowered=3.0))
    consensus_of(tmp_path / "a", tmp_path / "b", tmp_path / "both", by="step")
    done = export_labels(tmp_path / "both", tmp_path / "out")
    assert all(row.values is None for row in done.exported.rows)
    assert len(back(done.data)) == len(done.exported.rows) > 0


def test_undecided_steps_cut_a_chain_or_leave_it_out(tmp_path: Path) -> None:
    made = [replace(chain(index, None, 4), id=name) for index, name in enumerate("abc")]
    values = {"a": [0.9, 0.8, None, 0.7], "b": [None, 0.9, 0.9, 0.9], "c": [0.9, 0.1, 0.9, None]}
    run = write_run(tmp_path / "run", made, lambda t: values[t.id], unit="probability")
    done = export_labels(run, tmp_path / "out")
    read = back(done.data)
    assert [(t.steps, booleans(t)) for t in read] == [
        (made[0].steps[:2], [True, True]),
        (made[2].steps[:3], [True, False, True]),
    ]
    exported = done.exported
    assert exported.left_out == {"first step: unsure": 1}
    assert (exported.cut, exported.num_cut_chains, exported.num_decided_cut) == ({"unsure": 3}, 2, 1)
    card = (tmp_path / "out" / "README.md").read_text()
    assert "| chain left out: first step: unsure | 1 chains |" in card
    assert "| steps cut: unsure | 3 steps |" in card
    facts = json.loads((tmp_path / "out" / "export.json").read_text())
    assert (facts["left_out"], facts["num_decided_cut"]) == ({"first step: unsure": 1}, 1)


def test_success_counts_are_of_decided_rollouts(tmp_path: Path) -> None:
    made = chain(0, None, 3)
    labels = StepLabels(
        chain_id=made.id,
        method="monte_carlo",
        values=(0.75, 0.5, None),
        unit="probability",
        parts={"successes": (6.0, 1.0, 0.0), "rollouts": (8.0,) * 3, "undecided": (0.0, 4.0, 8.0)}
        | {"cut_off": (0.0, 2.0, 0.0)},
        abstained={2: "undecided"},
    )
    (tmp_path / "run").mkdir()
    table = encode([LabeledChain(chain=made, labels=labels)], schema("monte_carlo", COUNTS))
    (tmp_path / "run" / "labels.parquet").write_bytes(table)
    (row,) = read_export(tmp_path / "run").rows
    assert (row.successes, row.trials) == ((6, 1), (8, 2))
    done = export_labels(tmp_path / "run", tmp_path / "out")
    (read,) = pq.read_table(done.data).to_pylist()
    assert (read["successes"], read["trials"]) == ([6, 1], [8, 2])


def test_labels_in_nat_need_a_threshold(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", chains(6), noise(1))
    with pytest.raises(ConfigError, match="no natural threshold"):
        export_labels(run, tmp_path / "out")
    done = export_labels(run, tmp_path / "out", threshold=-0.5)
    expected = [[value >= -0.5 for value in noise(1)(t)] for t in chains(6)]  # type: ignore[operator]
    assert [booleans(t) for t in back(done.data)] == expected
    assert all(row.targets is None for row in done.exported.rows)


def test_text_that_math_shepherd_cannot_hold_is_left_out_and_counted(tmp_path: Path) -> None:
    made = [
        chain(0, None, 2),
        chain(2, None, 2, steps=("a ки b", "c")),
        chain(4, None, 2, question="What follows Step 1: a step?"),
        chain(6, None, 2, steps=("first\nStep 9: within", "c")),
        chain(8, None, 2, steps=("Step 1: a", "Step 2: b + c -")),
    ]
    run = write_run(tmp_path / "run", made, probabilities, unit="probability")
    done = export_labels(run, tmp_path / "out", to="math-shepherd")
    assert done.exported.left_out == {"cannot be told apart in Math-Shepherd's text": 3}
    read = back(done.data)
    assert read[1].steps == ("Step 1: a", "Step 2: b + c -")
    assert [booleans(t) for t in read] == [[True, True]] * 2


def test_the_card_says_what_it_is_worth(run: Path, tmp_path: Path) -> None:
    done = export_labels(run, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text()
    for text in ("monte_carlo", "some/model", "| generated tokens | 1,234 |", "1 min 15 s"):
        assert text in card
    assert "data_files: train.parquet" in card
    # The labels name every first error, so their F1 is 1; the baselines come next.
    assert "| these labels | 100.0 [100.0, 100.0] |" in card
    assert "| never an error | 0.0 [0.0, 0.0] | 0.0 [0.0, 0.0] | 100.0 [100.0, 100.0] |" in card
    assert "outcome + longest step *" in card
    assert done.quality is not None
    assert done.quality.rows[0].f1.value == 1
    unrated = write_run(tmp_path / "u", [replace(t, ratings=None) for t in chains(4)], noise(1), unit="nat")
    export_labels(unrated, tmp_path / "out2", threshold=0)
    text = (tmp_path / "out2" / "README.md").read_text()
    assert "Not measured: no chain is rated" in text
    assert "## Cost\n\nNot known." in text


def test_a_first_error_behind_an_unjudged_step_is_no_measure_of_quality(tmp_path: Path) -> None:
    odd = chain(0, None, 3, ratings=(Rating.NOT_JUDGED, Rating.WRONG, Rating.RIGHT))
    run = write_run(tmp_path / "run", [odd], probabilities, unit="probability")
    assert export_labels(run, tmp_path / "out").quality is None
    known = chain(1, None, 2)
    run = write_run(tmp_path / "both", [odd, known], probabilities, unit="probability")
    quality = export_labels(run, tmp_path / "out2").quality
    assert quality is not None
    assert (quality.num_wrong, quality.num_right) == (0, 1)


def test_what_stands_there_is_not_overwritten(run: Path, tmp_path: Path) -> None:
    export_labels(run, tmp_path / "out")
    export_labels(run, tmp_path / "out")  # the same again
    with pytest.raises(RunError, match=r'options.to is "parquet" there and "jsonl" now'):
        export_labels(run, tmp_path / "out", to="jsonl")
    export_labels(run, tmp_path / "out", to="jsonl", overwrite=True)
    assert not (tmp_path / "out" / "train.parquet").exists()
    with pytest.raises(RunError, match="another kind"):
        export_labels(run, run, overwrite=True)


class Hub(types.ModuleType):
    """A stand-in for `huggingface_hub` that remembers what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__("huggingface_hub")
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.error = error

    def HfApi(self) -> Hub:
        return self

    def create_repo(self, name: str, **options: Any) -> str:
        self.calls.append(("create", {"name": name, **options}))
        if self.error is not None:
            raise self.error
        return f"https://hub/datasets/{name}"

    def upload_folder(self, **options: Any) -> None:
        ignored = options.pop("ignore_patterns")
        files = sorted(path.name for path in Path(options.pop("folder_path")).iterdir())
        files = [name for name in files if name not in ignored]
        self.calls.append(("upload", {**options, "files": files}))


def test_push_to_hub(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub()
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    args = ["export", str(run), "--out", str(tmp_path / "out"), "--push-to-hub", "me/steps", "--private"]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 0, done.output
    assert "uploaded  https://hub/datasets/me/steps" in done.output
    (create, upload) = hub.calls
    assert create == (
        "create",
        {"name": "me/steps", "repo_type": "dataset", "private": True, "exist_ok": True},
    )
    assert upload[1]["repo_id"] == "me/steps"
    assert upload[1]["repo_type"] == "dataset"
    assert upload[1]["files"] == ["README.md", "export.json", "train.parquet"]


def test_push_to_hub_refused(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", Hub(OSError("no token")))
    with pytest.raises(StorageError, match="no token"):
        export_labels(run, tmp_path / "a", push="me/steps")
    assert (tmp_path / "a" / "train.parquet").exists()
    with pytest.raises(ConfigError, match="OWNER/NAME"):
        export_labels(run, tmp_path / "b", push="steps")
    with pytest.raises(ConfigError, match="save_to_disk"):
        export_labels(run, tmp_path / "b", to="datasets", push="me/steps")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingDependencyError, match="huggingface_hub"):
        export_labels(run, tmp_path / "b", push="me/steps")


def test_push_to_hub_without_a_network(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real client, at an address where nobody listens."""
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_TOKEN", "nobody")
    with pytest.raises(StorageError, match="could not be uploaded") as caught:
        export_labels(run, tmp_path / "out", push="me/steps")
    assert f"The export stands complete in {tmp_path / 'out'}" in str(caught.value)
    assert (tmp_path / "out" / "train.parquet").exists()


def test_the_command(run: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["export", str(run), "--to", "jsonl", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "chains    20" in done.output
    assert "first-error F1 1.00 [1.00, 1.00]; without a model" in done.output
    wrong = CliRunner().invoke(app, ["export", str(run), "--to", "csv", "--out", str(tmp_path / "o")])
    assert wrong.exit_code == 2
    assert "parquet, datasets, jsonl, math-shepherd" in " ".join(wrong.output.split())
