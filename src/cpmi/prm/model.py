"""A base model with a head for two classes at every token, and back from disk.

The checkpoint is a plain `<Base>ForTokenClassification`: two labels, one linear head with bias, no code of
ours. So `AutoModelForTokenClassification`, the token-classification pipeline and vLLM read it as it is.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoModelForTokenClassification

from cpmi.engines.transformers.checkpoint import (
    OTHER_TASKS,
    Checkpoint,
    read_checkpoint,
    read_config,
    read_tokenizer,
)
from cpmi.engines.transformers.loading_report import CLASSIFIER_HEADS
from cpmi.engines.transformers.locate import Source, locate_model
from cpmi.engines.transformers.placement import AUTO, placed
from cpmi.engines.transformers.tokenizer import HuggingFaceTokenizer, num_rows
from cpmi.errors import CheckpointError, UnsupportedModelError
from cpmi.prm.layout import Encoder

LABELS = {0: "incorrect", 1: "correct"}
_RIGHT = frozenset(("correct", "right", "good", "positive", "true", "yes", "+"))
_WRONG = frozenset(("incorrect", "wrong", "bad", "negative", "false", "no", "-"))
DEFAULT_MAX_LENGTH = 2048
_ROUNDING = 1e-4  # of the change of a token's logits when it changes itself: nothing that attention would do


def build_model(base: str, *, seed: int, ignore_keys: str | None = None) -> tuple[Any, HuggingFaceTokenizer]:
    """A model to train: the base's body in float32, and a head drawn from the seed.

    Args:
        base: as `cpmi label --model`; the folder of a reward model keeps its head.
        seed: of the head's weights.
        ignore_keys: as `read_checkpoint`.

    Raises:
        ModelNotFoundError: nothing is there, or it is no language model.
        CheckpointError: weights of the body are absent, have another shape, are not finite, or are an
            adapter's; or it has a head for another task.
        UnsupportedModelError: transformers has no token classification for the architecture, or its head has
            no bias, or a token sees later ones.
        MissingDependencyError: the alias needs a package that is not installed.
    """
    source = locate_model(base)
    torch.manual_seed(seed)
    config = read_config(source)
    _expect_supported(config, base)
    tokenizer = read_tokenizer(source)
    make = _from_folder if source.gguf_file is None else _from_gguf
    model = make(source, config, ignore_keys)
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
    return model, HuggingFaceTokenizer(tokenizer, num_rows=num_rows(model))


def load_model(
    folder: str | Path,
    *,
    device: str = AUTO,
    dtype: str = AUTO,
    ignore_keys: str | None = None,
    verify: bool = False,
) -> tuple[Checkpoint, HuggingFaceTokenizer]:
    """A trained model, ready to score.

    Args:
        folder: a checkpoint by `cpmi train`, or any token classification of two labels.
        device, dtype: as `load_engine`.
        ignore_keys, verify: as `read_checkpoint`.

    Raises:
        ModelNotFoundError: no such model is there.
        CheckpointError: it is another kind of model, or its weights are not whole, the head among them.
        ConfigError: no such dtype, or no such device, or `ignore_keys` is no regular expression.
    """
    kind, device = placed(dtype, device)
    source = locate_model(str(folder))
    config = read_config(source)
    _expect_reward_model(config, source.name)
    tokenizer = read_tokenizer(source)
    found = read_checkpoint(
        source,
        AutoModelForTokenClassification,
        config=config,
        dtype=kind,
        device=device,
        ignore_keys=ignore_keys,
        verify=verify,
    )
    return found, HuggingFaceTokenizer(tokenizer, num_rows=num_rows(found.model))


def head_of(model: Any) -> nn.Linear:
    """The linear layer that gives the two logits; errors as `head_name`."""
    head = getattr(model, head_name(model))
    assert isinstance(head, nn.Linear)
    return head


def head_name(model: Any) -> str:
    """The name of that layer: `score`, or `classifier` in older architectures.

    Raises:
        UnsupportedModelError: there is none.
    """
    for name in CLASSIFIER_HEADS:
        if isinstance(getattr(model, name.rstrip("."), None), nn.Linear):
            return name.rstrip(".")
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
    return _is_token_classification(config) and config.id2label == LABELS


def begin_step_token(model: Any, encoder: Encoder) -> bool:
    """Give the step token the embedding of a line break, where that is one token.

    A reserved token was never trained. As a line break, it is where the base expects one, and the first
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


def _from_folder(source: Source, config: Any, ignore_keys: str | None) -> Any:
    return read_checkpoint(
        source,
        AutoModelForTokenClassification,
        config=_labeled(config),
        dtype=torch.float32,
        new=CLASSIFIER_HEADS,
        ignore_keys=ignore_keys,
    ).model


def _from_gguf(source: Source, config: Any, ignore_keys: str | None) -> Any:
    """A GGUF-loaded model refuses `save_pretrained`: its weights go into a model made from a clean config."""
    found = read_checkpoint(
        source, AutoModelForCausalLM, config=config, dtype=torch.float32, ignore_keys=ignore_keys
    )
    clean = _labeled(copy.deepcopy(config))
    for name in ("quantization_config", "_model_name_or_path"):
        if hasattr(clean, name):
            delattr(clean, name)
    whole: Any = AutoModelForTokenClassification
    made = whole.from_config(clean, dtype=torch.float32, trust_remote_code=False)
    made.base_model.load_state_dict(found.model.base_model.state_dict())
    return made


def _expect_supported(config: Any, base: str) -> None:
    if type(config) not in AutoModelForTokenClassification._model_mapping:
        raise UnsupportedModelError(
            "transformers has no token classification for this architecture",
            where=base,
            got=str(config.model_type),
            hint="Use a base of another family: Llama, Qwen, Gemma, Mistral and many others have it.",
        )
    other = [name for name in config.architectures or () if name.endswith(OTHER_TASKS)]
    if other or (_is_token_classification(config) and config.num_labels != len(LABELS)):
        raise CheckpointError(
            "the base has a head for another task",
            where=base,
            got=f"{', '.join(config.architectures)} with {config.num_labels} labels",
            expected="a language model, or a token classification of two labels, incorrect and correct",
        )
    if _is_token_classification(config):
        _expect_classes_in_order(config, base)


def _expect_reward_model(config: Any, folder: str) -> None:
    if not _is_token_classification(config) or config.num_labels != len(LABELS):
        raise CheckpointError(
            "this is not a process reward model of two labels",
            where=folder,
            got=f"{', '.join(config.architectures or [config.model_type])} with {config.num_labels} labels",
            expected="a token classification with the labels incorrect and correct",
            hint="Give a folder by cpmi train.",
        )
    _expect_classes_in_order(config, folder)


def _expect_classes_in_order(config: Any, where: str) -> None:
    """Refuse a head whose names say that its classes are the other way round."""
    names = config.id2label or {}
    first, second = (str(names.get(index, "")).strip().lower() for index in LABELS)
    if first in _RIGHT or second in _WRONG:
        raise CheckpointError(
            "the classes of the head are in another order: every score would be that of the opposite",
            where=where,
            got=f"id2label {dict(names)}",
            expected=f"id2label {LABELS}",
            hint="Swap the two rows of the head's weight and bias, and the names.",
        )


def _is_token_classification(config: Any) -> bool:
    return any(name.endswith("ForTokenClassification") for name in config.architectures or ())
