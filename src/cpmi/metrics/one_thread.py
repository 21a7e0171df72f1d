"""Matrix products on one thread: small ones wait for each other longer than they work, and the last bits of a
sum depend on how many threads share it, so they would differ from machine to machine.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from importlib import import_module
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """Where threadpoolctl is installed, as it is with scikit-learn; else as many threads as NumPy takes."""
    controller = _controller()
    return nullcontext() if controller is None else controller.limit(limits=1, user_api="blas")


@cache
def _controller() -> Any:
    try:
        return import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return None
