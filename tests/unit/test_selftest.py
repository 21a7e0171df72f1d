"""What the short test of a model takes for a finding, and what it does not hide."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("transformers")

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
