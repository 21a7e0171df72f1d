"""Sizes in a config that cannot be those of the stored weights: refused before memory is taken for them."""

from __future__ import annotations

from typing import Any

from transformers.utils import CONFIG_NAME

from cpmi.errors import CheckpointError

_WIDTHS = (
    "hidden_size", "intermediate_size", "vocab_size", "num_attention_heads", "num_key_value_heads",
    "head_dim",
)  # fmt: skip
_COUNTS = ("num_hidden_layers", "num_local_experts", "num_experts", "n_routed_experts")
_MOST_LAYERS = 1000  # of models that use stored layers several times
_PACKED = 64  # weights in one stored number, at most: of quantized models


def expect_plausible(config: Any, *, num_tensors: int, num_elements: int, where: str) -> None:
    """Compare the sizes in a config with what is stored.

    Args:
        config: of transformers.
        num_tensors, num_elements: stored ones.
        where: the model, as the user named it.

    Raises:
        CheckpointError: a size is below one, or needs far more weights than are stored.
    """
    text = config.get_text_config()
    found = {
        name: value for name in (*_WIDTHS, *_COUNTS) if isinstance(value := getattr(text, name, None), int)
    }
    for name, value in found.items():
        if value < 1 and not (name in _COUNTS[1:] and value == 0):
            raise _error(name, value, "at least 1", where)
    most = num_elements * _PACKED
    width = found.get("hidden_size", 1)
    for name, value in found.items():
        table = value * width if name in ("vocab_size", "intermediate_size") else value
        if name in _COUNTS:
            if value > max(_MOST_LAYERS, num_tensors):
                raise _error(name, value, f"at most the {num_tensors:,} tensors that are stored", where)
        elif table > most:
            raise _error(name, value, f"a model of {num_elements:,} stored numbers", where)


def _error(name: str, value: int, expected: str, where: str) -> CheckpointError:
    return CheckpointError(
        f"a size in {CONFIG_NAME} is not that of a model that is stored here",
        where=where,
        got=f"{name} {value:,}",
        expected=expected,
        hint="Weights and config.json are of different models, or the config is damaged.",
    )
