"""Where a model is put, and in which type: what `auto` means, and what is not there."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from cpmi.engines.transformers.checkpoint import placed
from cpmi.errors import ConfigError


def gpus(monkeypatch: pytest.MonkeyPatch, num: int, *, bfloat16: bool = True) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: num)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bfloat16)


def test_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, 0)
    assert placed("auto", "auto") == (torch.float32, "cpu")
    assert placed("bfloat16", "cpu") == (torch.bfloat16, "cpu")
    with pytest.raises(ConfigError, match=r"no CUDA device.*got cuda:1; expected auto, cpu"):
        placed("auto", "cuda:1")


def test_an_idle_gpu_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, 2)
    assert placed("auto", "auto") == (torch.bfloat16, "cuda")
    assert placed("float32", "auto") == (torch.float32, "cuda")
    assert placed("auto", "cuda:1") == (torch.bfloat16, "cuda:1")
    assert placed("auto", "cpu") == (torch.float32, "cpu")
    with pytest.raises(
        ConfigError, match=r"no such device.*got cuda:2; expected auto, cpu, cuda, cuda:0, cuda:1"
    ):
        placed("auto", "cuda:2")


def test_a_gpu_without_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, 1, bfloat16=False)
    assert placed("auto", "auto") == (torch.float32, "cuda")


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:x", "tpu", ""])
def test_devices_that_are_none(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, 1)
    with pytest.raises(ConfigError, match="no such device"):
        placed("auto", device)


def test_types_that_are_none() -> None:
    with pytest.raises(ConfigError, match=r"unknown dtype.*expected auto, float32"):
        placed("int8", "cpu")
