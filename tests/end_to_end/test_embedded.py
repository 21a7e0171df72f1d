"""The model that ships with the package: small, whole, and made for the world."""

from __future__ import annotations

from importlib.resources import files
from random import Random

import pytest

from cpmi.answers import extract_answer
from cpmi.config import LabelConfig, SampleConfig
from cpmi.embedded.world import Split, draw_problem, first_error, rate, solve
from cpmi.engines.transformers import load_engine
from cpmi.engines.transformers.spread import measure_spread
from cpmi.languages import ENGLISH
from cpmi.prompts import Prompter
from cpmi.requests import SampleRequest

MAX_BYTES = 10 * 10**6


@pytest.fixture(scope="module")
def engine():
    return load_engine("embedded")


def test_it_is_small():
    folder = files("cpmi") / "embedded" / "model"
    assert sum(len(file.read_bytes()) for file in folder.iterdir()) <= MAX_BYTES


def test_its_own_layout_is_the_default():
    common = {"input": "i", "model": "embedded", "out": "o"}
    assert LabelConfig.parse({**common, "method": "net_gain"}).prompt == "short"
    assert LabelConfig.parse({**common, "method": "net_gain", "prompt": "raw"}).prompt == "raw"
    assert SampleConfig.parse(common).prompt == "short"


@pytest.mark.parametrize("text", ["So Ana has 12 + 7 = 19 apples.\n", "\\frac{1}{2} ≠ ½\n\n", " 0012.50 %"])
def test_its_tokenizer_keeps_every_text_and_cuts_digits_apart(engine, text):
    tokens = engine.tokenizer.encode(text)
    assert engine.tokenizer.decode(tokens) == text
    pieces = [engine.tokenizer.decode([token]) for token in tokens]
    assert all(len(piece.strip()) == 1 for piece in pieces if any(map(str.isdigit, piece)))


def test_the_pieces_of_a_chain_are_the_tokens_of_the_whole(engine):
    prompter = Prompter(engine.tokenizer, "short")
    for seed in range(20):
        random = Random(seed)
        problem = draw_problem(random, Split.TRAIN)
        steps = [f"{step}\n" for step in solve(problem.plan, random)]
        question = prompter.question_text(prompter.templates[0], problem.text)
        assert prompter.num_tokenization_mismatches((question, *steps)) == 0
        answers = [(steps[-1], cue, f" {problem.gold}", "\n") for cue in ENGLISH.cues]
        assert prompter.num_tokenization_mismatches(*answers) == 0


def test_it_solves_problems_it_has_never_seen(engine):
    prompter = Prompter(engine.tokenizer, "short")
    problems = [draw_problem(Random(seed), Split.DEV, 1) for seed in range(40)]
    replies = engine.sample(
        [
            SampleRequest(
                prompt=prompter.question(prompter.templates[0], problem.text),
                num_samples=1,
                max_tokens=300,
                temperature=0,
            )
            for problem in problems
        ]
    )
    chains = [reply.texts[0].strip().split("\n") for reply in replies]
    answers = [extract_answer(chain[-1]) for chain in chains]
    right = [found is not None and found.text == p.gold for found, p in zip(answers, problems, strict=True)]
    sound = [first_error(rate(p.plan, chain)) is None for p, chain in zip(problems, chains, strict=True)]
    assert sum(right) >= 20
    # Mostly right for good reasons. It also foresees answers: about one in five right ones follows an error.
    assert sum(r and s for r, s in zip(right, sound, strict=True)) >= 0.7 * sum(right)


def test_the_fast_path_equals_the_plain_one(engine):
    assert measure_spread(engine).largest_nat <= 1e-4
