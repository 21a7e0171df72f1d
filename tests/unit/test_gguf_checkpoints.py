"""GGUF files that lack tensors, or hold some that transformers does not read, are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers")
pytest.importorskip("gguf")

import gguf
import numpy as np
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from cpmi.engines.transformers.checkpoint import read_checkpoint, read_config
from cpmi.engines.transformers.locate import locate_model
from cpmi.errors import CheckpointError

TOP = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
PARTS = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
}  # fmt: skip


def name_of(tensor: str) -> str:
    stem = tensor.removesuffix(".weight")
    if stem in TOP:
        return f"{TOP[stem]}.weight"
    _, _, layer, part = stem.split(".", 3)
    return f"blk.{layer}.{PARTS[part]}.weight"


def write(
    file: Path, *, lost: str = "", extra: str = "", scaling: str = "", file_type: int | None = None
) -> str:
    config = LlamaConfig(
        vocab_size=16, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2
    )
    out: Any = gguf.GGUFWriter(str(file), "llama")
    out.add_block_count(2)
    out.add_context_length(64)
    out.add_embedding_length(32)
    out.add_feed_forward_length(32)
    out.add_head_count(2)
    out.add_head_count_kv(2)
    out.add_layer_norm_rms_eps(1e-6)
    out.add_rope_freq_base(10000.0)
    out.add_vocab_size(16)
    if file_type is not None:
        out.add_file_type(file_type)
    if scaling:
        out.add_string("llama.rope.scaling.type", scaling)
    for tensor, value in LlamaForCausalLM(config).state_dict().items():
        if name_of(tensor) != lost:
            out.add_tensor(name_of(tensor), value.numpy())
    if extra:
        out.add_tensor(extra, np.ones(8, np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return str(file)


def read(file: str, ignore_keys: str | None = None) -> Any:
    source = locate_model(file)
    config = read_config(source)
    return read_checkpoint(
        source, AutoModelForCausalLM, config=config, dtype=torch.float32, ignore_keys=ignore_keys
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lost": "blk.1.attn_q.weight"}, "q_proj"),
        ({"lost": "output_norm.weight"}, r"model\.norm"),
        ({"extra": "rope_freqs.weight"}, r"rope_freqs\.weight"),
        ({"extra": "blk.0.attn_q.bias"}, r"attn_q\.bias"),
        ({"scaling": "yarn"}, "yarn"),
    ],
)
def test_a_gguf_file_that_is_not_read_whole(
    changes: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    read(write(tmp_path / "whole.gguf"))
    broken = write(tmp_path / "broken.gguf", **changes)
    with pytest.raises(CheckpointError, match=said):
        read(broken)
    if "extra" in changes:
        read(broken, ignore_keys="rope_freqs|bias")


@pytest.mark.parametrize(
    ("file_type", "said"),
    [(15, "Q4_K_M"), (7, "Q8_0"), (0, "F32"), (999, "file type 999"), (None, "does not name")],
)
def test_the_quantization_is_named(
    file_type: int | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = read(write(tmp_path / "model.gguf", file_type=file_type)).facts["quantization"]
    assert said in found
