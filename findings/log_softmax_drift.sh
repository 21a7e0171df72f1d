#!/usr/bin/env bash
# float32 log_softmax on a processor errs to one side, and sums of log-probabilities drift.
#
# Likely guess: log_softmax(x) and x - logsumexp(x) agree up to rounding, with errors of both signs that cancel in sums.
# Seen: over a vocabulary of 49,152, log_softmax is biased: its mean error is about 1e-6 nat a token (how much depends
#   on the vector instructions) and that of x - logsumexp(x) below 1e-7. Over 1,000 tokens the first adds up.
# Versions: torch 2.13.0.
# Why it matters: step labels are differences of summed log-probabilities. Two paths that normalize differently disagree
#   in proportion to the length, which looks like a bug in a mask or in positions.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'PY'
import torch

torch.manual_seed(0)
errors = {"log_softmax": [], "x - logsumexp": []}
for _ in range(10):
    logits = 3 * torch.randn(100, 49152)
    exact = logits.double().logsumexp(-1)
    chosen = logits[:, 0]
    errors["log_softmax"].append(logits.log_softmax(-1)[:, 0].double() - (chosen.double() - exact))
    errors["x - logsumexp"].append((chosen - logits.logsumexp(-1)).double() - (chosen.double() - exact))
mean = {}
for name, parts in errors.items():
    error = torch.cat(parts)
    mean[name] = error.mean().item()
    print(f"{name}: mean error {mean[name]:+.1e} nat, sum over {len(error)} tokens {error.sum().item():+.1e}")
assert abs(mean["log_softmax"]) > 3e-7 and abs(mean["x - logsumexp"]) < 1e-7, "behavior changed"
PY
