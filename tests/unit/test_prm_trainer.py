"""The Trainer of reward models: one loss however many devices share it, and seconds that outlive a kill."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from transformers import TrainingArguments

from cpmi.prm.collate import Collator, StepLoss
from cpmi.prm.rows import TrainingRow
from cpmi.prm.trainer import RowDataset, StepTrainer, Stopwatch

ROWS = [
    TrainingRow(ids=(5, 6, 1, 7, 1), positions=(2, 4), targets=(0.9, 0.2)),
    TrainingRow(ids=(5, 1, 8, 9, 9, 1), positions=(1, 3, 5), targets=(0.4, 0.1, 1.0)),
    TrainingRow(ids=(3, 1), positions=(1,), targets=(1.0,)),
]


class Tiny(nn.Module):
    """Two logits a token, of an embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Embedding(10, 2)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:  # noqa: ARG002
        return SimpleNamespace(logits=self.logits(input_ids))


def trainer(folder: Path, **arguments: Any) -> StepTrainer:
    return StepTrainer(
        model=Tiny(),
        args=TrainingArguments(output_dir=str(folder), report_to="none", use_cpu=True, **arguments),
        step_loss=StepLoss(loss="bce"),
        head_lr=1e-3,
    )


@pytest.fixture
def of_two(tmp_path: Path) -> StepTrainer:
    """One of two processes."""
    made = trainer(tmp_path)
    made.accelerator = SimpleNamespace(num_processes=2, parallelism_config=None)  # type: ignore[assignment]
    return made


@torch.no_grad()
def summed(of_two: StepTrainer, batch: dict[str, torch.Tensor]) -> float:
    """The formula, without a Trainer."""
    return float(StepLoss(loss="bce")(of_two.model(batch["input_ids"], None).logits, batch))


@torch.no_grad()
def losses(of_two: StepTrainer, batches: list[dict[str, torch.Tensor]], count: int | None) -> list[float]:
    return [float(of_two.compute_loss(of_two.model, dict(b), num_items_in_batch=count)) for b in batches]


@pytest.mark.parametrize("training", [True, False])
def test_the_mean_over_two_processes_is_that_of_their_joined_batch(of_two: StepTrainer, training: bool):
    """The Trainer passes the steps of both in training and in evaluation, and averages over both."""
    of_two.model.train(training)
    collate = Collator(pad_id=0)
    expected = summed(of_two, collate(ROWS)) / 6
    found = losses(of_two, [collate(ROWS[:1]), collate(ROWS[1:])], 6)
    assert sum(found) / 2 == pytest.approx(expected, rel=1e-6)


def test_without_a_count_of_all_processes_a_batch_is_its_own_mean(of_two: StepTrainer):
    batch = Collator(pad_id=0)(ROWS)
    assert losses(of_two, [batch], None) == [pytest.approx(summed(of_two, batch) / 6, rel=1e-6)]


def test_lengths_are_sorted_within_what_all_devices_and_accumulated_batches_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = trainer(tmp_path, per_device_train_batch_size=2, gradient_accumulation_steps=3)
    monkeypatch.setattr(TrainingArguments, "world_size", 2)
    rows = [TrainingRow(ids=(0,) * (1 + 7 * i % 31), positions=(0,), targets=(1.0,)) for i in range(48)]
    order = [len(rows[index].ids) for index in made._get_train_sampler(RowDataset(rows))]
    together = [order[at : at + 12] for at in range(0, 48, 12)]  # 2 chains, 3 batches, 2 devices
    assert together == [sorted(lengths, reverse=True) for lengths in together]


def test_a_resumed_training_goes_on_counting_seconds():
    kept = {"Stopwatch": {"args": {}, "attributes": {"seconds": 100.0}}}
    watch = Stopwatch()
    watch.on_train_begin(None, SimpleNamespace(global_step=0, stateful_callbacks=kept), None)
    assert 0 <= watch.seconds < 50
    watch.on_train_begin(None, SimpleNamespace(global_step=3, stateful_callbacks=kept), None)
    assert 100 <= watch.state()["attributes"]["seconds"] < 150
