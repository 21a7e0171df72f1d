"""Targets against ratings, beside the labels that they were made from."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rated_runs import chains, noise, write_run
from typer.testing import CliRunner, Result

from cpmi.cli import app
from cpmi.errors import InputError, RunError
from cpmi.evaluate import Evaluation, evaluate_labels
from cpmi.targets import calibrate_labels, consensus_of, hybrid_of
from cpmi.types import Chain
from cpmi.usage import Usage

pytest.importorskip("sklearn")

DEAR = Usage(computed_tokens=4000, generated_tokens=3000, unshared_tokens=4000, flops=2000)
SHORT = Usage(computed_tokens=1000, generated_tokens=600, unshared_tokens=1000, flops=500)
CHEAP = Usage(computed_tokens=1000, unshared_tokens=8000, flops=500)


def success(chain: Chain) -> list[float]:
    return [
        min(1.0, max(0.0, round(4 + 2 * value) / 8))
        for value in noise(3, lowered=1)(chain)
        if value is not None
    ]


def short(chain: Chain) -> list[float | None]:
    return [value if step < 2 else None for step, value in enumerate(success(chain))]


def write_all(folder: Path, made: list[Chain]) -> dict[str, Path]:
    """Monte Carlo of all steps and of two, a contrast, and targets made from them."""
    made_by = {"method": "monte_carlo", "unit": "probability"}
    runs = {
        "mc": write_run(folder / "mc", made, success, usage=DEAR, wall_s=8, **made_by),
        "mc2": write_run(folder / "mc2", made, short, usage=SHORT, wall_s=2, **made_by),
        "gain": write_run(
            folder / "gain",
            made,
            noise(1, lowered=2),
            method="net_gain",
            usage=CHEAP,
            wall_s=2,
            printed=lambda t: [i == 0 for i in range(len(t.steps))],
        ),
    }
    manifest = {"determines": {"options": {"first_steps": 2}}, "circumstances": {"model": "small"}}
    (runs["mc2"] / "manifest.json").write_text(json.dumps({"fingerprint": "", **manifest}))
    for name in ("platt", "robust"):
        calibrate_labels(runs["gain"], folder / name, map=name)  # type: ignore[arg-type]
    hybrid_of(runs["mc2"], runs["gain"], folder / "hybrid", num_first=2)
    return {**runs, **{name: folder / name for name in ("platt", "robust", "hybrid")}}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_all(tmp_path_factory.mktemp("runs"), chains(200))


@pytest.fixture(scope="module")
def evaluation(folders: dict[str, Path]) -> Evaluation:
    return evaluate_labels(list(folders.values()), num_draws=100)


def invoke(*args: object) -> Result:
    return CliRunner().invoke(app, list(map(str, args)))


def test_rows_are_named_by_method_and_map(evaluation: Evaluation) -> None:
    labels = [row for row in evaluation.rows if row.kind == "label"]
    assert [row.name for row in labels] == [
        "monte_carlo",
        "monte_carlo, first 2",
        "net_gain",
        "net_gain, platt",
        "net_gain, robust",
        "hybrid (monte_carlo, net_gain), overlap",
    ]
    units = [row.unit for row in labels]
    assert units == ["probability", "probability", "nat", "probability", "rank", "probability"]
    assert evaluation.runs[-1].model == "small"


def test_targets_have_every_measure_of_a_label(evaluation: Evaluation) -> None:
    for name in ("net_gain, platt", "net_gain, robust", "hybrid (monte_carlo, net_gain), overlap"):
        row = evaluation.row(name)
        assert row.gain is not None
        assert row.gain.concordance.above_zero
        assert row.literal is not None
        assert row.f1 is not None
        assert (row.null_share.value, row.first_error_accuracy.low is None) == (0, False)
        probabilities = row.unit == "probability"
        assert [item.of for item in row.calibration] == ["platt", "raw"][: 1 + probabilities]
    # A map of one piece keeps the order of labels, and with it whatever follows from order alone.
    raw, robust = evaluation.row("net_gain"), evaluation.row("net_gain, robust")
    assert robust.first_error_accuracy == raw.first_error_accuracy
    assert robust.concordance.value == pytest.approx(raw.concordance.value, abs=0.01)  # clipped labels tie
    platt = evaluation.row("net_gain, platt")
    assert (platt.calibration[1].ece.value or 1) < 0.15


def test_costs_of_targets_stand_beside_monte_carlo_of_all_steps(evaluation: Evaluation) -> None:
    platt, hybrid = (
        evaluation.row(name).cost for name in ("net_gain, platt", "hybrid (monte_carlo, net_gain), overlap")
    )
    assert evaluation.row("net_gain").cost == platt
    assert hybrid is not None
    assert hybrid.to_monte_carlo is not None
    assert (hybrid.wall_s, hybrid.generated_tokens) == (4, 600)
    assert hybrid.to_monte_carlo.wall_s == 0.5
    assert hybrid.to_monte_carlo.generated_tokens == 0.2
    sentence = next(
        text
        for text in evaluation.findings
        if text.startswith("hybrid (monte_carlo, net_gain), overlap against monte_carlo:")
    )
    assert sentence.endswith("at 0.5 of the time and 0.2 of the generated tokens.")


def test_from_the_command_line(tmp_path: Path, folders: dict[str, Path]) -> None:
    out = tmp_path / "e.json"
    given = [folders[name] for name in ("mc", "hybrid", "platt")]
    result = invoke("evaluate", "labels", *given, "--out", out, "--draws", 20)
    assert result.exit_code == 0, result.output
    assert "hybrid (monte_carlo, net_gain), overlap: adds" in " ".join(result.output.split())
    found = Evaluation.from_json(json.loads(out.read_text()))
    assert [row.folder for row in found.rows[:3]] == list(map(str, given))


def test_thresholds_of_targets_from_dev(tmp_path: Path, folders: dict[str, Path]) -> None:
    dev = write_all(tmp_path, chains(80, first=500))
    found = evaluate_labels([folders["hybrid"]], dev=[dev["hybrid"]], num_draws=20)
    f1 = found.row("hybrid (monte_carlo, net_gain), overlap").f1
    assert f1 is not None
    assert f1.threshold_from == "dev"
    with pytest.raises(InputError, match=r"no dev run for a method .*net_gain, platt; expected one"):
        evaluate_labels([folders["hybrid"]], dev=[dev["platt"]], num_draws=20)


def test_what_cannot_be_evaluated(tmp_path: Path, folders: dict[str, Path]) -> None:
    consensus_of(folders["platt"], folders["robust"], tmp_path / "both", by="step")
    with pytest.raises(InputError, match="a consensus cannot be held against ratings"):
        evaluate_labels([tmp_path / "both"], num_draws=20)
    assert invoke("evaluate", "labels", tmp_path / "both").exit_code == 2
    table = pq.read_table(folders["platt"] / "targets.parquet")
    (tmp_path / "old").mkdir()
    pq.write_table(
        table.replace_schema_metadata({b"cpmi.targets": b"1"}), tmp_path / "old" / "targets.parquet"
    )
    with pytest.raises(RunError, match="If another version of cpmi wrote it, make the targets again"):
        evaluate_labels([tmp_path / "old"], num_draws=20)


def test_a_report_says_that_targets_are_no_run(tmp_path: Path, folders: dict[str, Path]) -> None:
    out = tmp_path / "e.json"
    given = [folders[name] for name in ("mc", "hybrid")]
    result = invoke("report", *given, "--out", tmp_path / "r.html")
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert "the folder holds targets, not labels" in said
    assert "Give the run that the targets were made from" in said
    assert invoke("evaluate", "labels", *given, "--out", out, "--draws", 20).exit_code == 0
    result = invoke("report", folders["mc"], "--evaluation", out, "--out", tmp_path / "r.html")
    assert result.exit_code == 2
    assert "the evaluation is of other runs" in " ".join(result.output.split())
