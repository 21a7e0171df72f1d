"""The losses of reward models: minima where the targets are, confidence from counts, masked steps nowhere."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from cpmi.prm import losses
from cpmi.prm.collate import Collator, StepLoss, class_weights
from cpmi.prm.rows import TrainingRow


def minimum(loss: Callable[[Tensor], Tensor], start: tuple[float, float] = (0.1, -0.2)) -> Tensor:
    logits = torch.tensor([start], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([logits], max_iter=200, line_search_fn="strong_wolfe", tolerance_grad=1e-9)

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = loss(logits).sum()
        value.backward()
        return value

    optimizer.step(closure)
    return logits.detach()


def p_correct(logits: Tensor) -> float:
    return float(torch.softmax(logits, dim=-1)[0, 1])


@pytest.mark.parametrize("target", [0.2, 0.5, 0.9])
def test_a_soft_target_is_where_the_minimum_is(target: float):
    found = minimum(lambda z: losses.binary_cross_entropy(z, torch.tensor([target])))
    assert p_correct(found) == pytest.approx(target, abs=1e-5)


def test_cross_entropy_is_that_of_torch_and_weights_are_of_classes():
    logits = torch.tensor([[0.3, -1.0], [2.0, 0.5], [-0.4, 0.9]])
    hard = torch.tensor([1, 0, 1])
    mine = losses.binary_cross_entropy(logits, hard.float())
    assert torch.allclose(mine, torch.nn.functional.cross_entropy(logits, hard, reduction="none"))
    weighted = losses.binary_cross_entropy(logits, hard.float(), weights=(2.0, 0.5))
    assert torch.allclose(weighted, mine * torch.tensor([0.5, 2.0, 0.5]))


def test_beta_binomial_equals_values_worked_out_by_hand():
    """Beta(1, 1) gives every number of successes the same chance, and the prior is 0 at α + β = 2."""
    logits = torch.zeros((3, 2))
    found = losses.beta_binomial(logits, torch.tensor([0.0, 1.0, 2.0]), torch.full((3,), 2.0))
    assert torch.allclose(found, torch.full((3,), math.log(3)), atol=1e-6)
    # α = 2, β = 1, one success of one trial: its chance is 2/3; log 3 lies log 1.5 from the prior's middle.
    found = losses.beta_binomial(torch.tensor([[0.0, math.log(2)]]), torch.ones(1), torch.ones(1))
    assert float(found) == pytest.approx(math.log(1.5) + (math.log(1.5) / 4) ** 2 / 2, abs=1e-6)


def test_more_rollouts_of_the_same_share_give_more_confidence():
    confidence = {}
    for successes, trials in ((7.0, 8.0), (70.0, 80.0)):
        k, n = torch.tensor([successes]), torch.tensor([trials])
        found = minimum(lambda z, k=k, n=n: losses.beta_binomial(z, k, n))
        assert p_correct(found) == pytest.approx(7 / 8, abs=0.02)
        confidence[trials] = float(losses.log_concentration(found).exp())
    assert 4 < confidence[80.0] / confidence[8.0] < 20
    assert confidence[8.0] > 8


def test_counts_that_disagree_lower_the_confidence():
    """Two steps that look alike, 1 of 8 and 7 of 8: the rate of such a step is not known to be 1/2."""
    k, n = torch.tensor([1.0, 7.0]), torch.full((2,), 8.0)
    apart = minimum(lambda z: losses.beta_binomial(z.expand(2, 2), k, n))
    even = minimum(lambda z: losses.beta_binomial(z.expand(2, 2), torch.full((2,), 4.0), n))
    assert p_correct(apart) == pytest.approx(0.5, abs=0.01)
    assert losses.log_concentration(apart) < math.log(4) < losses.log_concentration(even)


def test_sure_logits_do_not_overflow():
    logits = torch.tensor([[40.0, 60.0], [-60.0, -40.0], [-50.0, 50.0]], requires_grad=True)
    loss = losses.beta_binomial(logits, torch.tensor([7.0, 7.0, 8.0]), torch.full((3,), 8.0)).sum()
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()


def test_ranking_reads_pairs_of_one_chain_only():
    logits = torch.tensor([[0.0, 1.0], [0.0, -1.0], [0.0, 0.5], [0.0, 3.0]])
    target = torch.tensor([1.0, 0.0, 0.5, 0.0])
    chain = torch.tensor([0, 0, 0, 1])
    pairs = {(0, 1): (1.0, 2.0), (0, 2): (0.5, 0.5), (2, 1): (0.5, 1.5)}  # weight, difference of logits
    expected = sum(w * math.log1p(math.exp(-d)) for w, d in pairs.values()) / 2.0
    found = losses.pairwise_ranking(logits, target, chain)
    assert found.tolist() == pytest.approx([expected] * 3 + [0.0], abs=1e-6)


ROWS = [
    TrainingRow(ids=(5, 6, 1, 7, 1), positions=(2, 4), targets=(0.9, 0.2), counts=((7, 8), (1, 5))),
    TrainingRow(ids=(5, 1, 8, 9, 9, 1), positions=(5,), targets=(0.4,), counts=((2, 5),)),
]


@pytest.mark.parametrize("loss", ["ce", "bce", "beta_binomial", "ranking"])
def test_masked_steps_and_padding_never_count(loss: str):
    batch = Collator(pad_id=0)(ROWS)
    logits = torch.randn((2, 6, 2), generator=torch.Generator().manual_seed(0)).requires_grad_()
    StepLoss(loss=loss)(logits, batch).backward()  # type: ignore[arg-type]
    moved = logits.grad.abs().sum(dim=-1) > 0
    expected = torch.zeros((2, 6), dtype=torch.bool)
    expected[0, [2, 4]] = expected[1, 5] = True
    assert (moved == expected).all()


def test_a_batch_is_padded_on_the_right():
    batch = Collator(pad_id=3)(ROWS)
    assert batch["input_ids"].tolist() == [[5, 6, 1, 7, 1, 3], [5, 1, 8, 9, 9, 1]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1, 0], [1] * 6]
    assert (batch["labels"] != -100).sum() == 3
    assert batch["trials"].sum() == 18


UNEVEN = [
    TrainingRow(
        ids=(5, 1, 1, 1), positions=(1, 2, 3), targets=(1.0, 1.0, 1.0), counts=((8, 8), (8, 8), (8, 8))
    ),
    TrainingRow(ids=(6, 1), positions=(1,), targets=(0.0,), counts=((0, 8),)),
]


@pytest.mark.parametrize("loss", ["ce", "bce"])
def test_balanced_right_and_wrong_steps_count_alike(loss: str):
    """Three right steps and a wrong one that look alike: 3/4 without weights, 1/2 with them."""
    batch = Collator(pad_id=0)(UNEVEN)
    for weights, expected in (((1.0, 1.0), 0.75), (class_weights(UNEVEN), 0.5)):
        step_loss = StepLoss(loss=loss, weights=weights)  # type: ignore[arg-type]
        found = minimum(lambda z, step_loss=step_loss: step_loss(z.expand(2, 4, 2), batch))
        assert p_correct(found) == pytest.approx(expected, abs=1e-4)


def test_balanced_a_step_of_counts_weighs_by_its_share():
    """3 of 4 successes weigh w0/4 + 3·w1/4 times what they weigh otherwise, whatever the logits."""
    logits = torch.tensor([[0.3, -1.0], [2.0, 0.5]])
    k, n = torch.tensor([3.0, 0.0]), torch.tensor([4.0, 4.0])
    plain = losses.beta_binomial(logits, k, n)
    weighted = losses.beta_binomial(logits, k, n, weights=(2.0, 0.5))
    assert torch.allclose(weighted, plain * torch.tensor([2.0 / 4 + 3 * 0.5 / 4, 2.0]))


def test_class_weights_even_the_classes_out():
    wrong, right = class_weights(ROWS)
    total = 0.9 + 0.2 + 0.4
    assert right * total == pytest.approx(wrong * (3 - total)) == pytest.approx(1.5)
    assert class_weights([TrainingRow(ids=(1,), positions=(0,), targets=(1.0,))]) == (1.0, 1.0)
