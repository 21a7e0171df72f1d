"""200 solutions with steps known by construction, in four languages."""

import pytest

from cpmi.steps import parts, split_text
from tests.solution_texts import LANGUAGES, Builder

NUM_SOLUTIONS = 50  # per language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", ["paragraph", "line", "numbered", "sentence", "auto"])
def test_steps_known_by_construction(language: str, rule: str) -> None:
    texts = set()
    for seed in range(NUM_SOLUTIONS):
        solution = Builder(language, seed).solution()
        split = split_text(solution.text, rule)
        assert split.steps == solution.steps[rule], seed
        assert split.join() == solution.text
        assert all(any(formula in step for step in split.steps) for formula in solution.formulas)
        texts.add(solution.text)
    assert len(texts) == NUM_SOLUTIONS


@pytest.mark.parametrize("language", LANGUAGES)
def test_thoughts_known_by_construction(language: str) -> None:
    thinking = 0
    for seed in range(NUM_SOLUTIONS):
        solution = Builder(language, seed).solution()
        told = parts(solution.text)
        assert told.thinking == (() if solution.thinking is None else (solution.thinking,)), seed
        assert told.final is not None
        thinking += solution.thinking is not None
    assert thinking > NUM_SOLUTIONS / 5
