#!/usr/bin/env bash
# The whole idea on one machine, offline: sample chains, label them by four methods, compare with the truth; train
# a reward model on the recommended labels and let it choose answers to fresh problems.
# Run by `make demo`. Usage: examples/demo.sh [NUMBER OF PROBLEMS] [FOLDER], by default 250 and demo.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
num="${1:-250}"
out="${2:-demo}"
mkdir -p "$out"
rm -rf "$out"/{problems.jsonl,sampled,chains.jsonl,evidence,cpmi,net_gain,monte_carlo,evaluation.json} \
  "$out"/{prm,fresh.jsonl,candidates,scores,best-of-n,report.html,report.json}
# Small models are fast in large batches: a unit of work is 50 to 500 chains here, instead of 8.
say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

say cpmi world problems --num "$num" --split test --out "$out"/problems.jsonl
say cpmi sample "$out"/problems.jsonl --model embedded --temperature 0.8 --chunk-size 500 --out "$out"/sampled
say cpmi world rate "$out"/sampled/chains.jsonl --out "$out"/chains.jsonl
# Weights of evidence from chains of other problems: benchmarks/labels_world.py, `make bench-labels`.
say cpmi label "$out"/chains.jsonl --model embedded --method evidence --weights examples/embedded-weights.json \
  --chunk-size 50 --out "$out"/evidence
say cpmi label "$out"/chains.jsonl --model embedded --method cpmi --chunk-size 50 --out "$out"/cpmi
say cpmi label "$out"/chains.jsonl --model embedded --method net_gain --chunk-size 50 --out "$out"/net_gain
say cpmi label "$out"/chains.jsonl --model embedded --method monte_carlo --rollouts 8 --chunk-size 50 \
  --out "$out"/monte_carlo
say cpmi evaluate labels "$out"/evidence "$out"/cpmi "$out"/net_gain "$out"/monte_carlo \
  --out "$out"/evaluation.json

say cpmi train "$out"/evidence --base embedded --epochs 5 --batch-size 16 --lr 1e-3 --head-lr 3e-3 --out "$out"/prm
say cpmi world problems --num 100 --split test --seed 1 --out "$out"/fresh.jsonl
say cpmi sample "$out"/fresh.jsonl --model embedded --num-samples 8 --temperature 0.8 --chunk-size 500 \
  --out "$out"/candidates
say cpmi score "$out"/candidates --prm "$out"/prm --out "$out"/scores
say cpmi evaluate best-of-n "$out"/scores --gold "$out"/fresh.jsonl --out "$out"/best-of-n

say cpmi report "$out"/evidence "$out"/cpmi "$out"/net_gain "$out"/monte_carlo \
  --evaluation "$out"/evaluation.json --best-of-n "$out"/best-of-n/best-of-n.json --out "$out"/report.html
printf '\nAll of this took %d s. Open %s in a browser; the reward model is in %s.\n' \
  "$SECONDS" "$out/report.html" "$out/prm"
