#!/usr/bin/env bash
# Saved weights can be read by their owner only, whatever the umask.
#
# Likely guess: save_pretrained writes all files of a checkpoint with the mode that the umask gives (0644 under 022).
# Seen: config.json has 0644 and model.safetensors 0600; so has any file by safetensors' save_file. torch.save obeys the
#   umask.
# Versions: torch 2.13.0, transformers 5.23.0, safetensors 0.8.0.
# Why it matters: a PRM trained by one account and served by another (shared storage, a container's user) fails to load,
#   though the folder and its config open; copies that keep modes carry it along.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0 safetensors==0.8.0
umask 022
TRANSFORMERS_VERBOSITY=error venv/bin/python - 2>/dev/null <<'PY'
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForTokenClassification

config = LlamaConfig(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=4, num_labels=2
)
LlamaForTokenClassification(config).save_pretrained("prm")
save_file({"weight": torch.ones(2)}, "plain.safetensors")
torch.save({"weight": torch.ones(2)}, "plain.pt")
paths = ("prm/config.json", "prm/model.safetensors", "plain.safetensors", "plain.pt")
modes = {path: f"{Path(path).stat().st_mode & 0o777:04o}" for path in paths}
print("umask 022:", ", ".join(f"{path} {mode}" for path, mode in modes.items()))
assert list(modes.values()) == ["0644", "0600", "0600", "0644"], "behavior changed"
PY
