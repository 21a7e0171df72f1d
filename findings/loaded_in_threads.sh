#!/usr/bin/env bash
# Two threads that load models at the same time break every later load of the process.
#
# Likely guess: `from_pretrained` is safe in threads, or fails in the thread that was disturbed.
# Seen: of 40 loads in pairs most return a model whose tied output head is on the meta device, named as missing; and so does
#   every load after them, alone, in the same process. Before, and with a lock around `from_pretrained`, all are right.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: a labeling model and a reward model that a server or a notebook loads side by side have no head; the error
#   comes at the first use of a logit, and restarting the load does not help.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0
cat > loads.py <<'PY'
import sys
import threading
from contextlib import nullcontext

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
lock = threading.Lock() if sys.argv[1] == "locked" else nullcontext()
torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=200, hidden_size=64, intermediate_size=128, num_hidden_layers=6, num_attention_heads=4,
    num_key_value_heads=4, tie_word_embeddings=True,
)
LlamaForCausalLM(config).save_pretrained("model")


def is_whole():
    with lock:
        model, report = AutoModelForCausalLM.from_pretrained("model", output_loading_info=True)
    on_meta = any(weight.is_meta for weight in model.parameters())
    assert on_meta == ("lm_head.weight" in report["missing_keys"])
    return not on_meta


def in_pairs(rounds):
    found = []
    for _ in range(rounds):
        pair = [threading.Thread(target=lambda: found.append(is_whole())) for _ in range(2)]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
    return found


before, together, after = [is_whole() for _ in range(5)], in_pairs(20), [is_whole() for _ in range(5)]
print(f"{sys.argv[1]}: whole before {sum(before)} of 5, in pairs {sum(together)} of 40, afterwards {sum(after)} of 5")
assert all(before) and len(together) == 40
if sys.argv[1] == "locked":
    assert all(together) and all(after), "behavior changed: with a lock"
else:
    assert sum(together) < 40 and not any(after), "behavior changed: without a lock"
PY
venv/bin/python loads.py locked
venv/bin/python loads.py free
