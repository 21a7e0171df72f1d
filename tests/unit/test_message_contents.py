"""What messages hold beside text: parts, thoughts, calls of tools, and messages that are stored as text."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from cpmi.data import read_chains
from cpmi.errors import RecordError
from cpmi.types import Chain

USER = {"role": "user", "content": "3+4?"}
CALL = {"name": "add", "arguments": "{}"}


def read(folder: Path, **record: Any) -> Chain:
    path = folder / "a.jsonl"
    path.write_text(json.dumps(record))
    (chain,) = read_chains(path)
    assert isinstance(chain, Chain), chain
    return chain


def test_messages_that_are_stored_as_text(tmp_path: Path) -> None:
    reply = {"role": "assistant", "content": "a\n\nb"}
    plain = read(tmp_path, messages=[USER, reply], answer=7)
    assert plain.steps == ("a", "b")
    assert read(tmp_path, messages=json.dumps([USER, reply]), answer=7) == plain
    assert read(tmp_path, prompt=json.dumps([USER]), completion=json.dumps([reply]), answer=7).steps == (
        "a",
        "b",
    )
    spoken = [{"from": "human", "value": "3+4?"}, {"from": "gpt", "value": "a\n\nb"}]
    assert read(tmp_path, conversations=json.dumps(spoken), answer=7).steps == ("a", "b")


def test_a_table_with_messages_and_blanks_in_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([[" Prompt ", "Response", " Answer"], [json.dumps([USER]), "a\n\nb", "7"]])
    (chain,) = read_chains(path)
    assert isinstance(chain, Chain)
    assert (chain.question, chain.steps, chain.gold) == ("3+4?", ("a", "b"), "7")


@pytest.mark.parametrize("field", ["prompt", "completion"])
def test_messages_in_python_s_notation_are_refused(field: str, tmp_path: Path) -> None:
    record = {"prompt": "q", "completion": "a", field: "[{'role': 'user', 'content': 'hi'}]"}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record))
    (error,) = read_chains(path)
    assert isinstance(error, RecordError)
    assert "Python's notation" in error.what


def test_text_that_only_looks_like_messages_is_text(tmp_path: Path) -> None:
    for text in ('[{"role": "x"', '[{"a": 1}]', "[1, 2]"):
        assert read(tmp_path, prompt="q", completion=text).steps == (text,)


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "thinking", "thinking": "t1\n\nt2"}, {"type": "text", "text": "It is 7."}],
        [{"type": "reasoning", "text": "t1\n\nt2"}, {"type": "output_text", "text": "It is 7."}],
        [
            {"type": "reasoning", "summary": [{"text": "t1"}, {"text": "t2"}]},
            {"type": "text", "text": "It is 7."},
        ],
        [{"type": "thinking", "thinking": "t1\n\nt2"}, {"type": "text", "text": "It "}, "is 7."],
    ],
)
def test_parts(content: list[Any], tmp_path: Path) -> None:
    found = read(tmp_path, messages=[USER, {"role": "assistant", "content": content}])
    assert (found.steps, found.meta) == (("t1", "t2", "It is 7."), {"thinking_steps": "2"})


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning", "thinking"])
def test_a_thought_beside_the_content(name: str, tmp_path: Path) -> None:
    reply = {"role": "assistant", "content": "It is 7.", name: "t1\n\nt2"}
    found = read(tmp_path, messages=[USER, reply])
    assert (found.steps, found.meta) == (("t1", "t2", "It is 7."), {"thinking_steps": "2"})


@pytest.mark.parametrize(
    "turns",
    [
        [
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "content": "7"},
        ],
        [{"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "content": "7"}],
        [
            {"role": "assistant", "content": [{"type": "tool_use", **CALL}]},
            {"role": "user", "content": [{"type": "tool_result", "content": "7"}]},
        ],
        [
            {"role": "assistant", "content": None, "function_call": CALL},
            {"role": "function", "content": "7"},
        ],
    ],
)
def test_calls_and_results(turns: list[Any], tmp_path: Path) -> None:
    found = read(tmp_path, messages=[USER, *turns, {"role": "assistant", "content": "It is 7."}])
    called = json.dumps([CALL] if turns[0].get("tool_calls") else CALL)
    assert (found.question, found.steps) == ("3+4?", (f"{called}\n\n7", "It is 7."))


def test_calls_and_observations_of_sharegpt(tmp_path: Path) -> None:
    spoken = [
        ("human", "3+4?"),
        ("function_call", json.dumps(CALL)),
        ("observation", "7"),
        ("gpt", "It is 7."),
    ]
    found = read(tmp_path, conversations=[{"from": who, "value": what} for who, what in spoken])
    assert found.steps == (f"{json.dumps(CALL)}\n\n7", "It is 7.")


@pytest.mark.parametrize("content", [None, 7, [{"type": "image_url", "image_url": "x"}], [{"type": "text"}]])
def test_content_that_is_no_text(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"messages": [USER, {"role": "assistant", "content": content}]}))
    (error,) = read_chains(path)
    assert isinstance(error, RecordError)
    assert "is not usable" in error.what
