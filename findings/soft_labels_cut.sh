#!/usr/bin/env bash
# TRL's PRM trainer trains a step label of 0.9 as 0.
#
# Likely guess: probabilities as step labels are trained as soft targets, rounded, or refused.
# Seen: each label goes through int(), so 0.9, 0.75 and 0.5 all become the class 0 (wrong step); only 1.0 is right.
#   Nothing is logged. (TRL 1.13.0 still has the class and 1.16.0 has not.)
# Versions: torch 2.13.0, transformers 5.23.0, trl 1.13.0.
# Why it matters: rollout success rates are the most common step labels. A set of them trains a PRM that calls nearly
#   every step wrong.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0 trl==1.13.0
export HF_HOME="$work/cache" HF_DATASETS_DISABLE_PROGRESS_BARS=1
TRANSFORMERS_VERBOSITY=error TRL_EXPERIMENTAL_SILENCE=1 venv/bin/python - 2>errors.txt <<'PY' || { cat errors.txt; exit 1; }
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForTokenClassification, PreTrainedTokenizerFast
from trl.experimental.prm import PRMConfig, PRMTrainer

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
inner = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate([*alphabet, "<pad>"])}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>")
config = LlamaConfig(
    vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
    num_labels=2, pad_token_id=tokenizer.pad_token_id,
)  # fmt: skip
given = [1.0, 0.9, 0.75, 0.5, 0.0]
chain = {"prompt": "2 + 2?", "completions": [f"Step {i}." for i in range(len(given))], "labels": given}
trainer = PRMTrainer(
    model=LlamaForTokenClassification(config),
    args=PRMConfig(output_dir="out", use_cpu=True, report_to=[]),
    train_dataset=Dataset.from_list([chain]),
    processing_class=tokenizer,
)
(batch,) = trainer.get_train_dataloader()
trained = [label for label in batch["labels"][0].tolist() if label != -100]
print(f"labels given {given}, classes trained on {trained}")
assert trained == [1, 0, 0, 0, 0], "behavior changed"
PY
