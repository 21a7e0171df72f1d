"""A folder full of files of somebody else survives every command, byte for byte."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cpmi.cli import app
from tests.end_to_end.rated_runs import chains, noise, write_run

pytest.importorskip("sklearn")

FOREIGN = (
    "usage.json", "rejects.jsonl", "labels.parquet", "chains.jsonl", "scores.parquet", "targets.parquet",
    "map.json", "consensus.json", "hybrid.json", "README.md", "export.json", "train.parquet", "train.jsonl",
    "prm.json", "config.json", "model.safetensors", "tokenizer.json", "training.jsonl", "report.html",
    "report.json", "evaluation.json", "weights.json", "problems.jsonl", "notes.txt", ".hidden.tmp",
    "best-of-n.json", "samples.jsonl", "chunks/notes.txt", "chunks/00000.json", "chunks/.x.1.tmp",
    "units/00000.json", "checkpoints/mine.pt", "checkpoints/checkpoint-1/trainer_state.json",
)  # fmt: skip


def plant(folder: Path) -> dict[str, str]:
    for name in FOREIGN:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"of somebody else: {name}\n")
    return digests(folder)


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs, problems and chains to work on."""
    folder = tmp_path_factory.mktemp("inputs")
    made = chains(60)
    write_run(folder / "a", made, noise(1, lowered=2))
    rates = [[min(1.0, max(0.0, 0.5 + v / 9)) for v in noise(2, lowered=2)(chain)] for chain in made]
    by_id = {chain.id: rate for chain, rate in zip(made, rates, strict=True)}
    write_run(folder / "b", made, lambda chain: by_id[chain.id], method="monte_carlo", unit="probability")
    lines = [
        {"id": f"c{i}", "question": f"What is {i} + 2?", "steps": ["Add.", f"So {i + 2}."], "gold": "1"}
        for i in range(3)
    ]
    (folder / "chains.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


COMMANDS = {
    "sample": "sample {i}/chains.jsonl --model embedded --out {o}",
    "label": "label {i}/chains.jsonl --model embedded --method judge --out {o}",
    "calibrate": "calibrate {i}/a --map robust --out {o}",
    "consensus": "consensus {i}/a {i}/b --out {o}",
    "hybrid": "hybrid {i}/b {i}/a --first 1 --out {o}",
    "export": "export {i}/b --out {o}",
    "train": "train {i}/b --base embedded --epochs 1 --out {o}",
    "merge": "merge {i}/a --out {o}",
    "evaluate": "evaluate labels {i}/a --draws 10 --out {o}/evaluation.json",
    "report": "report {i}/a --out {o}/report.html",
    "fit": "fit {i}/a --out {o}/weights.json",
    "world": "world problems --num 2 --out {o}/problems.jsonl",
}
NO_OVERWRITE = ("evaluate", "report", "fit", "world")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_foreign_is_changed(inputs: Path, tmp_path: Path, command: str, overwrite: bool) -> None:
    before = plant(tmp_path)
    words = COMMANDS[command].format(i=inputs, o=tmp_path).split()
    if overwrite and command not in NO_OVERWRITE:
        words.append("--overwrite")
    done = CliRunner().invoke(app, words)
    assert done.exit_code in (1, 2), done.output
    assert digests(tmp_path) == before


@pytest.mark.parametrize("name", [".hidden.tmp", "notes.txt", "checkpoints/mine.pt", "chunks/notes.txt"])
def test_files_that_are_not_in_the_way_stay(inputs: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    for more in ([], ["--overwrite"]):
        words = COMMANDS["label"].format(i=inputs, o=tmp_path).split()
        done = CliRunner().invoke(app, [*words, *more])
        assert done.exit_code == 0, done.output
        assert (tmp_path / name).read_text() == "mine"
