"""Scores of chains, and the checkpoint read by programs that know nothing of cpmi."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cpmi
from cpmi.api.score import score
from cpmi.api.train import train
from cpmi.cli import app
from cpmi.data import write_jsonl
from cpmi.errors import ContextTooLongError, InputError, RunError
from cpmi.prm.scorer import PRM
from cpmi.runs.chunk_store import num_finished
from cpmi.runs.score_table import read_scores
from cpmi.runs.stages import Progress
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
    outs = [tmp_path / "a", tmp_path / "b", tmp_path / "a"]  # the last one finds a finished run
    for out in outs:
        result = CliRunner().invoke(app, ["score", str(folder / "rated.jsonl"), "--out", str(out), *flags])
        assert result.exit_code == 0, result.output
        assert "16" in result.stdout.splitlines()[0]
    assert contents(outs[0]) == contents(outs[1])
    manifests = [json.loads((out / "manifest.json").read_text()) for out in outs]
    assert manifests[0]["fingerprint"] == manifests[1]["fingerprint"]
    rows = list(read_scores(outs[0]))
    expected = [replace(chain(index), source=f"rated.jsonl:{index + 1}") for index in range(16)]
    assert [row.chain for row in rows] == expected
    expected = prm.score([chain(index) for index in range(16)])
    assert [row.scores.values for row in rows] == [pytest.approx(scores, abs=1e-5) for scores in expected]
    other = [*flags, "--path", "plain"]
    again = CliRunner().invoke(app, ["score", str(folder / "rated.jsonl"), "--out", str(outs[0]), *other])
    assert again.exit_code == 1
    assert "--overwrite" in again.output


def contents(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in ("scores.parquet", "rejects.jsonl")]


def of_pair(index: int) -> Chain:
    """Two chains on one question."""
    return replace(chain(index), question=chain(index - index % 2).question)


def test_what_it_cost(prm: PRM, tmp_path: Path):
    """Of two chains, the question is computed once and the shorter one is padded."""
    chains = [of_pair(index) for index in range(16)]
    write_jsonl(chains, tmp_path / "chains.jsonl")
    run = score(tmp_path / "chains.jsonl", prm=prm, out=tmp_path / "out", chunk_size=4)
    encoded = [prm.encoder.encode(one.question, one.steps) for one in chains]
    usage = run.totals.usage
    assert usage.calls == 16
    assert usage.unshared_tokens == sum(len(one.ids) for one in encoded)
    longest = [max(len(one.ids) for one in encoded[i : i + 2]) for i in range(0, 16, 2)]
    questions = [one.num_question for one in encoded[::2]]
    pairs = list(zip(longest, questions, strict=True))
    assert usage.computed_tokens == sum(2 * whole - question for whole, question in pairs)
    assert usage.flops > 2 * usage.computed_tokens * 1_000_000  # the embedded model's linear layers
    assert 0 < usage.wall_s <= run.totals.wall_s
    assert usage.peak_bytes > 0
    assert json.loads((tmp_path / "out" / "usage.json").read_text())["totals"]["num_chunks"] == 4


def test_every_chain_is_tokenized_once(
    prm: PRM, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seen: list[str] = []
    tokenizer = prm.encoder.tokenizer
    encode = tokenizer.encode

    def counted(text: str) -> tuple[int, ...]:
        seen.append(text)
        return encode(text)

    monkeypatch.setattr(tokenizer, "encode", counted)
    score(folder / "rated.jsonl", prm=prm, out=tmp_path / "out")
    layout = prm.card.layout
    chains = [chain(index) for index in range(16)]
    assert seen == [text for one in chains for text in (layout.question_text(one.question), *one.steps)]


@pytest.fixture(scope="module")
def many(folder: Path, prm: PRM) -> tuple[Path, Path]:
    """180 chains of 90 questions, one of them with the step token, and their scores by a plain run."""
    chains = [of_pair(index) for index in range(180)]
    chains[33] = replace(chains[33], steps=("<|step|>",), ratings=None)
    write_jsonl(chains, folder / "many.jsonl")
    score(folder / "many.jsonl", prm=prm, out=folder / "plain", **RUN)
    return folder / "many.jsonl", folder / "plain"


RUN: dict[str, Any] = {"chunk_size": 3, "on_error": "skip", "threads": 1}  # a question in two chunks


def test_a_killed_run_is_resumed_to_the_same_bytes(
    folder: Path, many: tuple[Path, Path], prm: PRM, tmp_path: Path
):
    input, plain = many
    out = tmp_path / "killed"
    named = {"input": str(input), "prm": str(folder / "prm"), "out": str(out)}
    program = f"from cpmi.api.score import score; score(**{named | RUN!r})"
    process = subprocess.Popen([sys.executable, "-c", program])
    try:
        deadline = time.monotonic() + 100
        while num_finished(out) < 4 and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.002)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (out / "scores.parquet").exists(), "it was too fast to be killed"
    told: list[Progress] = []
    run = score(input, prm=prm, out=out, progress=told.append, **RUN)
    assert 12 <= told[-1].num_kept < 180
    assert contents(out) == contents(plain)
    assert run.totals.num_chains == 179


def test_shards_merge_to_the_same_bytes(many: tuple[Path, Path], prm: PRM, tmp_path: Path):
    input, plain = many
    shards = [tmp_path / str(index) for index in range(3)]
    for index, shard in enumerate(shards):
        score(input, prm=prm, out=shard, shard=f"{index}/3", **RUN)
    command = ["merge", *map(str, shards), "--out", str(tmp_path / "merged")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "scores.parquet" in result.output
    assert contents(tmp_path / "merged") == contents(plain)


def test_a_finished_run_is_known_without_the_model(
    folder: Path, many: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    input, plain = many
    named: dict[str, Any] = {"prm": str(folder / "prm"), "out": tmp_path / "out", "limit": 7, **RUN}
    first = score(input, **named)
    monkeypatch.setattr(PRM, "from_pretrained", None)
    again = score(input, **named)
    assert (first.from_before, again.from_before) == (False, True)
    assert again.totals == first.totals
    with pytest.raises(TypeError):
        score(input, **(named | {"limit": 8}))
    monkeypatch.undo()
    del named["limit"]
    assert not score(input, **named).from_before
    assert contents(tmp_path / "out") == contents(plain)


def test_steps_beyond_the_context_have_no_score_and_are_counted(prm: PRM, tmp_path: Path):
    steps = tuple(f"Tom has {index} apples." for index in range(200))
    ratings = (Rating.RIGHT,) * len(steps)
    long = Chain(id="long", question="How many?", steps=steps, ratings=ratings)
    lost = Chain(id="lost", question="word " * 2000, steps=("One.",))
    with pytest.raises(ContextTooLongError, match="long"):
        prm.score([long])
    limit = prm.model.config.max_position_embeddings
    num = len(prm.encoder.encode(long.question, steps, max_length=limit).step_positions)
    assert 0 < num < 200
    write_jsonl([long, chain(0), lost], tmp_path / "chains.jsonl")
    run = score(tmp_path / "chains.jsonl", prm=prm, out=tmp_path / "out")
    first, second, third = (row.scores for row in run)
    (leading,) = prm.score([replace(long, steps=steps[:num], ratings=None)])
    assert first.values[:num] == pytest.approx(leading, abs=1e-5)
    assert first.values[num:] == (None,) * (200 - num)
    assert None not in second.values
    assert third.values == (None,)
    reason = "exceeds the model's context"
    assert [found.abstained for found in (first, second, third)] == [reason, None, reason]
    assert run.totals.abstained == {reason: 200 - num + 1}
    assert run.totals.num_steps == 204


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
