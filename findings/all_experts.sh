#!/usr/bin/env bash
# Llama 4 computes all of its experts for every token.
#
# Likely guess: as in every mixture of experts, a token is computed by the experts that its router chose.
# Seen: transformers repeats each token for all experts and scales what goes in by a score that is 0 for those not
#   chosen. The FLOPs are those of 16 experts whether num_experts_per_tok is 1 or 4; Mixtral's follow it.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: "17B active parameters" is what a serving engine computes. Labels or PRM scores made with it
#   cost what a dense model of all experts costs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - <<'PY'
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import Llama4ForCausalLM, Llama4TextConfig, MixtralConfig, MixtralForCausalLM

sizes = {
    "vocab_size": 64, "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 4, "head_dim": 16, "num_local_experts": 16, "pad_token_id": 0,
}  # fmt: skip
eager = {"attn_implementation": "eager", "experts_implementation": "eager"}
flops = {}
for kind, config in ((MixtralForCausalLM, MixtralConfig), (Llama4ForCausalLM, Llama4TextConfig)):
    for chosen in (1, 4):
        model = kind._from_config(config(**sizes, num_experts_per_tok=chosen), **eager).eval()
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(torch.arange(32)[None], use_cache=False)
        flops[kind.__name__, chosen] = counter.get_total_flops()
        print(f"{kind.__name__}, {chosen} of 16 experts per token: {flops[kind.__name__, chosen]:,} FLOPs")
assert flops["MixtralForCausalLM", 4] > 1.5 * flops["MixtralForCausalLM", 1], "behavior changed: Mixtral"
assert flops["Llama4ForCausalLM", 4] == flops["Llama4ForCausalLM", 1], "behavior changed: Llama 4 follows its router"
PY
