#!/usr/bin/env bash
# A boolean 4D attention mask does not mask anything with eager attention.
#
# Likely guess: a custom 4D mask of booleans (true: may attend) means the same under every attention implementation,
#   or is refused.
# Seen: with "sdpa" two sequences in one row are separate, as the mask says. With "eager" the mask is added to the
#   attention scores as 0 and 1, so every token attends to every other, later ones included. No error, no warning.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: step labels and PRM scores from trees or packed rows rest on such masks; switching to eager (to read
#   attention weights, or for an old GPU) makes every score wrong by several nat.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - <<'PY'
import torch
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
    initializer_range=0.4,
)  # fmt: skip
model = LlamaForCausalLM(config).eval()
first, second = torch.randint(0, 64, (2, 1, 6))
row = torch.cat([first, second], dim=1)
positions = torch.tensor([[*range(6), *range(6)]])
may_attend = torch.block_diag(torch.ones(6, 6).tril(), torch.ones(6, 6).tril()).bool()[None, None]
added = torch.zeros(1, 1, 12, 12).masked_fill(~may_attend, torch.finfo(torch.float32).min)

difference = {}
with torch.no_grad():
    alone = model(second).logits[0].log_softmax(-1)
    for implementation in ("sdpa", "eager"):
        model.set_attn_implementation(implementation)
        for name, mask in (("boolean", may_attend), ("float", added)):
            packed = model(row, position_ids=positions, attention_mask=mask).logits[0, 6:].log_softmax(-1)
            difference[implementation, name] = (packed - alone).abs().max().item()
for (implementation, name), value in difference.items():
    print(f"{implementation:5} attention, {name:7} mask: differs from the sequence alone by {value:.1e} nat")
assert difference["sdpa", "boolean"] < 1e-3 and difference["eager", "float"] < 1e-3, "behavior changed"
assert difference["eager", "boolean"] > 1, "behavior changed: eager attention masks by booleans"
PY
