"""A `usage.json` that the run wrote and somebody deleted is missed by whoever wants it."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest
import tiny
from rated_runs import chains
from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.errors import RunError
from cpmi.evaluate import evaluate_labels
from cpmi.runs.lost_usage import MissingUsageWarning
from cpmi.runs.merge import merge_runs
from cpmi.runs.spent import read_spent
from cpmi.targets import calibrate_labels

pytest.importorskip("sklearn")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    tiny.run(tmp_path / "run", chains(24))
    return tmp_path / "run"


def test_evaluate_says_why_the_cost_is_not_known(run: Path, tmp_path: Path) -> None:
    whole = evaluate_labels([run], num_draws=5)
    assert whole.rows[0].cost is not None
    assert not any("usage.json" in sentence for sentence in whole.warnings)
    (run / "usage.json").unlink()
    lost = evaluate_labels([run], num_draws=5)
    assert lost.rows[0].cost is None
    (said,) = [sentence for sentence in lost.warnings if "usage.json" in sentence]
    assert said.startswith(f"{run}: usage.json, which the run wrote, is missing")
    words = ["evaluate", "labels", str(run), "--draws", "5", "--out", str(tmp_path / "found.json")]
    shown = CliRunner().invoke(app, words)
    assert "what it cost is not known" in " ".join(shown.output.split())
    assert said in json.loads((tmp_path / "found.json").read_text())["warnings"]


def test_targets_are_made_with_a_notice(run: Path, tmp_path: Path) -> None:
    (run / "usage.json").unlink()
    with pytest.warns(MissingUsageWarning, match="which the run wrote, is missing"):
        calibrate_labels(run, tmp_path / "targets")
    assert not (tmp_path / "targets" / "usage.json").exists()


def test_a_folder_that_never_had_one_is_not_blamed(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_spent(tmp_path) is None


def test_the_same_command_writes_it_again(run: Path) -> None:
    (run / "usage.json").unlink()
    (run / "rejects.jsonl").unlink()
    tiny.run(run, chains(24))
    assert read_spent(run) is not None
    assert (run / "rejects.jsonl").read_bytes() == b""


def test_merge_refuses(tmp_path: Path) -> None:
    for index in range(2):
        tiny.run(tmp_path / str(index), chains(24), shard=f"{index}/2")
    (tmp_path / "1" / "usage.json").unlink()
    with pytest.raises(RunError, match="is not finished"):
        merge_runs([tmp_path / "0", tmp_path / "1"], tmp_path / "out")
