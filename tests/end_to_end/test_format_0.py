"""Runs of the build before folders had a format are read by all that reads runs, and never continued."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cpmi
from cpmi.api.training_input import read_training_input
from cpmi.cli import app
from cpmi.engines.fake import FakeEngine
from cpmi.errors import RunError
from cpmi.evaluate import evaluate_best_of_n, evaluate_labels
from cpmi.exports import export_labels
from cpmi.reports import make_report
from cpmi.runs.score_table import read_scores
from cpmi.runs.spent import read_spent
from cpmi.runs.table import read_labels
from cpmi.runs.target_table import read_targets
from cpmi.targets import calibrate_labels

FIXTURES = Path(__file__).parents[1] / "fixtures" / "format_0"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURES, tmp_path / "old"))


def test_tables_and_costs_are_read(old: Path) -> None:
    rows = list(read_labels(old / "evidence"))
    assert [len(row.labels.values) for row in rows] == [len(row.chain.steps) for row in rows]
    assert {row.labels.method for row in rows} == {"evidence"}
    assert all(row.labels.usage.unshared_tokens > 0 for row in rows)
    assert all("mentions_gold" in row.labels.marks for row in rows)
    spent = read_spent(old / "evidence")
    assert spent is not None
    assert spent.usage.unshared_tokens == sum(row.labels.usage.unshared_tokens for row in rows)
    assert len(list(read_targets(old / "calibrate"))) == len(list(read_scores(old / "score"))) == 3


def test_everything_that_reads_runs_reads_them(old: Path, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    evaluation = evaluate_labels([old / "evidence", old / "monte_carlo"], num_draws=5)
    assert [run.knows_answer for run in evaluation.runs] == [True, False]
    assert [run.cost_reference for run in evaluation.runs] == [False, True]
    assert make_report([old / "evidence", old / "monte_carlo"]).runs[0].cost.computed_tokens > 0
    assert len(export_labels(old / "evidence", tmp_path / "export").exported.rows) == 3
    assert len(read_training_input(old / "calibrate").examples) == 3
    assert len(read_training_input(old / "evidence").examples) == 3
    calibrate_labels(old / "evidence", tmp_path / "targets", map="robust")
    assert evaluate_best_of_n([old / "score"], num_draws=5).num_problems == 3
    run = cpmi.label(old / "sample", model=FakeEngine(), method="judge", out=tmp_path / "labels")
    assert len(list(run)) == 3


def test_they_are_not_continued_or_merged(old: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"another version .*format 0"):
        cpmi.label(old / "sample", model=FakeEngine(), method="judge", out=old / "evidence")
    done = CliRunner().invoke(app, ["merge", str(old / "evidence"), "--out", str(tmp_path / "merged")])
    assert done.exit_code == 1
    assert "another version of cpmi" in " ".join(done.output.split())
