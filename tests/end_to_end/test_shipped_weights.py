"""Weights of evidence belong to a model: shipped ones are found by its digest, all others are said."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import tests.tiny_model as tiny
from cpmi.api.label import Run, label
from cpmi.cli import app
from cpmi.data import write_jsonl
from cpmi.embedded.world import Split, draw_problem, rate_chain, solve
from cpmi.engines.transformers import load_engine
from cpmi.targets import fit_weights
from cpmi.types import Chain
from cpmi.weights import DEFAULT_WEIGHTS, SHIPPED_WEIGHTS, Origin, Weights

ELSEWHERE = "weights fitted on Qwen2.5-Coder-0.5B-Instruct Q4_K_M (chat): fit your own with cpmi fit"


def rated(index: int) -> Chain:
    """A solution in the world; every second one says a wrong result."""
    problem = draw_problem(Random(index), Split.TEST, 1)
    steps = list(solve(problem.plan, Random(index)))
    if index % 2:
        at = next(i for i, step in enumerate(steps) if "= " in step)
        steps[at] = steps[at].replace("= ", "= 9")
    return rate_chain(Chain(id=str(index), question=problem.text, steps=tuple(steps), gold=problem.gold))


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chains") / "chains.jsonl"
    write_jsonl([rated(index) for index in range(8)], path)
    return path


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("model"))


def facts(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())["circumstances"]["facts"]
    return found


def used(folder: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads((folder / "manifest.json").read_text())["determines"]["options"][
        "weights"
    ]
    return found


def command(*words: object) -> str:
    """Runs a command; what it says, on one line."""
    result = CliRunner().invoke(app, list(map(str, words)))
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_the_embedded_model_has_its_own(chains: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels"
    said = command("label", chains, "--model", "embedded", "--method", "evidence", "--out", out)
    assert "note" not in said
    own = SHIPPED_WEIGHTS[0]
    assert used(out) == own.to_json() != DEFAULT_WEIGHTS.to_json()
    assert own.least_number == 3.057
    assert (facts(out)["weights"], facts(out)["notices"]) == ("embedded (short)", [])
    assert facts(out)["fitted_on"] == list(own.fitted_on)
    assert len(own.fitted_on) == 1000
    command(
        "label",
        chains,
        "--model",
        "embedded",
        "--prompt",
        "raw",
        "--method",
        "evidence",
        "--out",
        tmp_path / "raw",
    )
    said = "weights fitted on embedded (short), used for embedded (raw): fit your own with cpmi fit"
    assert facts(tmp_path / "raw")["notices"] == [said]


def test_any_other_model_is_told(chains: Path, other: Path, tmp_path: Path) -> None:
    out, merged, targets = tmp_path / "labels", tmp_path / "merged", tmp_path / "targets"
    said = command("label", chains, "--model", other, "--method", "evidence", "--out", out)
    assert said.count(ELSEWHERE) == 1
    assert used(out) == DEFAULT_WEIGHTS.to_json()
    assert facts(out)["notices"] == [ELSEWHERE]
    assert command("merge", out, "--out", merged).count(ELSEWHERE) == 1
    assert command("calibrate", out, "--map", "robust", "--out", targets).count(ELSEWHERE) == 1
    assert command("doctor", "--model", other).count(ELSEWHERE) == 1
    assert "fitted on this model" in command("doctor", "--model", "embedded")


def test_adaptive_tells_it_too(chains: Path, other: Path, tmp_path: Path) -> None:
    def run(name: str, model: object, method: str, **options: Any) -> Run:
        return label(
            chains, model=str(model), method=method, out=tmp_path / name, rollouts=1, max_tokens=8, **options
        )

    told = run("other", other, "adaptive", budget="900%")
    assert told.notices == tuple(facts(told.out)["notices"]) == (ELSEWHERE,)
    assert run("own", "embedded", "adaptive", budget="900%").notices == ()
    assert used(tmp_path / "own") == SHIPPED_WEIGHTS[0].to_json()
    assert run("rollouts", other, "monte_carlo").notices == ()


def test_fitted_weights_know_their_model(chains: Path, other: Path, tmp_path: Path) -> None:
    engine, weights = load_engine("embedded"), tmp_path / "weights.json"
    label(chains, model=engine, method="evidence", prompt="short", out=tmp_path / "dev")
    fit_weights(tmp_path / "dev", weights)
    origin = Weights.read(weights).origin
    digest = str(engine.describe()["model_digest"])
    assert origin == Origin(model="embedded", digest=digest, prompt="short")

    def notices(name: str, model: Any, **options: Any) -> tuple[str, ...]:
        given = {"weights": str(weights), "method": "evidence", **options}
        return label(chains, model=model, out=tmp_path / name, **given).notices

    assert notices("same", engine, prompt="short") == ()
    said = "weights fitted on embedded (short): fit your own with cpmi fit"
    assert notices("other", str(other), prompt="raw") == (said,)
    contrast = "weights fitted on embedded (short), used for embedded (short) with a contrast model"
    assert notices("contrast", engine, prompt="short", contrast_model=str(other))[0].startswith(contrast)
    assert notices("one", engine, prompt="short", contrast_model=engine) == ()
    numbers = Weights.read(weights).to_json()  # as files by older versions were
    unknown = "weights fitted on an unknown model (unknown prompt): fit your own with cpmi fit"
    assert notices("old", engine, prompt="short", weights=numbers) == (unknown,)
