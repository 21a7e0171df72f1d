"""Answers between tags: what is said before is the steps, what is inside is stated, the tags are neither."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time

import pytest

from cpmi.answers import Equivalence, Grading, judged, stated_answer, tagged_answer
from cpmi.data import read_chains
from cpmi.steps import parts, split_text
from cpmi.types import Chain

THOUGHT = "He has 3.\n\n3 + 4 = 7."


@pytest.mark.parametrize(
    ("text", "thinking"),
    [
        (f"<reasoning>\n{THOUGHT}\n</reasoning>\n<answer>\n7\n</answer>\n", 2),
        (f"<think>{THOUGHT}</think><answer>7</answer>", 2),
        (f"<think>\n{THOUGHT}\n</think>\n<solution>7</solution>", 2),
        (f"<think>\n{THOUGHT}\n</think>\n\n<answer> \\boxed{{7}} </answer>", 2),
        (f"<think>\n{THOUGHT}\n</think>\n<answer>The answer is 7.</answer>", 2),
        (f"<think>\n{THOUGHT}\n</think>\n<answer>He has 7 pens.</answer>", 2),
        (f"<start_working_out>{THOUGHT}<end_working_out><SOLUTION>7</SOLUTION>", 2),
        (f"{THOUGHT} <answer>7</answer>", 0),
        (f"{THOUGHT}\n<final_answer>7</final_answer>", 0),
        (f"<reasoning>\n{THOUGHT}\n<answer>7</answer>", 2),
    ],
)
def test_the_steps_and_the_answer(text: str, thinking: int, tmp_path: Path) -> None:
    split = split_text(text)
    assert split.join() == text
    assert (split.steps, sum(split.thinking), split.cut_off) == (
        tuple(THOUGHT.split("\n\n")),
        thinking,
        False,
    )
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"prompt": "q", "completion": text, "answer": "7"}))
    (chain,) = read_chains(path)
    assert isinstance(chain, Chain)
    assert (chain.steps, chain.answer, chain.gold) == (split.steps, "7", "7")
    told = {"thinking_steps": str(thinking)} if thinking else {}
    assert {name: value for name, value in chain.meta.items() if name != "tagged_answer"} == told


SENTENCE = "He has 7 pens."


@pytest.mark.parametrize(
    ("inside", "gold", "by_math", "exact"),
    [
        (SENTENCE, SENTENCE, "7", SENTENCE),
        (SENTENCE, "He has 8 pens.", "7", SENTENCE),
        (SENTENCE, "7", "7", "7"),
        (r"\boxed{7}", "7", "7", "7"),
        ("The answer is 7.", "7", "7", "7"),
        ("7", "7", "7", "7"),
    ],
)
def test_a_sentence_is_kept_where_texts_are_compared(
    inside: str, gold: str, by_math: str, exact: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    completion = f"<think>{THOUGHT}</think><answer>{inside}</answer>"
    path.write_text(json.dumps({"prompt": "q", "completion": completion, "answer": gold}))
    (chain,) = read_chains(path)
    assert isinstance(chain, Chain)
    assert stated_answer(chain) == by_math
    assert stated_answer(chain, Grading(check="exact")) == exact
    with Equivalence(grading=Grading(check="exact")) as equivalence:
        assert (judged(chain, equivalence).relation == "same") is (exact == gold)


@pytest.mark.parametrize(
    ("text", "steps", "stated"),
    [
        # All that there is, or more than a line: steps.
        ("<answer>7</answer>", ("7",), "7"),
        ("<answer>\nHe has 3.\n\nIt is 7.\n</answer>", ("He has 3.", "It is 7."), "7"),
        (
            "<think>Hm.</think>\n<answer>So:\n\nThe answer is 7.</answer>",
            ("Hm.", "So:", "The answer is 7."),
            "7",
        ),
        # The last pair counts, whatever follows.
        ("a\n\n<answer>6</answer>\nNo.\n<answer>7</answer>\n", ("a", "<answer>6</answer>\nNo."), "7"),
        ("a\n\n<answer>7</answer>\nDone.", ("a", "Done."), "7"),
        # Tags that are text.
        ("```\n<answer>6</answer>\n```\n\nIt is 7.", ("```\n<answer>6</answer>\n```", "It is 7."), "7"),
        ("We write <answer> here.\n\nIt is 7.", ("We write <answer> here.", "It is 7."), "7"),
        (
            "We write <answer>6</answer> here.\n\nIt is 7.",
            ("We write <answer>6</answer> here.", "It is 7."),
            "7",
        ),
        # Cut off inside: may be half a number.
        ("a\n\n<answer>7", ("a", "7"), None),
        ("<think>a</think>\n<answer>\n1", ("a", "1"), None),
        ("<think>a\n\nb <answer>6</answer> c", ("a", "b <answer>6</answer> c"), None),
    ],
)
def test_what_else_is_in_tags(text: str, steps: tuple[str, ...], stated: str | None, tmp_path: Path) -> None:
    assert split_text(text).join() == text
    assert parts(text).join() == text
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"prompt": "q", "completion": text}))
    (chain,) = read_chains(path)
    assert isinstance(chain, Chain)
    assert chain.steps == steps
    assert stated_answer(chain) == stated


@pytest.mark.parametrize(
    ("inside", "answer"),
    [("Paris", "Paris"), ("3 and 4", "3 and 4"), ("**B**", "**B**"), ("x = 3", "x = 3"), (None, None)],
)
def test_what_is_not_announced_is_the_answer_whole(inside: str | None, answer: str | None) -> None:
    assert tagged_answer(inside) == answer


@pytest.mark.parametrize("unit", ["<answer>", "x<answer>1</answer> ", "<answer>1</answer>\n", "<answer>\n"])
def test_time_is_linear(unit: str) -> None:
    def seconds(count: int) -> float:
        start = process_time()
        split_text("<think>a</think>" + unit * count)
        return process_time() - start

    seconds(100)
    assert seconds(20_000) < 20 * seconds(2_000) + 0.5
