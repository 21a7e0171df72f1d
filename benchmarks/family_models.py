"""A tiny random model of every causal family of the installed transformers, made from its config class."""

from __future__ import annotations

from typing import Any

import torch
from transformers import CONFIG_MAPPING, AutoModelForCausalLM
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

FAMILIES: tuple[str, ...] = tuple(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
VOCABULARY = 257
WINDOW = 24  # of whatever has one: the trees of the sweep are longer

_PARTS = (
    "text_config", "decoder", "vision_config", "encoder_config", "decoder_config", "global_config",
    "patcher_config",
)  # fmt: skip
_HIDDEN = ("hidden_size", "n_embd", "d_model", "dim")
_LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "decoder_layers")
_HEADS = (
    "num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads",
    "decoder_attention_heads",
)  # fmt: skip
_INNER = (
    "intermediate_size", "ffn_dim", "n_inner", "d_ff", "decoder_ffn_dim", "encoder_ffn_dim",
    "ffn_hidden_size",
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
    **dict.fromkeys(
        ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "top_k_experts"), 2
    ),
    **dict.fromkeys(("n_group", "topk_group", "num_expert_group"), 1),
    "expert_ffn_hidden_size": 24,
    "moe_intermediate_size": 24,
    "shared_expert_intermediate_size": 24,
    "max_position_embeddings": 512,
    "n_positions": 512,
    **dict.fromkeys(_WINDOWS, WINDOW),
    "index_n_heads": 32,  # with few heads all scores of a token may be 0, and ties are broken by later tokens
    "index_head_dim": 16,
    "index_topk": 16,
    **dict.fromkeys(("mamba_n_heads", "mamba_num_heads"), 8),
    **dict.fromkeys(("mamba_d_head", "mamba_head_dim"), 16),
    **dict.fromkeys(("mamba_d_state", "ssm_state_size", "state_size"), 16),
    **dict.fromkeys(("mamba_chunk_size", "chunk_size"), 16),
    "mamba_d_ssm": 128,
    "linear_head_dim": 16,
    "linear_num_heads": 4,
    "hidden_size_per_layer_input": 16,
    "hidden_size_global": 64,
    "cross_attn_k": 1,
    "encoder_hash_byte_group_vocab": VOCABULARY,
    "vocab_size_per_layer_input": VOCABULARY,
}
_MLA = {
    "q_lora_rank": 24, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 16, "v_head_dim": 12,
    "num_key_value_heads": 4,
}  # fmt: skip
_ROPE = {"rope_type": "default", "rope_theta": 1e4}

_QWEN4 = {
    "indexer_n_heads": 32, "indexer_kv_heads": 1, "indexer_head_dim": 16, "indexer_budget": 16,
    "indexer_compress_ratio": 4,
}  # fmt: skip
OVERRIDES: dict[str, dict[str, Any]] = {
    "bailing_hybrid": {"layer_group_size": 2},
    "bamba": {"attn_layer_indices": [1, 3]},
    "codegen": {"rotary_dim": 8},
    "cohere": {"logit_scale": 1.0},
    "cohere2": {"logit_scale": 1.0},
    "cohere2_moe": {"logit_scale": 1.0},
    "cohere_compass_text": {"rope_parameters": {"full_attention": _ROPE, "sliding_attention": _ROPE}},
    "dbrx": {
        "attn_config": {"kv_n_heads": 2, "rope_theta": 1e4, "clip_qkv": 8.0},
        "ffn_config": {"hidden_size": 64, "ffn_hidden_size": 48, "moe_num_experts": 4, "moe_top_k": 2},
    },
    "deepseek_v2": {"n_routed_experts": 4, "num_experts_per_tok": 2},
    "dots1": {"n_routed_experts": 4, "n_shared_experts": 1, "num_experts_per_tok": 2},
    "gemma3n_text": {"layer_types": ["sliding_attention", "full_attention"] * 2, "num_kv_shared_layers": 2},
    "gpt_neo": {"attention_types": [[["global", "local"], 2]]},
    "gptj": {"rotary_dim": 8},
    "granitemoehybrid": {"layer_types": ["mamba", "attention"] * 2},
    "hunyuan_v1_dense": {"head_dim": 16},
    "hunyuan_v1_moe": {"head_dim": 16},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1},
    "lfm2_moe": {"layer_types": ["conv", "full_attention"] * 2, "num_dense_layers": 1},
    "longcat_flash": {"head_dim": 8, "zero_expert_num": 2},
    "mamba2": {"num_heads": 8, "n_groups": 2},
    "ministral": {"head_dim": 16},
    "nemotron": {"head_dim": 16, "num_key_value_heads": 2},
    "qwen4_exp_text": _QWEN4,
    "reformer": {"axial_pos_embds_dim": [16, 48], "axial_pos_shape": [16, 32]},
    "xlm": {"causal": True},
    "xmod": {"languages": ["en_XX"], "default_language": "en_XX"},
    "zamba": {"num_hidden_layers": 6, "attn_layer_period": 3, "attn_layer_offset": 1},
    "zamba2": {"num_hidden_layers": 54},
    "zaya": {"num_experts_per_tok": 1},
}
"""What a family needs beside SIZES."""

NOT_TEXT = {
    "gemma4_assistant": "drafts for another model, whose keys and values it reads",
    "gemma4_unified_assistant": "drafts for another model, whose keys and values it reads",
    "musicgen": "generates audio codes in four codebooks, no text",
    "musicgen_melody": "generates audio codes in four codebooks, no text",
}

SCALES = {"inkling_text": 20.0}
"""By which factor its random weights grow, where 3 leaves the distribution close to uniform."""


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
    if "is_decoder" in defaults:
        chosen["is_decoder"] = True  # else a BERT reads what comes later
    return {**chosen, **OVERRIDES.get(family, {})}


def tiny_config(family: str) -> Any:
    """A small config of the family, its nested text config included."""
    kind = CONFIG_MAPPING[family]
    defaults = kind()
    chosen = sizes_for(defaults.to_dict(), family)
    for part in _PARTS:
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
                parameter.mul_(SCALES.get(family, 3.0))
    return model


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
