#!/usr/bin/env bash
# The whole idea on one machine, offline: sample chains, label them by three methods, compare with the truth.
# Run by `make demo`. Usage: examples/demo.sh [NUMBER OF PROBLEMS] [FOLDER], by default 250 and demo.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
num="${1:-250}"
out="${2:-demo}"
mkdir -p "$out"
rm -rf "$out"/{problems.jsonl,sampled,chains.jsonl,cpmi,net_gain,monte_carlo,evaluation.json,report.html,report.json}
# Small models are fast in large batches: a unit of work is 50 to 300 chains here, instead of 8.
say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

say cpmi world problems --num "$num" --split test --out "$out"/problems.jsonl
say cpmi sample "$out"/problems.jsonl --model embedded --temperature 0.8 --unit-size 300 --out "$out"/sampled
say cpmi world rate "$out"/sampled/trajectories.jsonl --out "$out"/chains.jsonl
say cpmi label "$out"/chains.jsonl --model embedded --method cpmi --unit-size 50 --out "$out"/cpmi
say cpmi label "$out"/chains.jsonl --model embedded --method net_gain --unit-size 50 --out "$out"/net_gain
say cpmi label "$out"/chains.jsonl --model embedded --method monte_carlo --rollouts 8 --unit-size 50 \
  --out "$out"/monte_carlo
say cpmi evaluate labels "$out"/cpmi "$out"/net_gain "$out"/monte_carlo --out "$out"/evaluation.json
say cpmi report "$out"/cpmi "$out"/net_gain "$out"/monte_carlo --evaluation "$out"/evaluation.json \
  --out "$out"/report.html
printf '\nAll of this took %d s. Open %s in a browser.\n' "$SECONDS" "$out/report.html"
