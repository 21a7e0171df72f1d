"""Tiny random models of families of every kind: experts, latent attention, recurrence, windows, no SDPA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tests.tiny_model as tiny

SIZES = {
    "vocab_size": 257, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 512,
    "pad_token_id": None, "bos_token_id": None, "eos_token_id": 256,
}  # fmt: skip
SMALL = {"vocab_size": 257, "hidden_size": 32, "eos_token_id": 256}
ROPE = {"rope_type": "default", "rope_theta": 1e4}
FULL = {**SIZES, "layer_types": ["full_attention"] * 2}
EXPERTS = {"num_experts_per_tok": 2, "moe_intermediate_size": 16}
DEEPSEEK = {
    **SIZES, **EXPERTS, "head_dim": 8, "num_key_value_heads": 4, "n_routed_experts": 8, "n_shared_experts": 1,
    "n_group": 2, "topk_group": 1, "first_k_dense_replace": 1, "q_lora_rank": 16, "kv_lora_rank": 12,
    "qk_rope_head_dim": 8, "qk_nope_head_dim": 16, "v_head_dim": 12,
}  # fmt: skip
CONFIGS = {
    "llama4_text": {
        **FULL, **EXPERTS, "num_local_experts": 4, "intermediate_size_mlp": 48, "no_rope_layers": [0, 0],
        "attn_temperature_tuning": True, "floor_scale": 4, "attn_scale": 1.0,
    },
    "deepseek_v3": DEEPSEEK,
    "cohere2": {**FULL, "logit_scale": 1.0},
    "olmo3": FULL,
    "gemma3_text": FULL,
    "qwen3_moe": {**SIZES, **EXPERTS, "num_experts": 8, "mlp_only_layers": [0]},
    "gpt_oss": {**FULL, **EXPERTS, "num_local_experts": 8, "rope_parameters": ROPE},
    "mamba": {**SMALL, "num_hidden_layers": 2, "state_size": 8},
    "bloom": {**SMALL, "n_layer": 2, "n_head": 4},
    "roberta": {
        **SMALL, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48, "pad_token_id": 1,
        "is_decoder": True,
    },
    "bart": {
        "vocab_size": 257, "d_model": 32, "decoder_layers": 2, "decoder_attention_heads": 4,
        "decoder_ffn_dim": 48, "encoder_layers": 2, "encoder_attention_heads": 4, "encoder_ffn_dim": 48,
        "eos_token_id": 256,
    },
    "bert": {**SMALL, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48},
}  # fmt: skip


def build(family: str) -> Any:
    """In eval mode, its distribution far from uniform."""
    import torch
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM

    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(CONFIG_MAPPING[family](**CONFIGS[family])).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(4.0)
    return model


def save(family: str, folder: Path) -> str:
    """Write model and tokenizer to a folder, and return it."""
    build(family).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return str(folder)
