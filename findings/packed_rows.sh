#!/usr/bin/env bash
# Packed sequences are kept apart only when the cache is turned off.
#
# Likely guess: position ids that start again at 0 either separate packed sequences or do not.
# Seen: without an attention mask and with use_cache=False the second sequence is scored as if it were alone. With the
#   default (a cache is made), or with a mask of ones, it attends to the first sequence: wrong by nats, no warning.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: training turns the cache off and scoring leaves it on, so packing that is tested in training gives
#   wrong step labels and PRM scores in evaluation.
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
packed = {"input_ids": torch.cat([first, second], dim=1), "position_ids": torch.tensor([[*range(6), *range(6)]])}
ones = torch.ones(1, 12, dtype=torch.long)
calls = {
    "use_cache=False": {"use_cache": False},
    "default": {},
    "use_cache=False and a mask of ones": {"use_cache": False, "attention_mask": ones},
}
difference = {}
with torch.no_grad():
    alone = model(second).logits[0].log_softmax(-1)
    for name, options in calls.items():
        scores = model(**packed, **options).logits[0, 6:].log_softmax(-1)
        difference[name] = (scores - alone).abs().max().item()
        print(f"{name}: differs from the sequence alone by {difference[name]:.1e} nat")
assert difference["use_cache=False"] < 1e-3, "behavior changed: not separated"
assert difference["default"] > 1, "behavior changed: separated in spite of the cache"
assert difference["use_cache=False and a mask of ones"] > 1, "behavior changed: separated in spite of the mask"
PY
