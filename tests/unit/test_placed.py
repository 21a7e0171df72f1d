"""Where a model is put, and in which type: what `auto` means, and what is not there."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from cpmi.engines.transformers import placement
from cpmi.engines.transformers.placement import IdleGpuWarning, placed
from cpmi.errors import ConfigError


def gpus(monkeypatch: pytest.MonkeyPatch, num: int, *, bfloat16: bool = True) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: num)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bfloat16)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: num > 0)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "H100")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(placement, "_NVIDIA", Path("nowhere"))


def notices(dtype: str, device: str) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        placed(dtype, device)
    assert all(issubclass(found.category, IdleGpuWarning) for found in caught)
    return [str(found.message) for found in caught]


def test_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, 0)
    assert placed("auto", "auto") == (torch.float32, "cpu")
    assert placed("bfloat16", "cpu") == (torch.bfloat16, "cpu")
    with pytest.raises(ConfigError, match=r"no CUDA device.*got cuda:1; expected auto, cpu"):
        placed("auto", "cuda:1")


def test_a_gpu_that_is_not_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus(monkeypatch, 1)
    (said,) = notices("auto", "cpu")
    assert said.startswith("H100 is idle: --device cpu")
    assert notices("auto", "auto") == notices("auto", "cuda:0") == []
    gpus(monkeypatch, 4)
    (said,) = notices("auto", "auto")
    assert said.startswith("1 of 4 GPUs is used; ")
    assert notices("auto", "cuda:3") == []
    assert len(notices("auto", "cpu")) == 1


def test_a_gpu_that_torch_cannot_use_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gpus(monkeypatch, 0)
    assert notices("auto", "auto") == notices("auto", "cpu") == []
    (tmp_path / "0000:01:00.0").mkdir()
    monkeypatch.setattr(placement, "_NVIDIA", tmp_path)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    (said,) = notices("auto", "auto")
    assert said.startswith("an NVIDIA GPU is idle: this torch")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert notices("auto", "auto") == []  # hidden on purpose
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert notices("auto", "auto")[0].startswith("the GPU of this Mac is idle")


@pytest.mark.filterwarnings("ignore::cpmi.engines.transformers.placement.IdleGpuWarning")
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
