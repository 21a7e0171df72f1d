#!/usr/bin/env bash
# A Trainer that resumes a mixture of experts goes on with the untrained experts.
#
# Likely guess: resume_from_checkpoint restores all weights, as it does for dense models, or fails.
# Seen: checkpoints hold every expert by itself, in the form of the hub; in memory the experts of a layer are one tensor.
#   The Trainer copies by name, so experts and router keep what they had before training, with two lines in the log.
#   Steps, schedule and the optimizer's state go on. A dense model ends with the weights of a run that was not interrupted.
# Versions: torch 2.13.0, transformers 5.23.0, accelerate 1.15.0.
# Why it matters: PRMs are trained from such bases (Mixtral, Qwen3 MoE) in jobs that are interrupted. The loss goes on
#   nearly where it was, and most of the model is that of the base.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0 accelerate==1.15.0
TRANSFORMERS_VERBOSITY=error venv/bin/python -W ignore - 2>/dev/null <<'PY'
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    Trainer,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_callback import PrinterCallback

SIZES = dict(vocab_size=64, hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=4)
tokens = torch.randint(0, 64, (16, 16), generator=torch.Generator().manual_seed(0))
rows = [{"input_ids": row, "labels": row} for row in tokens]


def made(kind):
    set_seed(0)
    if kind == "experts":
        return MixtralForCausalLM(MixtralConfig(**SIZES, num_key_value_heads=2, num_local_experts=4))
    return LlamaForCausalLM(LlamaConfig(**SIZES))


def trained(kind, resume=None):
    model = made(kind)
    arguments = TrainingArguments(
        output_dir=kind, num_train_epochs=2, per_device_train_batch_size=4, save_strategy="epoch", use_cpu=True,
        learning_rate=1e-2, report_to="none", disable_tqdm=True, logging_strategy="no",
    )  # fmt: skip
    trainer = Trainer(model=model, args=arguments, train_dataset=rows)
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=resume)
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def furthest(one, other):
    return max((one[name] - other[name]).abs().max().item() for name in one)


away = {}
for kind in ("dense", "experts"):
    whole, resumed = trained(kind), trained(kind, resume=f"{kind}/checkpoint-4")
    away[kind] = furthest(whole, resumed)
    moved = furthest(whole, made(kind).state_dict())
    print(f"{kind:7}: resumed weights differ from uninterrupted ones by {away[kind]:.1e} (training moved them {moved:.1e})")
assert away["dense"] < 1e-6 and away["experts"] > 1e-2, "behavior changed"
PY
