#!/usr/bin/env bash
# A generation config of one's own does not replace the checkpoint's.
#
# Likely guess: generate(generation_config=...) samples by that config; what it leaves out has the library's default.
# Seen: what it leaves out comes from the checkpoint's generation_config.json. With a repetition penalty of 1.5 there, a
#   greedy generate differs from taking the most probable token; with top_k=1 there, sampling at temperature 1 keeps one
#   token of 64.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: many instruct checkpoints ship such values (Qwen2.5: 1.05 to 1.1, top_k 20). Rollouts then come from
#   another distribution than the one that is scored, and success rates measure the penalty, too.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - <<'PY'
import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
    initializer_range=0.4, eos_token_id=None, bos_token_id=None, pad_token_id=0,
)  # fmt: skip
model = LlamaForCausalLM(config).eval()
prompt = torch.randint(1, 64, (1, 8))
by_hand = prompt
with torch.no_grad():
    for _ in range(12):
        by_hand = torch.cat([by_hand, model(by_hand).logits[:, -1:].argmax(-1)], dim=1)

greedy = GenerationConfig(do_sample=False, max_new_tokens=12)
plain = model.generate(prompt, generation_config=greedy)
model.generation_config.repetition_penalty = 1.5
penalized = model.generate(prompt, generation_config=greedy)
print(f"tokens as by hand: {(plain == by_hand).sum() - 8} of 12, {(penalized == by_hand).sum() - 8} with the penalty")

model.generation_config = GenerationConfig(top_k=1)
sampling = GenerationConfig(do_sample=True, max_new_tokens=1, output_scores=True, return_dict_in_generate=True)
left = torch.isfinite(model.generate(prompt, generation_config=sampling).scores[0]).sum().item()
print(f"tokens that sampling leaves: {left} of 64")
assert torch.equal(plain, by_hand), "behavior changed: greedy"
assert not torch.equal(penalized, by_hand) and left == 1, "behavior changed: the given config is used alone"
PY
