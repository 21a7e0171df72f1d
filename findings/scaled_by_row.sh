#!/usr/bin/env bash
# Llama 4 scales attention by a token's place in the row, whatever its position ids say.
#
# Likely guess: with position ids and a 4D mask that separates them, two sequences in one row get the numbers they have
#   alone, as in other models with rotary positions.
# Seen: layers without rotary positions scale their queries by the index in the row (attn_temperature_tuning). With a
#   mask and restarted position ids the second sequence differs by 2.0 nat; without the scaling it does not.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: packed rows and trees of labels are wrong from row 8,192 on (floor_scale; 8 here), rows padded on the
#   left by their padding, and any shorter test passes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - <<'PY'
import torch
from transformers import Llama4ForCausalLM, Llama4TextConfig

sizes = {
    "vocab_size": 64, "hidden_size": 32, "intermediate_size": 64, "intermediate_size_mlp": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 4, "head_dim": 8, "num_local_experts": 2, "pad_token_id": 0,
    "layer_types": ["full_attention"] * 2, "no_rope_layers": [0, 0], "floor_scale": 8, "attn_scale": 1.0,
    "initializer_range": 0.4,
}  # fmt: skip
difference = {}
for scaled in (False, True):
    torch.manual_seed(0)
    config = Llama4TextConfig(**sizes, attn_temperature_tuning=scaled)
    model = Llama4ForCausalLM._from_config(config, attn_implementation="sdpa").eval()
    first, second = torch.randint(1, 64, (2, 1, 12))
    may_attend = torch.block_diag(torch.ones(12, 12).tril(), torch.ones(12, 12).tril()).bool()[None, None]
    with torch.no_grad():
        alone = model(second, use_cache=False).logits[0].log_softmax(-1)
        row = model(
            torch.cat([first, second], dim=1),
            position_ids=torch.tensor([[*range(12), *range(12)]]),
            attention_mask=may_attend,
            use_cache=False,
        ).logits[0, 12:]
    difference[scaled] = (row.log_softmax(-1) - alone).abs().max().item()
    print(f"attn_temperature_tuning={scaled}: packed differs from alone by {difference[scaled]:.1e} nat")
assert difference[False] < 1e-3, "behavior changed: packing without scaling"
assert difference[True] > 0.1, "behavior changed: scaled by position"
PY
