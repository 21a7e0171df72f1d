"""Scores with the question computed once equal those of every chain computed whole, within 1e-5."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cpmi.prm.card import Card
from cpmi.prm.layout import Encoder, Layout
from cpmi.prm.model import build_model
from cpmi.prm.scorer import PRM
from cpmi.types import Chain

LIMIT = 1e-5


@pytest.fixture(scope="module")
def parts() -> tuple[Any, Encoder, Card]:
    model, tokenizer = build_model("embedded", seed=0)
    with torch.no_grad():
        model.score.weight.mul_(20)  # scores far from one half
    layout = Layout(step_token="<|step|>")
    encoder = Encoder(layout, tokenizer)
    return model.eval(), encoder, Card(layout=layout, step_token_id=encoder.step_id, threshold={"value": 0.5})


def chains() -> list[Chain]:
    """Seven questions, of which four have several chains of one to eight steps; they stand mixed."""
    made = []
    for index in range(24):
        question = index % 4 if index < 21 else index
        steps = tuple(f"{i} + {index} = {i + index}, so {'apples ' * (i % 3)}." for i in range(1 + index % 8))
        text = f"Question {question}: Ana has {question} apples" + " and more" * question + "."
        made.append(Chain(id=str(index), question=text, steps=steps))
    return made


def one_by_one(parts: tuple[Any, Encoder, Card], chain: Chain) -> list[float]:
    """The formula, without a batch: softmax of the logits at the step tokens."""
    model, encoder, _ = parts
    encoded = encoder.encode(chain.question, chain.steps)
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([encoded.ids])).logits[0]
    return logits[list(encoded.step_positions)].softmax(dim=-1)[:, 1].tolist()


@pytest.mark.parametrize("batch_tokens", [8192, 300, 1])
@pytest.mark.parametrize("path", ["shared", "plain"])
def test_every_path_equals_the_formula(parts: tuple[Any, Encoder, Card], path: Any, batch_tokens: int):
    found = PRM(*parts, path=path, batch_tokens=batch_tokens).score(chains())
    assert len({round(score, 2) for scores in found for score in scores}) > 10
    for scores, chain in zip(found, chains(), strict=True):
        assert scores == pytest.approx(one_by_one(parts, chain), abs=LIMIT)


def test_the_question_is_computed_once(parts: tuple[Any, Encoder, Card]):
    model, encoder, _ = parts
    seen: list[int] = []
    hook = model.base_model.register_forward_pre_hook(
        lambda _, __, kwargs: seen.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    try:
        long = Chain(id="", question="Ana has 3 apples. " * 20, steps=("She eats 1.",))
        PRM(*parts, path="plain").score([long] * 8)
        plain = sum(seen)
        seen.clear()
        PRM(*parts, path="shared").score([long] * 8)
    finally:
        hook.remove()
    encoded = encoder.encode(long.question, long.steps)
    assert plain == 8 * len(encoded.ids)
    assert sum(seen) == encoded.num_question + 8 * (len(encoded.ids) - encoded.num_question)


def test_a_chain_does_not_depend_on_its_neighbors(parts: tuple[Any, Encoder, Card]):
    prm = PRM(*parts)
    alone = prm.score([chains()[7]])[0]
    assert prm.score(chains()[::-1])[16] == pytest.approx(alone, abs=LIMIT)
