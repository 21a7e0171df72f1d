"""What the short test of a model takes for a finding, and what it does not hide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("transformers")

import numpy as np
import torch

import tests.tiny_model as tiny
from cpmi.engines.transformers import selftest
from cpmi.engines.transformers.endings import Endings
from cpmi.errors import ConfigError, UnsupportedModelError


def found(monkeypatch: pytest.MonkeyPatch, name: str, way: Any) -> str | None:
    """The reason against the tree path where one part of it is replaced."""
    module, function = name.split(".")
    monkeypatch.setattr(getattr(selftest, module), function, way)
    model, tokenizer = tiny.model(), tiny.tokenizer()
    endings = Endings(model, tokenizer)
    reason = selftest.check_tree(model, endings, selftest._test_tokens(model, tokenizer))["reason"]
    return None if reason is None else str(reason)


def raising(error: Exception) -> Any:
    def way(*_: Any, **__: Any) -> Any:
        raise error

    return way


@pytest.mark.parametrize(
    "error",
    [AssertionError("no such shape"), RuntimeError("a"), AttributeError("b"), UnsupportedModelError("c")],
)
def test_what_an_architecture_raises_is_a_reason(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "scoring fails: " + type(error).__name__ in str(
        found(monkeypatch, "tree.score_batch", raising(error))
    )


@pytest.mark.parametrize("error", [ConfigError("ours"), OSError("no space"), ZeroDivisionError("a bug")])
def test_what_no_architecture_raises_is_not_hidden(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(type(error), match=str(error)):
        found(monkeypatch, "tree.score_batch", raising(error))


def test_our_own_assertions_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sampled: the test itself is wrong, and no model."""
    with pytest.raises(AssertionError):
        found(monkeypatch, "rollout.sample_shared", lambda *_, **__: None)


def half(dtype: Any) -> Any:
    model = tiny.model().to(dtype)
    return model, Endings(model, tiny.tokenizer()), selftest._test_tokens(model, tiny.tokenizer())


def off_by(nat: float, monkeypatch: pytest.MonkeyPatch) -> None:
    right = selftest.tree.score_batch
    off = lambda model, batch: [[[v + nat for v in b] for b in t] for t in right(model, batch)]  # noqa: E731
    monkeypatch.setattr(selftest.tree, "score_batch", off)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_tolerance_follows_the_noise_of_the_model(dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model, endings, tokens = half(dtype)
    base = selftest.TOLERANCE_NAT[str(dtype).removeprefix("torch.")]
    off_by(1.5 * base, monkeypatch)
    monkeypatch.setattr(selftest, "own_noise", lambda *_: 0.2 * base)
    assert "scores differ" in str(selftest.check_tree(model, endings, tokens)["reason"])
    monkeypatch.setattr(selftest, "own_noise", lambda *_: 0.9 * base)
    assert selftest.check_tree(model, endings, tokens)["reason"] is None
    off_by(4 * base, monkeypatch)  # 5.5 in all
    monkeypatch.setattr(selftest, "own_noise", lambda *_: 100.0)
    assert "scores differ" in str(selftest.check_tree(model, endings, tokens)["reason"])


def test_in_float32_there_is_no_noise_to_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    model, endings, tokens = half(torch.float32)
    off_by(0.01, monkeypatch)
    monkeypatch.setattr(selftest, "own_noise", lambda *_: 100.0)
    assert "scores differ" in str(selftest.check_tree(model, endings, tokens)["reason"])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("wrong", ["mask", "positions"])
def test_a_wrong_mask_is_found_in_half_types(wrong: str, dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However noisy the model is taken to be."""
    model, endings, tokens = half(dtype)
    monkeypatch.setattr(selftest, "own_noise", lambda *_: 100.0)
    pack = selftest.pack_tree

    def spoiled(asked: Any) -> Any:
        packed = pack(asked)
        if wrong == "positions":
            packed.positions = list(range(len(packed.tokens)))
        for index, block in enumerate(packed.blocks if wrong == "mask" else ()):
            if block.visible is not None:
                packed.blocks[index] = replace(block, num_shared=max(0, block.num_shared - 3))
        return packed

    monkeypatch.setattr(selftest, "pack_tree", spoiled)
    assert "scores differ" in str(selftest.check_tree(model, endings, tokens)["reason"])


def test_siblings_that_see_each_other_are_found_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """In half types they hide in the rounding: 0.1 to 0.3 nat."""
    model, endings, tokens = half(torch.float32)
    pack = selftest.pack_tree

    def spoiled(asked: Any) -> Any:
        packed = pack(asked)
        for index, block in enumerate(packed.blocks):
            if block.visible is not None:
                packed.blocks[index] = replace(block, visible=np.tri(len(block.visible), dtype=bool))
        return packed

    monkeypatch.setattr(selftest, "pack_tree", spoiled)
    assert "scores differ" in str(selftest.check_tree(model, endings, tokens)["reason"])


def test_noise_is_that_of_rounding() -> None:
    model, _, tokens = half(torch.float32)
    assert selftest.own_noise(model, tokens) < 1e-3
    assert 1e-3 < selftest.own_noise(model.to(torch.bfloat16), tokens) < 2
