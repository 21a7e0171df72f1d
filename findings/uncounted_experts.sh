#!/usr/bin/env bash
# torch's FLOP counter sees a quarter of a mixture of experts.
#
# Likely guess: FlopCounterMode counts the matrix products of a forward pass, whichever kernels compute them.
# Seen: transformers runs experts by grouped products and attention by the fused kernel of the processor; the counter
#   has a formula for neither and leaves both out: 4.98 of 19.66 million FLOPs. With eager attention and eager
#   experts all are counted. Summing over nn.Linear is no way out: experts and routers are plain parameters.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: the cost of labeling with Qwen3-30B-A3B or gpt-oss, measured so, comes out several times too low.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - <<'PY'
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import Qwen3MoeConfig, Qwen3MoeForCausalLM

config = Qwen3MoeConfig(
    vocab_size=64, hidden_size=64, moe_intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=4, head_dim=16, num_experts=16, num_experts_per_tok=4,
)  # fmt: skip
tokens = torch.arange(64)[None]


def counted(**implementations):
    model = Qwen3MoeForCausalLM._from_config(config, **implementations).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(tokens, use_cache=False)
    return counter.get_total_flops(), model


default, model = counted()
attention, _ = counted(attn_implementation="eager")
truth, _ = counted(attn_implementation="eager", experts_implementation="eager")
linear = sum(module.weight.numel() for module in model.modules() if isinstance(module, torch.nn.Linear))
print(f"default: {default:,}; eager attention: {attention:,}; eager experts too: {truth:,}")
print(f"weights in nn.Linear: {linear:,} of {model.num_parameters():,}")
assert default < 0.3 * truth and default < attention < 0.4 * truth, "behavior changed"
assert linear < 0.1 * model.num_parameters(), "behavior changed: experts are linear layers"
PY
