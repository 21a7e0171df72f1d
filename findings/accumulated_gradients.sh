#!/usr/bin/env bash
# Gradient accumulation multiplies the gradients of a token classification model.
#
# Likely guess: 1 batch of 8 and 8 accumulated batches of 1 give the same gradient, as the Trainer averages over
#   the accumulation steps.
# Seen: with LlamaForTokenClassification the gradient is 2, 4, 8 times as large for 2, 4, 8 accumulation steps, and so
#   is the logged loss. The model's forward takes keyword arguments, from which the Trainer concludes that its loss is
#   already divided by the number of items; the loss of this head takes a plain mean.
# Versions: torch 2.13.0, transformers 5.23.0, accelerate 1.15.0.
# Why it matters: PRMs are token classification models, and long chains are trained with small batches and
#   accumulation. Gradient clipping then decides the step size, and loss curves cannot be compared.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0 accelerate==1.15.0
TRANSFORMERS_VERBOSITY=error venv/bin/python - <<'PY' | grep '^8 rows'
import torch
from transformers import LlamaConfig, LlamaForTokenClassification, Trainer, TrainerCallback, TrainingArguments

draw = torch.Generator().manual_seed(1)
rows = [
    {
        "input_ids": torch.randint(1, 64, (10,), generator=draw),
        "attention_mask": torch.ones(10, dtype=torch.long),
        "labels": torch.randint(0, 2, (10,), generator=draw),
    }
    for _ in range(8)
]


class GradientNorm(TrainerCallback):
    def on_pre_optimizer_step(self, args, state, control, model=None, **kwargs):
        self.norm = torch.sqrt(sum((p.grad**2).sum() for p in model.parameters() if p.grad is not None)).item()


def first_step(accumulation):
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_labels=2, classifier_dropout=0.0, pad_token_id=0,
    )  # fmt: skip
    seen = GradientNorm()
    arguments = TrainingArguments(
        output_dir="out", use_cpu=True, report_to=[], save_strategy="no", disable_tqdm=True, max_steps=1,
        max_grad_norm=0.0, per_device_train_batch_size=8 // accumulation, gradient_accumulation_steps=accumulation,
    )  # fmt: skip
    trainer = Trainer(LlamaForTokenClassification(config), arguments, train_dataset=rows, callbacks=[seen])
    loss = trainer.train().training_loss
    return seen.norm, loss


results = {accumulation: first_step(accumulation) for accumulation in (1, 2, 4, 8)}
for accumulation, (norm, loss) in results.items():
    print(f"8 rows, {accumulation} accumulation steps: gradient norm {norm:.3f}, logged loss {loss:.3f}")
for accumulation, (norm, loss) in results.items():
    assert abs(norm / results[1][0] - accumulation) < 0.01 * accumulation, "behavior changed: gradient"
    assert abs(loss / results[1][1] - accumulation) < 0.01 * accumulation, "behavior changed: loss"
PY
