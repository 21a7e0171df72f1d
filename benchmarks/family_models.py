"""A tiny random model of every causal family of the installed transformers, made from its config class."""

from __future__ import annotations

from typing import Any

import torch
from transformers import CONFIG_MAPPING, AutoModelForCausalLM
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

FAMILIES: tuple[str, ...] = tuple(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
VOCABULARY = 257
WINDOW = 24  # of whatever has one: the trees of the sweep are longer

_HIDDEN = ("hidden_size", "n_embd", "d_model", "dim")
_LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "decoder_layers")
_HEADS = (
    "num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads", "decoder_attention_heads",
)  # fmt: skip
_INNER = (
    "intermediate_size", "ffn_dim", "n_inner", "d_ff", "decoder_ffn_dim", "encoder_ffn_dim", "ffn_hidden_size",
)  # fmt: skip
_EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
_WINDOWS = (
    "sliding_window", "attention_chunk_size", "floor_scale", "log_scaling_n_floor", "window_size",
    "local_window_size", "attention_window_size",
)  # fmt: skip
SIZES: dict[str, int] = {
    "vocab_size": VOCABULARY,
    **dict.fromkeys(_HIDDEN, 64),
    **dict.fromkeys(_LAYERS, 4),
    **dict.fromkeys(_HEADS, 4),
    "num_key_value_heads": 2,
    "head_dim": 16,
    **dict.fromkeys(_INNER, 48),
    **dict.fromkeys(_EXPERTS, 4),
    "num_experts_per_tok": 2,
    "moe_topk": 2,
    "moe_intermediate_size": 24,
    "shared_expert_intermediate_size": 24,
    "max_position_embeddings": 512,
    "n_positions": 512,
    **dict.fromkeys(_WINDOWS, WINDOW),
}
_MLA = {
    "q_lora_rank": 24, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 16, "v_head_dim": 12,
    "n_group": 1, "topk_group": 1, "num_key_value_heads": 4,
}  # fmt: skip

OVERRIDES: dict[str, dict[str, Any]] = {}
"""What a family needs beside SIZES; a value of None takes a size away."""


def sizes_for(defaults: dict[str, Any], family: str) -> dict[str, Any]:
    """The small values for those of a config's fields that are sizes."""
    table: dict[str, Any] = dict(SIZES)
    if isinstance(defaults.get("qk_rope_head_dim"), int):
        table.update(_MLA)
        del table["head_dim"]
    chosen = {name: table[name] for name, value in defaults.items() if name in table and _is_size(value)}
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        if isinstance(defaults.get(name), int | list):
            chosen[name] = 1
    chosen.update(OVERRIDES.get(family, {}))
    return {name: value for name, value in chosen.items() if value is not ...}


def tiny_config(family: str) -> Any:
    """A small config of the family, its nested text config included."""
    kind = CONFIG_MAPPING[family]
    defaults = kind()
    chosen = sizes_for(defaults.to_dict(), family)
    for part in ("text_config", "decoder", "vision_config"):
        nested = getattr(defaults, part, None)
        if hasattr(nested, "to_dict") and part not in chosen:
            own = sizes_for(nested.to_dict(), nested.model_type)
            chosen[part] = {**own, "model_type": nested.model_type}
    return kind(**chosen)


def tiny_model(family: str) -> Any:
    """A random model in float32 and eval mode whose distribution is far from uniform."""
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(tiny_config(family), dtype=torch.float32).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                # Some are zero until they are trained; with them a gate or router would prove nothing.
                if not parameter.any():
                    parameter.normal_(std=0.02)
                parameter.mul_(3.0)
    return model


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
