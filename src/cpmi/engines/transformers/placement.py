"""Where a model is put and in which type; a GPU that is there and not used is named."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch

from cpmi.errors import ConfigError

AUTO = "auto"
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

_NVIDIA = Path("/proc/driver/nvidia/gpus")  # the driver lists its GPUs here, whatever torch can do


class IdleGpuWarning(UserWarning):
    """A GPU is there and is not used."""


def placed(dtype: str, device: str) -> tuple[torch.dtype, str]:
    """The type of torch and the device that are meant, if they are at hand.

    Args:
        dtype: one of `DTYPES`, or "auto": bfloat16 on a GPU that computes in it, else float32.
        device: "cpu", "cuda", "cuda:N", or "auto": a GPU if there is one.

    Raises:
        ConfigError: unknown dtype or device, or one that is not there.
    """
    dtype, device = str(dtype).removeprefix("torch."), str(device)  # those of torch are taken too
    if dtype not in (AUTO, *DTYPES):
        raise ConfigError("unknown dtype", where="--dtype", got=dtype, expected=", ".join((AUTO, *DTYPES)))
    gpus = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    known = [AUTO, "cpu", *(["cuda", *gpus] if gpus else [])]
    if device not in known:
        what = "no CUDA device is at hand" if device.startswith("cuda") and not gpus else "no such device"
        raise ConfigError(what, where="--device", got=device, expected=", ".join(known))
    if (idle := _idle(device, gpus)) is not None:
        warnings.warn(idle, IdleGpuWarning, stacklevel=3)
    if device == AUTO:
        device = "cuda" if gpus else "cpu"
    if dtype == AUTO:
        dtype = "bfloat16" if device != "cpu" and torch.cuda.is_bf16_supported() else "float32"
    return DTYPES[dtype], device


def _idle(device: str, gpus: Sequence[str]) -> str | None:
    """What is said of GPUs that are there and stay idle; None without any."""
    if gpus and device == "cpu":
        return f"{_named(gpus)} is idle: --device cpu computes on the processor; auto would take the GPU"
    if len(gpus) > 1 and device in (AUTO, "cuda"):
        return (
            f"1 of {len(gpus)} GPUs is used; for all of them start one process per GPU, each with "
            f"--device cuda:N, --shard i/{len(gpus)} and an --out of its own, then cpmi merge"
        )
    if gpus or device not in (AUTO, "cpu"):
        return None
    if _hidden_gpu():
        return (
            f"an NVIDIA GPU is idle: this torch ({torch.__version__}) cannot use it; install a build of it "
            "for the CUDA version of the driver"
        )
    if torch.backends.mps.is_available():
        return "the GPU of this Mac is idle: cpmi computes on CUDA devices and on processors only"
    return None


def _hidden_gpu() -> bool:
    """Whether the driver lists a GPU that torch does not see and that the user did not hide."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    try:
        return any(_NVIDIA.iterdir())
    except OSError:
        return False


def _named(gpus: Sequence[str]) -> str:
    name = torch.cuda.get_device_name(0)
    return name if len(gpus) == 1 else f"each of {len(gpus)} GPUs ({name})"
