"""Kinds of training: counts of some steps only, outcomes, balanced classes, adapters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from cpmi.api.train import train
from cpmi.api.training_input import read_training_input
from cpmi.cli import app
from cpmi.errors import InputError
from cpmi.methods.adaptive import Adaptive
from cpmi.prm.model import build_model
from cpmi.prm.options import TrainOptions
from cpmi.prm.prepare import prepare
from cpmi.prm.scorer import PRM
from cpmi.runs.table import LabeledChain, encode, schema
from cpmi.types import LOG_ODDS, StepLabels
from tests.end_to_end.prm_chains import OPTIONS, chain, write_chains


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def adaptive_run(folder: Path, rollouts: Sequence[tuple[int, ...]]) -> Path:
    """A run of adaptive: how many rollouts every step of every chain got; half of them were right."""
    rows = []
    for index, drawn in enumerate(rollouts):
        nothing = (0.0,) * len(drawn)
        labels = StepLabels(
            chain_id=chain(index).id,
            method="adaptive",
            values=(2.0,) * len(drawn),
            unit=LOG_ODDS,
            parts={
                "first": (2.0,) * len(drawn),
                "successes": tuple(float(num // 2) for num in drawn),
                "rollouts": tuple(map(float, drawn)),
                "undecided": nothing,
                "cut_off": nothing,
                "belief": (0.1,) * len(drawn) + (1 - 0.1 * len(drawn),),
            },
        )
        rows.append(LabeledChain(chain=chain(index), labels=labels))
    folder.mkdir()
    (folder / "labels.parquet").write_bytes(encode(rows, schema("adaptive", Adaptive.columns)))
    return folder


def test_steps_without_rollouts_are_counted_where_the_loss_reads_counts(tmp_path: Path):
    source = adaptive_run(tmp_path / "run", [(0, 4, 0), (4, 0, 8), (0, 0, 0)])
    flags = ["--base", "embedded", "--epochs", "1", "--threads", "1", "--val-share", "0"]
    command = ["train", str(source), "--out", str(tmp_path / "prm"), "--loss", "beta_binomial", *flags]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert result.output.count("6 targets without a count of rollouts") == 2  # before and after
    counts = json.loads((tmp_path / "prm" / "training.jsonl").read_text().splitlines()[0])
    assert (counts["targets"], counts["targets_without_count"]) == (3, 6)
    assert (counts["chains"], counts["chains_without_target"]) == (2, 1)


def test_counts_of_held_out_chains_are_counted_apart(tmp_path: Path):
    examples = read_training_input(adaptive_run(tmp_path / "run", [(0, 4, 0)] * 16)).examples
    prepared = prepare(examples, "embedded", TrainOptions(loss="beta_binomial", val_share=0.5))
    assert prepared.counts.targets_without_count == 2 * prepared.counts.chains > 0
    assert prepared.val_counts.targets_without_count == 2 * prepared.val_counts.chains > 0
    other = prepare(examples, "embedded", TrainOptions(loss="bce", val_share=0.5))
    assert other.counts.targets_without_count == 0
    assert other.counts.targets == 3 * other.counts.chains


def test_a_run_without_any_rollout_is_refused_where_the_loss_reads_counts(tmp_path: Path):
    source = adaptive_run(tmp_path / "run", [(0, 0, 0)] * 2)
    with pytest.raises(InputError, match=r"6 targets without a count of rollouts.* Use --loss bce"):
        train(source, out=tmp_path / "prm", loss="beta_binomial", val_share=0.0, **OPTIONS)


def test_an_outcome_model_has_one_target_a_chain_and_scores_it_by_its_last_step(tmp_path: Path):
    source = write_chains(tmp_path / "rated.jsonl", 16)
    done = train(source, out=tmp_path / "prm", last_step_only=True, epochs=30, val_share=0.0, **OPTIONS)
    assert done.card.training["counts"]["targets"] == done.card.training["counts"]["chains"] == 16
    assert done.card.aggregation == "last"
    assert done.card.threshold["value"] == 0.5
    chains = [chain(index) for index in range(16)]
    prm = PRM.from_pretrained(tmp_path / "prm")
    scores = prm.chain_scores(chains)
    assert scores == [pytest.approx(found[-1], abs=1e-6) for found in prm.score(chains)]
    # Chains with an odd number are wrong, though their last step is not judged.
    right, wrong = scores[::2], scores[1::2]
    assert min(score or 0 for score in right) > 0.5 > max(score or 0 for score in wrong)


def test_balanced_training_scores_as_if_both_were_equally_frequent(tmp_path: Path):
    """Chains that look alike, of which 3 in 4 are right: 3/4 without weights, 1/2 with them."""
    from cpmi.prm.examples import Example
    from cpmi.prm.train import run_training

    texts = {"question": "Tom has 3 apples.", "steps": ("He eats 1 and has 2.",)}
    examples = [Example(id=str(i), targets=(float(i % 4 > 0),), **texts) for i in range(8)]  # type: ignore[arg-type]
    scores = {}
    for balance in (False, True):
        options = TrainOptions(
            balance=balance, epochs=60, lr=1e-3, head_lr=1e-2, batch_size=8, val_share=0.0, save_share=0.9
        )
        prepared = prepare(examples, "embedded", options)
        run_training(prepared, tmp_path / str(balance), options)
        with torch.no_grad():
            logits = prepared.model.eval()(input_ids=torch.tensor([prepared.rows[0].ids])).logits[0, -1]
        scores[balance] = float(logits.softmax(dim=-1)[1])
        assert prepared.weights == ((2.0, pytest.approx(2 / 3)) if balance else (1.0, 1.0))
    assert scores[False] == pytest.approx(0.75, abs=0.03)
    assert scores[True] == pytest.approx(0.5, abs=0.03)


def test_adapters_are_merged_into_a_plain_checkpoint(tmp_path: Path):
    pytest.importorskip("peft")
    source = write_chains(tmp_path / "rated.jsonl", 8)
    done = train(source, out=tmp_path / "prm", lora_rank=2, epochs=2, val_share=0.4, **OPTIONS)
    assert done.card.training["lora_rank"] == 2
    found = load_file(tmp_path / "prm" / "model.safetensors")
    begun, _ = build_model("embedded", seed=0)
    begin = begun.state_dict()
    assert found.keys() <= begin.keys()
    assert not any("lora" in name for name in found)
    changed = {name for name in found if not torch.equal(found[name], begin[name])}
    assert {"score.weight", "score.bias"} <= changed  # the head is trained whole
    assert any(name.endswith("q_proj.weight") for name in changed)
    assert not any("norm" in name for name in changed)
    name = next(name for name in changed if name.endswith("q_proj.weight"))
    assert torch.linalg.matrix_rank(found[name] - begin[name], rtol=1e-3) == 2
    (scores,) = PRM.from_pretrained(tmp_path / "prm").score([chain(0)])
    assert len(scores) == 3


def test_without_peft_adapters_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import sys

    from cpmi.errors import MissingDependencyError

    monkeypatch.setitem(sys.modules, "peft", None)
    source = write_chains(tmp_path / "rated.jsonl", 8)
    with pytest.raises(MissingDependencyError, match="cpmi\\[lora"):
        train(source, out=tmp_path / "prm", lora_rank=2, val_share=0.0, **OPTIONS)
