"""Training and scoring: chains that cannot be read, and options that do not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from cpmi.api.score import score
from cpmi.api.train import train
from cpmi.cli import app
from cpmi.data import write_jsonl
from cpmi.errors import ConfigError, RecordError
from cpmi.prm.scorer import PRM
from cpmi.runs.score_table import read_scores
from cpmi.types import Chain
from tests.end_to_end.prm_chains import OPTIONS, chain, write_chains

REASON = "the text holds the step token"


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("refusals")
    train(write_chains(made / "rated.jsonl", 8), out=made / "prm", epochs=0.5, val_share=0.0, **OPTIONS)
    return made


def with_step_token(index: int, step: int) -> Chain:
    one = chain(index)
    steps = tuple(text + " <|step|> so" * (at == step) for at, text in enumerate(one.steps))
    return replace(one, steps=steps)


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    """16 chains; two hold the step token, one in a step with a target and one behind its first error."""
    chains = [chain(index) for index in range(16)]
    chains[4], chains[7] = with_step_token(4, 0), with_step_token(7, 2)
    write_jsonl(chains, tmp_path / "spoiled.jsonl")
    return tmp_path / "spoiled.jsonl"


@pytest.mark.parametrize("index", [4, 7])
@pytest.mark.parametrize("val_share", [0.0, 0.99])
def test_a_training_stops_at_the_step_token_and_names_the_chain(tmp_path: Path, index: int, val_share: float):
    """Before the first step, on whichever side of the split it is and wherever it holds it."""
    chains = [chain(i) if i != index else with_step_token(i, 2 if i == 7 else 0) for i in range(16)]
    write_jsonl(chains, tmp_path / "spoiled.jsonl")
    with pytest.raises(RecordError, match=rf"\[chain-{index}\]: {REASON}"):
        train(tmp_path / "spoiled.jsonl", out=tmp_path / "prm", val_share=val_share, **OPTIONS)
    assert not (tmp_path / "prm").exists()


def test_a_training_skips_what_holds_the_step_token_and_counts_it(spoiled: Path, tmp_path: Path):
    flags = ["--base", "embedded", "--epochs", "0.5", "--threads", "1", "--val-share", "0.4"]
    command = ["train", str(spoiled), "--out", str(tmp_path / "prm"), "--on-error", "skip", *flags]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert f"left out: 2 {REASON}" in result.output  # before
    assert f"left out        2 {REASON}" in result.output  # and after
    facts = json.loads((tmp_path / "prm" / "prm.json").read_text())["training"]
    assert facts["records_left_out"] == {REASON: 2}
    assert facts["counts"]["chains"] + facts["held_out_counts"]["chains"] == 14
    assert facts["held_out_counts"]["chains"] > 0
    log = json.loads((tmp_path / "prm" / "training.jsonl").read_text().splitlines()[0])
    assert log["records_left_out"] == {REASON: 2}


def test_scoring_stops_at_the_step_token_or_skips_and_counts_it(folder: Path, spoiled: Path, tmp_path: Path):
    prm = PRM.from_pretrained(folder / "prm")
    with pytest.raises(RecordError, match=rf"\[chain-4\]: {REASON}"):
        score(spoiled, prm=prm, out=tmp_path / "stopped")
    with spoiled.open("a") as file:
        file.write('{"question": "no steps"}\n')
    done = score(spoiled, prm=prm, out=tmp_path / "out", on_error="skip", chunk_size=5)
    assert done.totals.rejected[REASON] == 2
    rejects = [json.loads(line) for line in (tmp_path / "out" / "rejects.jsonl").read_text().splitlines()]
    assert [reject["id"] for reject in rejects][:2] == ["chain-4", "chain-7"]
    assert len(rejects) == 3
    kept = [chain(index) for index in range(16) if index not in (4, 7)]
    rows = list(read_scores(tmp_path / "out"))
    assert [replace(row.chain, source="") for row in rows] == kept
    assert [row.scores.values for row in rows] == [
        pytest.approx(found, abs=1e-5) for found in prm.score(kept)
    ]


@pytest.mark.parametrize(
    ("option", "value"), [("dtype", "bfloat16"), ("device", "cpu"), ("path", "plain"), ("batch_tokens", 8)]
)
def test_a_model_that_is_loaded_takes_no_options(folder: Path, tmp_path: Path, option: str, value: object):
    prm = PRM.from_pretrained(folder / "prm")
    with pytest.raises(ConfigError, match=rf"option {option}: a reward model that is loaded"):
        score(folder / "rated.jsonl", prm=prm, out=tmp_path / "out", **{option: value})
    assert not (tmp_path / "out").exists()


def test_scoring_knows_its_options(folder: Path, tmp_path: Path):
    with pytest.raises(ConfigError, match="option seed: does not exist"):
        score(folder / "rated.jsonl", prm=folder / "prm", out=tmp_path / "out", seed=1)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--threads", "-1"], "option threads: does not fit (got -1; expected at least 1)"),
        (["--threads", "0"], "option threads"),
        (["--seed", "-1"], "option seed: does not fit (got -1; expected at least 0"),
        (["--resume", "--overwrite"], "option resume: contradicts overwrite"),
    ],
)
def test_options_of_a_training_are_checked_first(tmp_path: Path, flags: list[str], message: str):
    command = ["train", "nowhere.jsonl", "--base", "embedded", "--out", str(tmp_path / "prm"), *flags]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2, result.output
    assert message in result.output


@pytest.mark.parametrize("threads", ["-1", "0"])
def test_threads_of_scoring_are_checked_first(tmp_path: Path, threads: str):
    command = ["score", "nowhere.jsonl", "--prm", str(tmp_path), "--out", str(tmp_path), "--threads", threads]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2, result.output
    assert "option threads" in result.output


def test_help_names_every_run_that_is_taken():
    text = CliRunner().invoke(app, ["train", "--help"]).output
    for name in ("calibrate", "consensus", "hybrid", "evidence", "adaptive", "monte_carlo", "binary_search"):
        assert name in text
