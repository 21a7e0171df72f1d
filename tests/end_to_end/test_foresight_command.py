"""`cpmi doctor --data`: the embedded model on chains of its own world, and what is said of bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cpmi.cli import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def doctor(*arguments: object) -> Result:
    return run("doctor", "--model", "embedded", "--threads", 1, *arguments)


def test_foresight_on_rated_chains_of_the_world(tmp_path: Path) -> None:
    problems, chains, rated = tmp_path / "p.jsonl", tmp_path / "chains", tmp_path / "rated.jsonl"
    assert run("world", "problems", "--num", 24, "--level", 1, "-o", problems).exit_code == 0
    sampled = run("sample", problems, "--model", "embedded", "-n", 2, "--threads", 1, "--out", chains)
    assert sampled.exit_code == 0, sampled.output
    assert run("world", "rate", chains, "-o", rated).exit_code == 0

    out = tmp_path / "foresight.json"
    result = doctor("--data", rated, "--limit", 8, "--out", out)
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "verdict exact" in said  # the facts come first
    assert "on 8 right chains (8 problems)" in said
    found = json.loads(out.read_text())
    assert found["finding"] in said
    assert (found["num_chains"], found["num_problems"]) == (8, 8)
    assert found["num_read"] == 8 + sum(item["num_chains"] for item in found["left_out"])
    # A model that was trained on this world reads an answer that is printed.
    printed = found["points"][0]
    assert (printed["to_come"], printed["num_prefixes"]) == (0, 8)
    assert printed["leads"]["value"] > 0.8
    assert all(0 <= point["share"]["value"] <= 1 for point in found["points"])


@pytest.mark.parametrize(
    ("record", "arguments", "message"),
    [
        ({"steps": ["1 + 2 = 3"]}, [], "no gold answer: 1"),
        ({"steps": ["1 + 2 = 4"], "gold": "3"}, [], "the final answer is not the gold: 1"),
        ({"steps": ["1 + 2 = 3"], "gold": "3"}, ["--prompt", "long"], "option prompt"),
        ({"steps": ["1 + 2 = 3"], "gold": "3"}, ["--gold", "absent.jsonl"], "absent.jsonl"),
    ],
)
def test_bad_input_is_said_before_the_model_is_loaded(
    tmp_path: Path, record: dict[str, object], arguments: list[str], message: str
) -> None:
    chains = tmp_path / "chains.jsonl"
    chains.write_text(json.dumps({"id": "a", "question": "Add 1 and 2.", **record}) + "\n")
    result = run("doctor", "--model", "nowhere", "--data", chains, *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "option", [("--gold", "x.jsonl"), ("--out", "x.json"), ("--prompt", "raw"), ("--limit", "3")]
)
def test_options_of_foresight_need_data(option: tuple[str, str]) -> None:
    result = run("doctor", "--model", "embedded", *option)
    assert result.exit_code == 2
    assert f"option {option[0][2:]}: has no effect without --data" in " ".join(result.output.split())
