"""All that is asked of a run, as one digest that is known before a model is loaded.

The manifest keeps it, so that a finished run is known again. It covers more than the results follow from (it
is about names and stamps of files as well as contents): where it differs, the model is loaded and decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cpmi.config import StageConfig
from cpmi.data.sources.pipes import kept
from cpmi.digests import digest_of_value
from cpmi.engines.local_files import stamps_of
from cpmi.languages import ENGLISH
from cpmi.machine import package_version
from cpmi.prompts import wording
from cpmi.runs.checksum import checksum

_PACKAGES = (
    "accelerate", "cpmi", "gguf", "mpmath", "numpy", "pyarrow", "sympy", "tokenizers", "torch",
    "transformers",
)  # fmt: skip
_OF_NO_EFFECT = frozenset({"input", "gold", "out", "options", "overwrite", "price_per_hour", "threads"})
"""Options that are covered in another form, or that change no result."""


def request_of(
    config: StageConfig, *, stage: str, models: Iterable[str], more: Mapping[str, Any] | None = None
) -> str | None:
    """The digest of what is asked for; None where it is not known without the model.

    Args:
        config: of the run.
        stage: its name.
        models: all models by the names the user gave; a ready engine has none, so its runs have no request.
        more: JSON values that only this stage has.

    Raises:
        InputError: the input or the gold file cannot be read.
    """
    if config.overwrite or getattr(config, "verify", False):
        return None
    stamps = {model: stamps_of(model) for model in models}
    gold = getattr(config, "gold", None)
    sources = [_source(name) for name in (config.input, *([] if gold is None else [gold]))]
    if None in stamps.values() or None in sources:
        return None
    return digest_of_value(
        {
            "stage": stage,
            "options": config.model_dump(mode="json", exclude=set(_OF_NO_EFFECT)),
            "sources": sources,
            "models": stamps,
            "packages": {name: package_version(name) for name in _PACKAGES},
            "wording": wording(getattr(config, "spoken", ENGLISH)),
            **(more or {}),
        }
    )


def _source(name: str) -> list[str] | None:
    """Name and content of an input: ids are made from the name of a file. None for data sets of a hub."""
    found = checksum(name)
    if found is None:
        return None
    held = kept(name)
    return [str(Path(name).resolve()) if held is None else held.stem, found.sha256]
