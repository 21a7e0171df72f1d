"""Splitting real solutions: nothing is lost, no formula is cut, and what holds no block is cut as ever.

The folder is named by CPMI_DATA; without it these tests are skipped.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet
import pytest

from cpmi.steps import Distribution, SplitReport, StepRule, find_blocks, split_text, splitter
from cpmi.steps.blocks import find_lists

RULES = [*StepRule.NAMED, StepRule.parse(r"regex:\n\s*\n")]
WHITE_SPACE = re.compile(r"\s+")

# Steps per chain of the 800 chains: minimum, quartiles, maximum.
STEPS = {
    "paragraph": (1, 5, 6, 9, 24),
    "line": (3, 9, 13, 17, 84),
    "numbered": (1, 1, 1, 4, 51),
    "sentence": (5, 10, 13, 17, 59),
    "auto": (2, 5, 6, 9, 24),
    "regex": (1, 5, 6, 9, 25),  # blank lines alone
}


@pytest.fixture(scope="module")
def chains(real_data: Path) -> list[str]:
    with (real_data / "math" / "best_of_8_sample.jsonl").open(encoding="utf-8") as lines:
        return [chain for line in lines for chain in json.loads(line)["code"]]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_800_chains(chains: list[str], rule: StepRule) -> None:
    split = splitter(rule)
    report, num_cut = SplitReport(), 0
    for chain in chains:
        found = split(chain)
        report.add(found)
        assert found.join() == chain
        for formula in re.findall(r"\\\[.*?\\\]", chain, re.DOTALL):
            num_cut += not any(formula in step for step in found.steps)
    assert report.num_texts == 800
    assert num_cut == (2 if rule.pattern else 0)  # blank lines cut two
    assert report.steps is not None
    assert _five(report.steps) == STEPS[rule.name]


def _five(found: Distribution) -> tuple[int, ...]:
    return found.minimum, found.lower_quartile, found.median, found.upper_quartile, found.maximum


def plain_split(text: str, num_newlines: int) -> tuple[str, ...]:
    """The steps between white space with so many newlines: the rules of old, without blocks."""
    steps, begin, body = [], 0, text.strip()
    for run in WHITE_SPACE.finditer(body):
        if run.group().count("\n") >= num_newlines:
            steps.append(body[begin : run.start()])
            begin = run.end()
    return (*steps, body[begin:]) if body else ()


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def test_texts_without_blocks_are_cut_as_ever(real_data: Path) -> None:
    texts = {text for path in sorted(real_data.glob("*/*.*")) for text in strings(_content(path))}
    assert len(texts) > 100_000
    num_blocks = 0
    for text in texts:
        body = text.strip()
        blocks = find_blocks(body)
        if blocks or find_lists(body, blocks):
            num_blocks += 1
            continue
        paragraphs, lines = plain_split(text, 2), plain_split(text, 1)
        assert split_text(text, "paragraph").steps == paragraphs
        assert split_text(text, "line").steps == lines
        assert split_text(text).steps == (paragraphs if len(paragraphs) > 1 else lines)
    assert num_blocks < 0.1 * len(texts)


def _content(path: Path) -> object:
    if path.suffix == ".parquet":
        return pyarrow.parquet.read_table(path).to_pylist()
    text = path.read_text(encoding="utf-8")
    return (
        [json.loads(line) for line in text.split("\n") if line]
        if path.suffix == ".jsonl"
        else json.loads(text)
    )
