"""Scores of chains, and the checkpoint read by programs that know nothing of cpmi."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cpmi
from cpmi.api.score import score
from cpmi.api.train import train
from cpmi.cli import app
from cpmi.data import write_jsonl
from cpmi.errors import ContextTooLongError, InputError, RunError
from cpmi.prm.scorer import PRM
from cpmi.runs.score_table import read_scores
from cpmi.types import Chain, Rating
from tests.end_to_end.prm_chains import OPTIONS, chain, write_chains

WITHOUT_CPMI = """
import json, sys
sys.modules["cpmi"] = None  # importing it fails
import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline
folder, texts = sys.argv[1], json.loads(sys.argv[2])
card = json.load(open(folder + "/prm.json"))
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32).eval()
named = pipeline("token-classification", model=folder, dtype=torch.float32)
found = []
for text in texts:
    ids = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        scores = model(**ids).logits.softmax(-1)[0, ids["input_ids"][0] == card["step_token_id"], 1]
    tokens = [token for token in named(text) if token["word"] == card["layout"]["step_token"]]
    piped = [float(t["score"]) if t["entity"] == "correct" else 1 - float(t["score"]) for t in tokens]
    found.append([scores.tolist(), piped])
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("score")
    train(write_chains(made / "rated.jsonl", 16), out=made / "prm", epochs=2, val_share=0.0, **OPTIONS)
    return made


@pytest.fixture(scope="module")
def prm(folder: Path) -> PRM:
    return PRM.from_pretrained(folder / "prm")


def test_programs_without_cpmi_read_the_same_scores(folder: Path, prm: PRM):
    chains = [chain(index) for index in range(4)]
    texts = [prm.card.layout.text(one.question, one.steps) for one in chains]
    command = [sys.executable, "-c", WITHOUT_CPMI, str(folder / "prm"), json.dumps(texts)]
    output = subprocess.run(command, capture_output=True, text=True, timeout=110, check=True).stdout
    for (plain, piped), mine in zip(json.loads(output.splitlines()[-1]), prm.score(chains), strict=True):
        assert plain == pytest.approx(mine, abs=1e-5)
        assert piped == pytest.approx(mine, abs=1e-5)


def test_the_command(folder: Path, prm: PRM, tmp_path: Path):
    flags = ["--prm", str(folder / "prm"), "--threads", "1"]
    outs = [tmp_path / "a", tmp_path / "b"]
    for out in outs:
        result = CliRunner().invoke(app, ["score", str(folder / "rated.jsonl"), "--out", str(out), *flags])
        assert result.exit_code == 0, result.output
    for name in ("scores.parquet",):
        assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes()
    manifests = [json.loads((out / "manifest.json").read_text()) for out in outs]
    assert manifests[0]["fingerprint"] == manifests[1]["fingerprint"]
    rows = list(read_scores(outs[0]))
    expected = [replace(chain(index), source=f"rated.jsonl:{index + 1}") for index in range(16)]
    assert [row.chain for row in rows] == expected
    expected = prm.score([chain(index) for index in range(16)])
    assert [row.scores for row in rows] == [pytest.approx(scores, abs=1e-5) for scores in expected]
    again = CliRunner().invoke(app, ["score", str(folder / "rated.jsonl"), "--out", str(outs[0]), *flags])
    assert again.exit_code == 1
    assert "--overwrite" in again.output


def test_steps_beyond_the_context_have_no_score_and_are_counted(prm: PRM, tmp_path: Path):
    steps = tuple(f"Tom has {index} apples." for index in range(200))
    ratings = (Rating.RIGHT,) * len(steps)
    long = Chain(id="long", question="How many?", steps=steps, ratings=ratings)
    lost = Chain(id="lost", question="word " * 2000, steps=("One.",))
    with pytest.raises(ContextTooLongError, match="long"):
        prm.score([long])
    write_jsonl([long, chain(0), lost], tmp_path / "chains.jsonl")
    done = score(tmp_path / "chains.jsonl", prm=prm, out=tmp_path / "out")
    first, second, third = read_scores(tmp_path / "out")
    num = prm.num_fitting(long)
    assert 0 < num < 200
    assert None not in first.scores[:num]
    assert set(first.scores[num:]) == {None}
    assert None not in second.scores
    assert third.scores == (None,)
    assert (done.chains_truncated, done.steps_truncated) == (2, 200 - num + 1)
    assert done.num_steps == num + 3


def test_one_score_a_chain_is_made_as_the_card_says(prm: PRM):
    lost = Chain(id="lost", question="word " * 2000, steps=("One.",))
    chains = [chain(0), lost, chain(1)]
    steps = prm.score([chain(0), chain(1)])
    assert prm.card.aggregation == "min"
    assert prm.chain_scores(chains) == [pytest.approx(min(steps[0])), None, pytest.approx(min(steps[1]))]
    last = prm.chain_scores(chains, how="last")
    assert last == [pytest.approx(steps[0][-1]), None, pytest.approx(steps[1][-1])]
    of_mean = PRM(prm.model, prm.encoder, replace(prm.card, aggregation="mean"))
    assert of_mean.chain_scores([chain(0)]) == [pytest.approx(sum(steps[0]) / 3)]


def test_what_is_not_a_reward_model_is_said(folder: Path, tmp_path: Path):
    with pytest.raises(InputError, match=r"no prm\.json"):
        score(folder / "rated.jsonl", prm=tmp_path, out=tmp_path / "out")
    (tmp_path / "prm.json").write_text('{"format": 7}')
    with pytest.raises(InputError, match="not the card"):
        PRM.from_pretrained(tmp_path)
    with pytest.raises(RunError, match="another kind"):
        score(folder / "rated.jsonl", prm=folder / "prm", out=folder / "prm")


def test_the_public_name_loads_torch_only_when_asked():
    program = (
        "import sys, cpmi; assert 'torch' not in sys.modules; assert 'PRM' in cpmi.__all__; "
        "assert 'cpmi.prm' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    assert cpmi.PRM is PRM
