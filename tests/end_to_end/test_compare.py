"""`cpmi compare`: paired differences, and how many chains decide them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rated_runs import chains, noise, write_run
from typer.testing import CliRunner

import cpmi
from cpmi.cli import app
from cpmi.errors import ConfigError
from cpmi.evaluate import evaluate_labels
from cpmi.evaluate.comparison import ComparedMeasure, compare
from cpmi.runs.score_table import SCORES_NAME, ScoreRow, encode_scores
from cpmi.types import Chain, StepScores

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An oracle with noise, a weaker one, and one that is hardly better than the weaker one."""
    root = tmp_path_factory.mktemp("runs")
    made = chains(200)
    return {
        "strong": write_run(root / "strong", made, noise(1, lowered=3), method="strong", wall_s=2),
        "weak": write_run(root / "weak", made, noise(2, lowered=1), method="weak", wall_s=8),
        "alike": write_run(root / "alike", made, noise(3, lowered=1.1), method="alike"),
    }


def by_name(first: Path, second: Path, **options: int) -> dict[str, ComparedMeasure]:
    found = compare(first, second, **({"num_draws": 400} | options))
    return {measure.name: measure for measure in found.measures}


def test_the_difference_is_that_of_the_evaluation(folders: dict[str, Path]) -> None:
    measures = by_name(folders["strong"], folders["weak"])
    (difference,) = evaluate_labels([folders["strong"], folders["weak"]], num_draws=400).differences
    assert measures["concordance"].difference == difference.concordance
    assert measures["first-error F1"].difference == difference.f1
    assert measures["F1 gated"].difference == difference.f1_gated
    gated = measures["F1 gated"]
    assert gated.difference.value == pytest.approx(gated.first.value - gated.second.value)
    assert measures["concordance"].decided


def test_turned_around_it_changes_sign_only(folders: dict[str, Path]) -> None:
    there = by_name(folders["weak"], folders["strong"])
    for name, here in by_name(folders["strong"], folders["weak"]).items():
        assert there[name].difference.value == pytest.approx(-here.difference.value)
        assert there[name].num_chains_needed == here.num_chains_needed


def test_chains_needed_are_those_that_show_the_difference(tmp_path: Path) -> None:
    """On as many chains as were said to be needed, about 4 of 5 samples exclude 0."""
    small = chains(150)
    first = write_run(tmp_path / "a", small, noise(5, lowered=2.2), method="a")
    second = write_run(tmp_path / "b", small, noise(6, lowered=1.0), method="b")
    asked = by_name(first, second, num_draws=200)["concordance"]
    assert asked.num_chains_needed is not None
    assert asked.detectable is not None
    # d = detectable at m chains by definition of both.
    at_needed = asked.detectable * np.sqrt(150 / asked.num_chains_needed)
    assert at_needed == pytest.approx(abs(asked.difference.value), rel=0.02)
    shown = []
    for seed in range(10):
        made = chains(asked.num_chains_needed)
        write_run(tmp_path / f"a{seed}", made, noise(100 + seed, lowered=2.2), method="a")
        write_run(tmp_path / f"b{seed}", made, noise(200 + seed, lowered=1.0), method="b")
        shown.append(
            by_name(tmp_path / f"a{seed}", tmp_path / f"b{seed}", num_draws=200)["concordance"].decided
        )
    assert sum(shown) >= 5


def test_scores_against_labels(folders: dict[str, Path], tmp_path: Path) -> None:
    def scored(chain: Chain) -> StepScores:
        values = 1 / (1 + np.exp(-np.array(noise(7, lowered=2)(chain))))
        return StepScores(values=tuple(values.tolist()))

    scores = tmp_path / "scores"
    scores.mkdir()
    rows = [ScoreRow(chain=chain, scores=scored(chain)) for chain in chains(200)]
    (scores / SCORES_NAME).write_bytes(encode_scores(rows))
    found = cpmi.compare(scores, folders["weak"], num_draws=100)
    assert found.first.unit == "probability"
    assert found.measures[0].first.value > found.measures[0].second.value


def test_the_command(folders: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "compared.json"
    run = CliRunner().invoke(
        app, ["compare", str(folders["alike"]), str(folders["weak"]), "--draws", "200", "--out", str(out)]
    )
    assert run.exit_code == 0, run.output
    facts = json.loads(out.read_text())
    concordance = facts["measures"][0]
    assert concordance["name"] == "concordance"
    assert not concordance["decided"]
    assert f"{concordance['num_chains_needed']:,}" in run.output
    assert "alike" in run.output


def test_one_draw_is_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(ConfigError, match="draw"):
        compare(folders["weak"], folders["strong"], num_draws=1)
