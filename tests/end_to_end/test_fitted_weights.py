"""Weights of evidence remember the problems they were fitted on, and nobody measures there."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from cpmi.api.label import label
from cpmi.data import problem_digest, write_jsonl
from cpmi.embedded.world import Split, draw_problem, rate_chain, solve
from cpmi.engines.transformers import load_engine
from cpmi.errors import InputError
from cpmi.evaluate import evaluate_labels
from cpmi.evaluate.chains import FITTED
from cpmi.targets import fit_weights
from cpmi.types import Chain

pytest.importorskip("sklearn")


def rated(index: int) -> Chain:
    """A solution in the world; every second one says a wrong result."""
    problem = draw_problem(Random(index), Split.DEV, 1)
    steps = list(solve(problem.plan, Random(index)))
    if index % 2:
        at = next(i for i, step in enumerate(steps) if "= " in step)
        steps[at] = steps[at].replace("= ", "= 9")
    return rate_chain(Chain(id=str(index), question=problem.text, steps=tuple(steps), gold=problem.gold))


def test_chains_of_fitted_problems_are_left_out(tmp_path: Path) -> None:
    made = [rated(index) for index in range(16)]
    engine = load_engine("embedded")

    def run(name: str, chains: list[Chain], **options: object) -> Path:
        write_jsonl(chains, tmp_path / f"{name}.jsonl")
        label(
            tmp_path / f"{name}.jsonl", model=engine, method="evidence", out=tmp_path / name, prompt="short",
            **options,
        )  # fmt: skip
        return tmp_path / name

    weights = tmp_path / "weights.json"
    fit_weights(run("dev", made[:8]), weights)
    said = json.loads(weights.read_text())["problems"]
    assert said == sorted({problem_digest(chain.question) for chain in made[:8]})
    measured = evaluate_labels([run("all", made, weights=str(weights))], num_draws=20)
    assert [(item.reason, item.num_chains) for item in measured.ground.left_out] == [(FITTED, 8)]
    assert measured.ground.num_chains == 8
    with pytest.raises(InputError, match="held against ratings") as caught:
        evaluate_labels([run("again", made[:8], weights=str(weights))], num_draws=20)
    assert FITTED in str(caught.value)
