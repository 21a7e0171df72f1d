#!/usr/bin/env bash
# transformers reads a GGUF of Llama 3.1 or later without its rotary scaling.
#
# Likely guess: a GGUF file without quantization gives the log-probabilities of the model that it was made from, or
#   names what it could not use.
# Seen: llama.cpp stores the frequency factors of rope type "llama3" as a tensor, rope_freqs.weight. transformers drops
#   it before the report of loading is made: no key is unexpected, the config says rope type "default", and the model
#   differs from the first tokens on. Without scaling the same file is read exactly.
# Versions: torch 2.13.0, transformers 5.23.0, gguf 0.19.0, accelerate 1.15.0.
# Why it matters: small labeling models are handed around as GGUF files, Llama 3.1 and 3.2 among them. Their step labels
#   then come from a model that nobody trained; what is sampled still reads well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0 gguf==0.19.0 accelerate==1.15.0
TRANSFORMERS_VERBOSITY=error venv/bin/python -W ignore - 2>/dev/null <<'PY'
import numpy as np
import torch
from gguf import GGUFWriter
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

BASE = 500_000.0
NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output", "q_proj": "attn_q",
    "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output", "gate_proj": "ffn_gate", "up_proj": "ffn_up",
    "down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
}  # fmt: skip


def write(model, file, factors):
    """As llama.cpp's converter does for Llama."""
    out = GGUFWriter(file, "llama")
    out.add_block_count(2), out.add_context_length(512), out.add_embedding_length(128), out.add_vocab_size(64)
    out.add_feed_forward_length(64), out.add_head_count(2), out.add_head_count_kv(2), out.add_rope_dimension_count(64)
    out.add_layer_norm_rms_eps(1e-6), out.add_rope_freq_base(BASE)
    for key, value in model.state_dict().items():
        stem, values = key.removesuffix(".weight"), value.numpy()
        name = NAMES.get(stem) or f"blk.{stem.split('.')[2]}.{NAMES[stem.split('.')[-1]]}"
        if stem.endswith(("q_proj", "k_proj")):  # rotary pairs side by side
            values = values.reshape(2, 2, 32, 128).swapaxes(1, 2).reshape(128, 128)
        out.add_tensor(f"{name}.weight", np.ascontiguousarray(values))
    if factors is not None:
        out.add_tensor("rope_freqs.weight", factors.numpy())
    out.write_header_to_file(), out.write_kv_data_to_file(), out.write_tensors_to_file(), out.close()


torch.manual_seed(0)
scaled = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
scaled |= {"original_max_position_embeddings": 64}
tokens = torch.randint(0, 64, (1, 200))
largest = {}
for name, rope in (("default", {"rope_type": "default"}), ("llama3", scaled)):
    config = LlamaConfig(
        vocab_size=64, hidden_size=128, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=512, initializer_range=0.1, rope_parameters={**rope, "rope_theta": BASE},
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    plain = 1 / BASE ** (torch.arange(0, 64, 2) / 64)
    write(model, f"{name}.gguf", None if name == "default" else plain / model.model.rotary_emb.inv_freq)
    read, said = AutoModelForCausalLM.from_pretrained(
        ".", gguf_file=f"{name}.gguf", dtype=torch.float32, output_loading_info=True
    )
    with torch.no_grad():
        largest[name] = (model(tokens).logits.log_softmax(-1) - read(tokens).logits.log_softmax(-1)).abs().max().item()
    print(
        f"rope {name:8} read as {read.config.rope_parameters['rope_type']}: {largest[name]:.1e} nat at most, "
        f"unexpected keys: {len(said['unexpected_keys'])}"
    )
    assert not any(said.values()), "behavior changed: the report names something"
assert largest["default"] < 1e-4 and largest["llama3"] > 0.1, "behavior changed"
PY
