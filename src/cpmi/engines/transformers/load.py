"""Load a language model to label with."""

from __future__ import annotations

import warnings
from typing import Any, get_args

import torch
from transformers import AutoModelForCausalLM

from cpmi.engines.transformers.checkpoint import (
    OTHER_TASKS,
    read_checkpoint,
    read_config,
    read_tokenizer,
)
from cpmi.engines.transformers.engine import TransformersEngine
from cpmi.engines.transformers.locate import locate_model
from cpmi.engines.transformers.placement import AUTO, placed
from cpmi.engines.transformers.routes import Asked
from cpmi.errors import CheckpointError, ConfigError


class HeadlessModelWarning(UserWarning):
    """The body of a model, whose embeddings are tied to a head that it does not have."""


_NO_LANGUAGE_MODELS = (*OTHER_TASKS, "ForTokenClassification", "ForMaskedLM")


def load_engine(
    model: str,
    *,
    dtype: str = AUTO,
    path: Asked = "auto",
    device: str = AUTO,
    batch_tokens: int | None = None,
    threads: int | None = None,
    ignore_keys: str | None = None,
    verify: bool = False,
) -> TransformersEngine:
    """Load a causal language model and put it to work.

    Args:
        model: the alias "embedded" (ships with cpmi) or "smollm2-135m", a .gguf file, a folder in
            transformers form, or a hub id.
        dtype: "float32", "bfloat16", "float16" (labels move by 0.03 to 0.3 nat in the half types), or "auto":
            bfloat16 on a GPU that computes in it, else float32.
        device: "cpu", "cuda", "cuda:N", or "auto": a GPU if there is one.
        path: "tree" (fast), "plain" (one forward per branch; any attention) or "auto": the tree path where
            the model's config allows it and a short test agrees.
        threads: processor threads of torch; None leaves torch's own choice.
        ignore_keys: a regular expression for names of stored tensors that the model may leave out; weights
            of the model itself may never be absent.
        verify: hash the model's files again, whatever the user's cache of hashes says.

    Raises:
        ModelNotFoundError: nothing is there, or it is not a model.
        CheckpointError: it is another kind of model, or its weights are not whole: absent, of another shape,
            not finite, under foreign names, or an adapter's.
        UnsupportedModelError: the tree path was asked for and is not right for the model, or no path is.
        MissingDependencyError: the alias needs a package that is not installed.
        ConfigError: unknown dtype or path, a device that is not there, no thread, or `ignore_keys` is no
            regular expression.
    """
    kind, device = placed(dtype, device)
    if path not in get_args(Asked):
        raise ConfigError("unknown path", where="--path", got=str(path), expected=", ".join(get_args(Asked)))
    if threads is not None and threads < 1:
        raise ConfigError(
            "no thread to compute with", where="--threads", got=str(threads), expected="1 or more"
        )
    if threads:
        torch.set_num_threads(threads)
    source = locate_model(model)
    config = read_config(source)
    _expect_language_model(config, model)
    tokenizer = read_tokenizer(source)
    found = read_checkpoint(
        source,
        AutoModelForCausalLM,
        config=config,
        dtype=kind,
        device=device,
        ignore_keys=ignore_keys,
        verify=verify,
    )
    return TransformersEngine(
        found.model, tokenizer, name=model, path=path, batch_tokens=batch_tokens, facts=found.facts
    )


def _expect_language_model(config: Any, model: str) -> None:
    for name in config.architectures or ():
        if name.endswith("Model") and "Head" not in name:
            warnings.warn(
                f"{model}: its config names {name}, a model without an output head; its embeddings are taken "
                "for one. If it was made for embeddings, its probabilities mean nothing",
                HeadlessModelWarning,
                stacklevel=3,
            )
        if name.endswith(_NO_LANGUAGE_MODELS):
            raise CheckpointError(
                "this is not a causal language model",
                where=model,
                got=name,
                expected="a model that generates text (...ForCausalLM)",
                hint="cpmi score takes reward models by cpmi train.",
            )
