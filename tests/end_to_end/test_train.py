"""Training reward models: what is learned, counted, resumed and refused."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from cpmi.api.train import train
from cpmi.api.training_input import read_training_input
from cpmi.cli import app
from cpmi.errors import CheckpointError, ConfigError, InputError, RunError
from cpmi.prm import losses
from cpmi.prm.checkpoints import last_checkpoint
from cpmi.prm.examples import Example, in_validation
from cpmi.prm.options import TrainOptions
from cpmi.prm.prepare import prepare
from cpmi.prm.scorer import PRM
from cpmi.prm.train import run_training
from cpmi.runs.table import LabeledChain, encode, schema
from cpmi.runs.target_table import TargetRow, write_targets
from cpmi.types import ROLLOUT_PARTS, Chain, StepLabels
from tests.end_to_end.prm_chains import OPTIONS, chain, write_chains
from tests.end_to_end.rated_runs import noise, write_run


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chains(tmp_path_factory.mktemp("rated") / "rated.jsonl", 24)


@pytest.fixture(scope="module")
def trained(rated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("prm") / "prm"
    train(rated, out=out, epochs=1, val_share=0.4, **OPTIONS)
    return out


def soft_targets(folder: Path, targets: tuple[float | None, ...] = (0.9, 0.2, None)) -> Path:
    folder.mkdir()
    rows = [
        TargetRow(
            chain=replace(chain(0), id=str(index), ratings=None),
            method="some",
            labels=(1.0, -1.0, None),
            targets=targets,
            map="platt",
            abstained={step: "unsure" for step, target in enumerate(targets) if target is None},
        )
        for index in range(16)
    ]
    write_targets(rows, folder)
    return folder


def counted(folder: Path, counts: Sequence[tuple[Chain, list[tuple[int, int, int]]]]) -> Path:
    """A run of monte_carlo: (successes, rollouts, cut off) of every step, by chain."""
    rows = []
    for some, steps in counts:
        values = tuple(None if n == lost else k / (n - lost) for k, n, lost in steps)
        table = zip(*((float(k), float(n), 0.0, float(lost)) for k, n, lost in steps), strict=True)
        labels = StepLabels(
            chain_id=some.id,
            method="monte_carlo",
            values=values,
            unit="probability",
            parts=dict(zip(ROLLOUT_PARTS, table, strict=True)),
            abstained={step: "none decided" for step, value in enumerate(values) if value is None},
        )
        rows.append(LabeledChain(chain=some, labels=labels))
    folder.mkdir()
    (folder / "labels.parquet").write_bytes(encode(rows, schema("monte_carlo", ROLLOUT_PARTS)))
    return folder


def test_soft_labels_survive(tmp_path: Path):
    source = soft_targets(tmp_path / "targets")
    done = train(source, out=tmp_path / "prm", epochs=20, val_share=0.0, **OPTIONS)
    assert done.card.training["loss"] == "bce"
    (scores,) = PRM.from_pretrained(tmp_path / "prm").score([chain(0)])
    assert scores[:2] == pytest.approx((0.9, 0.2), abs=0.05)


def test_counts_give_confidence(tmp_path: Path):
    """7 of 8 and 70 of 80: nearly the same score, not the same confidence."""
    few = Chain(id="few", question="Tom has 3 apples.", steps=("He eats 1 and has 2.",))
    many = Chain(id="many", question="How many pens does Ana buy?", steps=("Ana buys pens: 12 / 4 = 3.",))
    source = counted(tmp_path / "run", [(few, [(7, 8, 0)]), (many, [(70, 80, 0)])])
    read = read_training_input(source)
    assert [example.counts for example in read.examples] == [((7, 8),), ((70, 80),)]
    options = TrainOptions(
        loss="beta_binomial", epochs=100, lr=3e-3, head_lr=1e-2, batch_size=2, val_share=0.0, save_share=0.9
    )
    prepared = prepare(read.examples, "embedded", options)
    run_training(prepared, tmp_path / "prm", options)
    with torch.no_grad():
        logits = torch.stack(
            [
                prepared.model(input_ids=torch.tensor([row.ids])).logits[0, row.positions[0]]
                for row in prepared.rows
            ]
        )
    scores = logits.softmax(dim=-1)[:, 1].tolist()
    confidence = losses.log_concentration(logits).exp().tolist()
    assert scores == pytest.approx([7 / 8] * 2, abs=0.05)
    assert confidence[1] > 2 * confidence[0] > 2


def test_rollouts_that_decide_nothing_are_no_trials(tmp_path: Path):
    one = Chain(id="one", question="Tom has 3 apples.", steps=("He eats 1.", "He has 2."))
    source = counted(tmp_path / "run", [(one, [(3, 8, 4), (0, 8, 8)])])
    (example,) = read_training_input(source).examples
    assert example.counts == ((3, 4), None)
    assert example.targets == (0.75, None)


def test_labels_that_are_no_probabilities_are_refused(tmp_path: Path):
    source = write_run(tmp_path / "run", [chain(0)], noise(0))
    with pytest.raises(InputError, match="not probabilities"):
        train(source, out=tmp_path / "prm", **OPTIONS)


def test_a_belief_is_learned_as_the_chance_that_no_step_so_far_is_wrong(tmp_path: Path):
    def belief(chain: Chain) -> list[float]:
        return [0.1, 0.6, *[0.0] * (len(chain.steps) - 2), 0.3]

    def values(chain: Chain) -> list[float]:
        return [2.2, -0.4, *[20.0] * (len(chain.steps) - 2)]

    source = write_run(tmp_path / "run", [chain(0)], values, unit="log-odds", belief=belief)
    (example,) = read_training_input(source).examples
    # Steps behind a probable error are not right, whatever their own label says.
    assert example.targets == pytest.approx([0.9, *[0.3] * (len(example.steps) - 1)])


def test_log_odds_without_a_belief_are_refused(tmp_path: Path):
    source = write_run(tmp_path / "run", [chain(0)], noise(0), unit="log-odds")
    with pytest.raises(InputError, match="not probabilities"):
        read_training_input(source)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_model_of_somebody_else_is_never_replaced(tmp_path: Path, rated: Path, overwrite: bool):
    base = tmp_path / "base"
    base.mkdir()
    (base / "config.json").write_text("{}")
    (base / "model.safetensors").write_bytes(b"precious")
    with pytest.raises(RunError, match=r"config\.json, which no run of cpmi listed"):
        train(rated, out=base, overwrite=overwrite, **OPTIONS)
    assert (base / "model.safetensors").read_bytes() == b"precious"


def test_no_problem_is_on_both_sides(trained: Path, rated: Path):
    facts = json.loads((trained / "prm.json").read_text())["training"]
    held_out = {q for i in range(24) if in_validation(q := chain(i).question, TrainOptions(val_share=0.4))}
    everything = {chain(index).question for index in range(24)}
    assert facts["held_out_problems"] == len(held_out) > 0
    assert facts["problems"] == len(everything - held_out) > 0
    examples = read_training_input(rated).examples
    prepared = prepare(examples, "embedded", TrainOptions(val_share=0.4))
    texts = [prepared.encoder.tokenizer.decode(row.ids) for row in prepared.rows]
    assert not any(question in text for question in held_out for text in texts)


def test_what_is_left_in_the_folder(trained: Path):
    names = {path.name for path in trained.iterdir()}
    assert names == {
        "README.md", "config.json", "manifest.json", "model.safetensors", "prm.json", "tokenizer.json",
        "tokenizer_config.json", "training.jsonl", "usage.json",
    }  # fmt: skip
    card = json.loads((trained / "prm.json").read_text())
    assert card["layout"]["step_token"] == "<|step|>"
    assert card["threshold"]["tuned_on"].startswith("ratings of")
    config = json.loads((trained / "config.json").read_text())
    assert config["architectures"] == ["LlamaForTokenClassification"]
    assert config["id2label"] == {"0": "incorrect", "1": "correct"}
    assert load_file(trained / "model.safetensors")["score.bias"].shape == (2,)
    text = (trained / "README.md").read_text()
    assert '"pooling_type": "STEP", "step_tag_id": 1' in text
    assert "vllm serve prm --runner pooling --dtype float32 " in text
    assert "Not for this checkpoint: the head of `LlamaForSequenceClassification`" in text
    assert f"| cross entropy | {card['measured']['cross_entropy']:.4g} |" in text
    assert "`chain_scores` one per chain: the lowest of its steps' scores." in text


def test_sequence_classification_drops_the_bias_as_the_card_says(trained: Path):
    from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification

    assert "drops\n`score.bias`" in (trained / "README.md").read_text()
    assert AutoModelForSequenceClassification.from_pretrained(trained).score.bias is None
    kept = AutoModelForTokenClassification.from_pretrained(trained).score.bias
    assert torch.equal(kept, load_file(trained / "model.safetensors")["score.bias"])


def test_truncation_is_counted_everywhere(trained: Path, rated: Path, tmp_path: Path):
    out = tmp_path / "prm"
    encoder = PRM.from_pretrained(trained).encoder
    lengths = [len(encoder.encode(chain(index).question, chain(index).steps[:2]).ids) for index in range(24)]
    limit = sorted(lengths)[12]
    flags = ["--base", "embedded", "--epochs", "0.1", "--threads", "1", "--max-length", str(limit)]
    result = CliRunner().invoke(app, ["train", str(rated), "--out", str(out), "--val-share", "0", *flags])
    assert result.exit_code == 0, result.output
    lost = cut = 0
    for index in range(24):
        one = chain(index)
        steps = one.steps[:2] if index % 2 else one.steps  # what follows the first error is not trained on
        num_left_out = encoder.encode(one.question, steps, max_length=limit).num_left_out
        lost, cut = lost + num_left_out, cut + (num_left_out > 0)
    assert 0 < cut < 24
    counts = json.loads((out / "training.jsonl").read_text().splitlines()[0])
    assert (counts["steps_truncated"], counts["chains_truncated"]) == (lost, cut)
    assert result.output.count(f"{lost} steps of {cut} chains truncated") == 2  # before and after


def last_weights(folder: Path) -> Path:
    checkpoint = last_checkpoint(folder)
    assert checkpoint is not None
    return checkpoint / "model.safetensors"


def test_a_killed_training_ends_as_one_that_was_not(rated: Path, tmp_path: Path):
    """The process is killed at some moment after its first checkpoint, in the middle of the second epoch."""
    options: dict[str, Any] = {"epochs": 3.0, "batch_size": 2, "val_share": 0.0, "save_share": 0.4}
    train(rated, out=tmp_path / "whole", **OPTIONS, **options)
    killed = tmp_path / "killed"
    program = (
        "from cpmi.api.train import train\n"
        f"train({str(rated)!r}, out={str(killed)!r}, **{OPTIONS | options!r})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        deadline = time.monotonic() + 100
        while last_checkpoint(killed) is None and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    checkpoint = last_checkpoint(killed)
    assert checkpoint is not None
    assert not (killed / "prm.json").exists(), "it was too fast to be killed"
    at_kill = load_file(checkpoint / "model.safetensors")
    spent_at_kill = json.loads((checkpoint / "trainer_state.json").read_text())["stateful_callbacks"]
    with pytest.raises(RunError, match="unfinished training"):
        train(rated, out=killed, **OPTIONS, **options)
    with pytest.raises(RunError, match="other settings"):
        train(rated, out=killed, resume=True, **OPTIONS | options | {"epochs": 4.0})
    lossy = Path(shutil.copytree(killed, tmp_path / "lossy"))
    save_file({name: at_kill[name] for name in at_kill if "q_proj" not in name}, last_weights(lossy))
    with pytest.raises(CheckpointError, match=r"layers\.0\.self_attn\.q_proj"):
        train(rated, out=lossy, resume=True, **OPTIONS, **options)
    done = train(rated, out=killed, resume=True, **OPTIONS, **options)
    assert done.resumed_at is not None
    whole, resumed = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "killed"))
    assert whole.keys() == resumed.keys()
    differences = {name: float((whole[name] - resumed[name]).abs().max()) for name in whole}
    assert max(differences.values()) <= 1e-6, differences
    assert max(float((whole[name] - at_kill[name]).abs().max()) for name in whole) > 1e-4
    assert not (killed / "checkpoints").exists()
    # What it cost is that of the whole training, in every number.
    costs = [json.loads((tmp_path / n / "usage.json").read_text())["totals"] for n in ("whole", "killed")]
    for name in ("computed_tokens", "flops"):
        assert costs[1]["usage"][name] == costs[0]["usage"][name] > 0
    assert costs[1]["wall_s"] == done.wall_s > spent_at_kill["Stopwatch"]["attributes"]["seconds"] > 0


def test_a_finished_model_is_not_overwritten_unasked(trained: Path, rated: Path, tmp_path: Path):
    with pytest.raises(RunError, match="finished reward model"):
        train(rated, out=trained, **OPTIONS)
    targets = soft_targets(tmp_path / "targets")
    with pytest.raises(RunError, match=r"targets\.parquet"):
        train(rated, out=targets, **OPTIONS)


def test_training_goes_on_from_a_reward_model(trained: Path):
    example = Example(id="a", question="Q?", steps=("One.",), targets=(1.0,))
    from cpmi.prm.card import read_card

    layout = read_card(trained).layout
    prepared = prepare([example], str(trained), TrainOptions(val_share=0.0), base_layout=layout)
    assert not prepared.step_token_begun
    head = load_file(trained / "model.safetensors")["score.weight"]
    assert torch.equal(prepared.model.score.weight, head)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--trainer", "seed=3"], "is set by cpmi"),
        (["--trainer", "no_such_argument=3"], "transformers refuses"),
        (["--trainer", "bf16"], "expected NAME=VALUE"),
        (["--loss", "beta_binomial"], "not success counts"),
        (["--step-token", "apples"], "no such added token"),
        (["--lora-rank", "0"], "option lora_rank"),
    ],
)
def test_what_does_not_fit_is_said(rated: Path, tmp_path: Path, flags: list[str], message: str):
    command = ["train", str(rated), "--base", "embedded", "--out", str(tmp_path / "prm"), *flags]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2, result.output
    assert message in result.output


def test_unknown_options_are_said(rated: Path, tmp_path: Path):
    with pytest.raises(ConfigError, match="does not exist"):
        train(rated, out=tmp_path, base="embedded", learning_rate=1)
