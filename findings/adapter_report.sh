#!/usr/bin/env bash
# With an adapter in the folder, the report of loading no longer says which weights are new.
#
# Likely guess: from_pretrained(..., output_loading_info=True) names every weight that was drawn at random, whether or
#   not an adapter is loaded on top of the model.
# Seen: a language model opened as token classification has a new head, and the report says so. With the config of an
#   adapter in the same folder the report is that of the adapter alone: nothing is missing, and the head is random all
#   the same, another one at every call.
# Versions: torch 2.13.0, transformers 5.23.0, peft 0.21.0.
# Why it matters: PRMs are often trained as adapters. A check of missing_keys, which guards against scoring by an
#   untrained head, passes for an adapter whose head was not saved.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0 peft==0.21.0
TRANSFORMERS_VERBOSITY=error venv/bin/python -W ignore - 2>/dev/null <<'PY'
import shutil

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForTokenClassification, LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=4, pad_token_id=0
)
LlamaForCausalLM(config).save_pretrained("alone")
body = LlamaForCausalLM.from_pretrained("alone")
shutil.copytree("alone", "with_adapter")
get_peft_model(body, LoraConfig(target_modules=["q_proj"])).save_pretrained("with_adapter")

said, heads = {}, {}
for folder in ("alone", "with_adapter"):
    loaded = [AutoModelForTokenClassification.from_pretrained(folder, output_loading_info=True) for _ in range(2)]
    said[folder] = sorted(loaded[0][1]["missing_keys"])
    heads[folder] = [model.score.weight.detach() for model, _ in loaded]
    same = torch.equal(*heads[folder])
    print(f"{folder:12} missing_keys: {said[folder]}; the head of two calls is {'the same' if same else 'not the same'}")
assert said["alone"] == ["score.bias", "score.weight"], "behavior changed: a new head is not reported"
assert said["with_adapter"] == [], "behavior changed: the report names new weights below an adapter"
assert not torch.equal(*heads["with_adapter"]), "behavior changed: the head is not random"
PY
