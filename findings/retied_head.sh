#!/usr/bin/env bash
# Adding one token to a model may replace its trained output head by the embeddings.
#
# Likely guess: resize_token_embeddings adds a row and leaves the log-probabilities of the other tokens as they are up
#   to that row; a model that was loaded with an output head of its own keeps it.
# Seen: transformers 5 keeps the stored head of a checkpoint whose config says tie_word_embeddings, if it differs from
#   the embeddings; loading_info is empty, and the config goes on saying that it is tied. The next resize, or a call of
#   tie_weights, follows the config: the head is the embeddings, without a message.
# Versions: torch 2.13.0, transformers 5.23.0.
# Why it matters: PRM layouts add a step token. Small models (Qwen2.5 to 3B, Llama 3.2, Gemma) are tied by their config,
#   and heads trained apart and merged (modules_to_save) come in such checkpoints: labels of the tuned model before the
#   resize and after it are of two different models.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 transformers==5.23.0
TRANSFORMERS_VERBOSITY=error venv/bin/python -W ignore - 2>/dev/null <<'PY'
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
tokens = torch.randint(0, 64, (1, 16))


def logprobs(model):
    with torch.no_grad():
        return model(tokens).logits[..., :64].log_softmax(-1)


def change(model, before):
    return (logprobs(model) - before).abs().max().item()


changes = {}
for head in ("tied", "of its own"):
    config = LlamaConfig(
        vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=4,
        tie_word_embeddings=True,
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    if head == "of its own":
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight + 0.02 * torch.randn(64, 32))
    trained = logprobs(model)
    model.save_pretrained(head)
    loaded, said = AutoModelForCausalLM.from_pretrained(head, output_loading_info=True)
    changes[head, "loading"] = change(loaded, trained)
    loaded.resize_token_embeddings(65, mean_resizing=False)
    changes[head, "resizing"] = change(loaded, trained)
    assert not any(said.values()) and loaded.config.tie_word_embeddings, "behavior changed: the report or the config"
    print(
        f"head {head:10}: loading changes a log-probability by {changes[head, 'loading']:.1e} nat at most, "
        f"then adding a token by {changes[head, 'resizing']:.1e}"
    )
assert changes["of its own", "loading"] < 1e-6, "behavior changed: the stored head is not kept"
assert changes["tied", "resizing"] < 1e-6 and changes["of its own", "resizing"] > 0.1, "behavior changed: resizing"
PY
