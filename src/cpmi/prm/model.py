"""A base model with a head for two classes at every token, and back from disk.

The checkpoint is a plain `<Base>ForTokenClassification`: two labels, one linear head with bias, no code of
ours. So `AutoModelForTokenClassification`, the token-classification pipeline and vLLM read it as it is.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForTokenClassification, AutoTokenizer
from transformers.utils import logging

from cpmi.engines.transformers.load import locate_model
from cpmi.engines.transformers.tokenizer import HuggingFaceTokenizer
from cpmi.errors import ConfigError, ModelError, ModelNotFoundError, UnsupportedModelError
from cpmi.prm.layout import Encoder

LABELS = {0: "incorrect", 1: "correct"}
DEFAULT_MAX_LENGTH = 2048
_ROUNDING = 1e-4  # of the change of a token's logits when it changes itself: nothing that attention would do

_LOAD_ERRORS = (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, SafetensorError)


def build_model(base: str, *, seed: int) -> tuple[Any, HuggingFaceTokenizer]:
    """A model to train: the base's body in float32, and a head drawn from the seed.

    Args:
        base: as `cpmi label --model`; a reward model's folder goes on with its head.
        seed: of the head's weights.

    Raises:
        ModelNotFoundError: nothing is there, or it is no language model.
        UnsupportedModelError: transformers has no token classification for the architecture, or its head has
            no bias, or a token sees later ones.
        MissingDependencyError: the alias needs a package that is not installed.
    """
    source, options = locate_model(base)
    _quiet()
    torch.manual_seed(seed)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        config = AutoConfig.from_pretrained(source, **options)
        _expect_supported(config, base)
        model = _from_gguf(source, options, config) if options else _from_folder(source, config)
    except _LOAD_ERRORS as error:
        if isinstance(error, ModelError):
            raise
        raise ModelNotFoundError(
            "no base for a reward model can be read here",
            where=base,
            got=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}",
            expected="an alias, a .gguf file, a folder with config.json and weights, or a hub id",
            hint="Check the path; a hub id needs a network.",
        ) from error
    if head_of(model).bias is None:
        raise UnsupportedModelError(
            "the head has no bias", where=base, got=type(model).__name__, hint="Use another base."
        )
    if not is_causal(model):
        raise UnsupportedModelError(
            "the score of a step would follow from later steps",
            where=base,
            got=f"{type(model).__name__}, in which a token sees those behind it",
            expected="a causal language model",
            hint="Use a base that was made to generate text: Llama, Qwen, Gemma, SmolLM2 and the like.",
        )
    return model, HuggingFaceTokenizer(tokenizer)


def load_model(
    folder: str | Path, *, device: str = "cpu", dtype: str = "float32"
) -> tuple[Any, HuggingFaceTokenizer]:
    """A trained model, ready to score.

    Args:
        folder: a checkpoint by `cpmi train`, or any token classification of two labels.
        device: "cpu" or "cuda".
        dtype: "float32", "bfloat16" or "float16".

    Raises:
        ModelNotFoundError: no such model is there.
        ConfigError: no such dtype, or no such device.
    """
    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if dtype not in kinds:
        raise ConfigError("unknown dtype", where="--dtype", got=dtype, expected=", ".join(kinds))
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError("no CUDA device is at hand", where="--device", got=device, expected="cpu")
    _quiet()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model: Any = AutoModelForTokenClassification.from_pretrained(folder, dtype=kinds[dtype])
    except _LOAD_ERRORS as error:
        raise ModelNotFoundError(
            "no reward model can be read here",
            where=str(folder),
            got=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}",
            expected="a folder by cpmi train",
        ) from error
    return model.to(device).eval(), HuggingFaceTokenizer(tokenizer)


def head_of(model: Any) -> nn.Linear:
    """The linear layer that gives the two logits: `score`, or `classifier` in older architectures.

    Raises:
        UnsupportedModelError: there is none.
    """
    for name in ("score", "classifier"):
        head = getattr(model, name, None)
        if isinstance(head, nn.Linear):
            return head
    raise UnsupportedModelError("the model has no linear head", where=type(model).__name__)


def is_causal(model: Any) -> bool:
    """Whether logits stay as they are when a later token changes: tried on two tokens, not read from a name.

    Encoders (BERT and the like) attend to both sides, and so do some models made for embeddings whose
    architecture is that of a causal one.
    """
    trained = model.training
    size = model.get_input_embeddings().weight.shape[0]
    ids_BT = torch.tensor([[size // 2, size // 3], [size // 2, size // 4]], device=model.device)
    with torch.no_grad():
        logits_BT2 = model.eval()(input_ids=ids_BT).logits.float()
    model.train(trained)
    first, second = (logits_BT2[0] - logits_BT2[1]).abs().amax(dim=-1).tolist()
    return bool(first <= _ROUNDING * second)


def is_reward_model(config: Any) -> bool:
    """Whether a base is a reward model already, so that its head and its step token mean something."""
    names = config.architectures or []
    return any(name.endswith("ForTokenClassification") for name in names) and config.id2label == LABELS


def begin_step_token(model: Any, encoder: Encoder) -> bool:
    """Give the step token the embedding of a line break, where that is one token.

    A reserved token was never trained. As a line break, it stands where the base expects one, and the first
    step of training sees the text that the base knows.

    Returns:
        Whether it was done.
    """
    ids = encoder.tokenizer.encode("\n")
    if len(ids) != 1:
        return False
    embedding = model.get_input_embeddings().weight
    with torch.no_grad():
        embedding[encoder.step_id] = embedding[ids[0]]
    return True


def max_positions(model: Any) -> int:
    """How many tokens a chain may have at most; 2,048 where the model does not say."""
    limit = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return int(limit) if limit else DEFAULT_MAX_LENGTH


def _labeled(config: Any) -> Any:
    config.num_labels = len(LABELS)
    config.id2label = dict(LABELS)
    config.label2id = {name: index for index, name in LABELS.items()}
    config.classifier_dropout = 0.0  # the default of 0.1 would make soft targets noisy and resuming random
    config.dtype = torch.float32
    return config


def _from_folder(source: str, config: Any) -> Any:
    return AutoModelForTokenClassification.from_pretrained(
        source, config=_labeled(config), dtype=torch.float32
    )


def _from_gguf(source: str, options: dict[str, str], config: Any) -> Any:
    """A GGUF-loaded model refuses `save_pretrained`: its weights go into a model made from a clean config."""
    causal: Any = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32, **options)
    clean = _labeled(copy.deepcopy(config))
    for name in ("quantization_config", "_model_name_or_path"):
        if hasattr(clean, name):
            delattr(clean, name)
    whole: Any = AutoModelForTokenClassification
    made = whole.from_config(clean, dtype=torch.float32)
    made.base_model.load_state_dict(causal.base_model.state_dict())
    return made


def _expect_supported(config: Any, base: str) -> None:
    if type(config) not in AutoModelForTokenClassification._model_mapping:
        raise UnsupportedModelError(
            "transformers has no token classification for this architecture",
            where=base,
            got=str(config.model_type),
            hint="Use a base of another family: Llama, Qwen, Gemma, Mistral and many others have it.",
        )


def _quiet() -> None:
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
