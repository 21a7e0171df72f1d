#!/usr/bin/env bash
# Moshi forgets what its window leaves out when it generates, and not when it scores.
#
# Likely guess: a sliding window in the config holds for attention with and without a cache, or for neither.
# Seen: the mask is a full one, and the cache drops what lies behind the window: from position 8 on (window 8) the
#   logits of cached decoding differ from those of one forward pass by up to 11 nat. No error, no warning.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: rollouts then come from another distribution than the one whose log-probabilities label the steps. A
#   test shorter than the window (3,000 by default) passes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - <<'PY'
import torch
from transformers import MoshiConfig, MoshiForCausalLM

torch.manual_seed(0)
config = MoshiConfig(
    vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, ffn_dim=64, sliding_window=8,
    initializer_range=0.4, audio_vocab_size=16,
)  # fmt: skip
model = MoshiForCausalLM(config).eval()
tokens = torch.randint(0, 64, (1, 24))
with torch.no_grad():
    whole = model(tokens, use_cache=False).logits[0].log_softmax(-1)
    steps, cache = [], None
    for token in tokens.split(1, dim=1):
        out = model(token, past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        steps.append(out.logits[0, -1].log_softmax(-1))
difference = (torch.stack(steps) - whole).abs().amax(-1)
inside, behind = difference[:8].max().item(), difference[8:].max().item()
print(f"cached decoding against one forward: {inside:.1e} nat inside the window, {behind:.1f} nat behind it")
assert inside < 1e-3, "behavior changed inside the window"
assert behind > 1, "behavior changed: cache and mask agree"
PY
