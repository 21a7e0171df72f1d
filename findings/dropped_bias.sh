#!/usr/bin/env bash
# A PRM opened as a sequence classifier loses the bias of its head and keeps the rest.
#
# Likely guess: a token classification checkpoint opens as sequence classification with the same head (both call it
#   "score"), or with an untrained head and a warning that it is new.
# Seen: score.weight is taken and score.bias is dropped as "can be ignored": the sequence class of Llama has no bias.
#   The head looks trained, and the same token gets another probability.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: reward servers and RL trainers open reward models by AutoModelForSequenceClassification. A PRM whose
#   bias holds the base rate of right steps (most steps are right) then scores around it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - 2>load.txt <<'PY'
import torch
from transformers import AutoModelForSequenceClassification, LlamaConfig, LlamaForTokenClassification

torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_labels=2,
    pad_token_id=0,
)  # fmt: skip
model = LlamaForTokenClassification(config).eval()
with torch.no_grad():
    model.score.bias[:] = torch.tensor([-1.5, 1.5])
model.save_pretrained("prm")
other, info = AutoModelForSequenceClassification.from_pretrained("prm", output_loading_info=True)
tokens = torch.randint(1, 64, (1, 8))
with torch.no_grad():
    token = model(tokens).logits[0, -1].softmax(-1)[1].item()
    sequence = other(tokens).logits[0].softmax(-1)[1].item()
print(f"P(correct) of the last token: {token:.3f} as token, {sequence:.3f} as sequence classification")
print(f"dropped: {sorted(info['unexpected_keys'])}; newly initialized: {sorted(info['missing_keys'])}")
assert torch.equal(model.score.weight, other.score.weight) and other.score.bias is None, "behavior changed: head"
assert not info["missing_keys"] and token - sequence > 0.3, "behavior changed: score"
PY
