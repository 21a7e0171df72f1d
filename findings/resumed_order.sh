#!/usr/bin/env bash
# A training resumed in its second epoch sees other batches when it groups by length.
#
# Likely guess: a Trainer with a fixed seed that resumes from its checkpoint goes through the batches that are left.
# Seen: with the default sampler it does. With train_sampling_strategy="group_by_length" and a resume inside the second
#   epoch, skipped batches and remaining ones come from two different orders: some examples come twice in that epoch,
#   and others not at all. Inside the first epoch the order is right, so a short test passes.
# Versions: torch 2.13.0, transformers 5.23.0, accelerate 1.15.0.
# Why it matters: chains differ much in length, so PRM training groups by it, and long runs are interrupted. The resumed
#   run is not the one that was begun, and some labels of the epoch are never trained on.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0 accelerate==1.15.0
cat > run.py <<'PY'
import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import LlamaConfig, LlamaForTokenClassification, Trainer, TrainerCallback, TrainingArguments

rows = [torch.full((4 + i % 7,), 1 + i) for i in range(24)]  # row i holds the token 1 + i


def collate(batch):
    tokens = pad_sequence([row["input_ids"] for row in batch], batch_first=True)
    return {"input_ids": tokens, "labels": torch.where(tokens > 0, 1, -100), "attention_mask": (tokens > 0).long()}


class Stop(TrainerCallback):
    def __init__(self, at):
        self.at = at

    def on_step_end(self, args, state, control, **kwargs):
        control.should_training_stop = state.global_step == self.at


class Recorder(Trainer):
    def training_step(self, model, inputs, *args, **kwargs):
        self.batches.append([row - 1 for row in inputs["input_ids"][:, 0].tolist()])
        return super().training_step(model, inputs, *args, **kwargs)


def batches(strategy, folder, stop=0, resume=None):
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, num_labels=2
    )
    arguments = TrainingArguments(
        output_dir=folder, per_device_train_batch_size=2, num_train_epochs=2, use_cpu=True, report_to=[], seed=3,
        save_steps=6, disable_tqdm=True, logging_strategy="no", train_sampling_strategy=strategy,
    )  # fmt: skip
    data = [{"input_ids": row} for row in rows]
    trainer = Recorder(
        LlamaForTokenClassification(config), arguments, train_dataset=data, data_collator=collate, callbacks=[Stop(stop)]
    )
    trainer.batches = []
    trainer.train(resume_from_checkpoint=resume)
    return trainer.batches


for strategy, expected in (("random", True), ("group_by_length", False)):
    whole = batches(strategy, f"{strategy}-whole")
    parts = batches(strategy, f"{strategy}-parts", stop=18)
    parts += batches(strategy, f"{strategy}-parts", resume=f"{strategy}-parts/checkpoint-18")
    seen = {row for batch in parts[12:] for row in batch}
    print(f"RESULT {strategy}: same batches {parts == whole}, {len(seen)} of 24 examples seen in the second epoch")
    assert len(parts) == 24 and (parts == whole) == expected == (len(seen) == 24), "behavior changed"
PY
TRANSFORMERS_VERBOSITY=error venv/bin/python run.py 2>errors.txt >all.txt || { cat all.txt errors.txt; exit 1; }
sed -n 's/^RESULT //p' all.txt
