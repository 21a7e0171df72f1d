"""Facts about the machine and the software at work, for manifests and reports. Loads nothing."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ALWAYS_NAMED = ("numpy", "pyarrow", "mpmath", "sympy")
_NAMED_IF_LOADED = ("torch", "transformers", "tokenizers")


def software_versions() -> dict[str, str]:
    """Versions of Python and of the packages that numbers and files come from."""
    names = [*_ALWAYS_NAMED, *(name for name in _NAMED_IF_LOADED if name in sys.modules)]
    return {"python": platform.python_version(), **{name: package_version(name) for name in names}}


def package_version(name: str) -> str:
    """Version of an installed package, or "unknown" for one that runs without being installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def describe_machine() -> dict[str, object]:
    """Processor, cores, threads and platform of this machine."""
    return {
        "cpu": _cpu_name(),
        "cores": num_cores(),
        "threads": num_threads(),
        "platform": platform.platform(),
    }


def num_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def num_threads() -> int | None:
    """Threads that torch computes with, or None while torch is not loaded."""
    torch = sys.modules.get("torch")
    return None if torch is None else int(torch.get_num_threads())


def _cpu_name() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
