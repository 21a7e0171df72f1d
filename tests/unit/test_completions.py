"""Completions in objects, as servers and engines for inference return them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cpmi.answers import stated_answer
from cpmi.data import read_chains
from cpmi.errors import ConfigError, UnknownFormatError
from cpmi.types import Chain

TEXTS = ["3 + 4 = 7.\n\nIt is 7.", "It is 8."]
STEPS = [("3 + 4 = 7.", "It is 7."), ("It is 8.",)]


def chains(folder: Path, record: dict[str, Any], **options: Any) -> list[Chain]:
    path = folder / "a.jsonl"
    path.write_text(json.dumps({"prompt": "q", "answer": "7", **record}))
    found = list(read_chains(path, **options))
    assert all(isinstance(chain, Chain) for chain in found), found
    return found  # type: ignore[return-value]


RECORDS = [
    ({"responses": [{"text": text} for text in TEXTS]}, "responses[*].text"),
    ({"outputs": [{"text": text, "index": 0, "token_ids": [1]} for text in TEXTS]}, "outputs[*].text"),
    ({"completions": [{"content": text} for text in TEXTS]}, "completions[*].content"),
    ({"outputs": [{"generated_text": text} for text in TEXTS]}, "outputs[*].generated_text"),
    (
        {"choices": [{"message": {"role": "assistant", "content": text}, "index": 0} for text in TEXTS]},
        "choices[*].message",
    ),
    ({"choices": [{"text": text, "finish_reason": "stop"} for text in TEXTS]}, "choices[*].text"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "path"), RECORDS)
def test_found_and_named(record: dict[str, Any], path: str, tmp_path: Path) -> None:
    for columns in (None, f"solution={path}", f"question=prompt,solution={path},gold=answer"):
        found = chains(tmp_path, record, columns=columns)
        assert [chain.steps for chain in found] == STEPS
        assert [chain.gold for chain in found] == ["7", "7"]
        assert [chain.id for chain in found] == ["a-0/0", "a-0/1"]


def test_named_where_the_field_has_another_name(tmp_path: Path) -> None:
    record = {"runs": [{"out": {"body": text}} for text in TEXTS]}
    assert [chain.steps for chain in chains(tmp_path, record, columns="solution=runs[*].out.body")] == STEPS
    nested = {"runs": [{"outs": [{"body": TEXTS[0]}]}, {"outs": [{"body": TEXTS[1]}]}]}
    assert [
        chain.steps for chain in chains(tmp_path, nested, columns="solution=runs[*].outs[*].body")
    ] == STEPS


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS"])
@pytest.mark.parametrize("name", ["finish_reason", "stop_reason", "finishReason"])
def test_a_completion_that_its_length_cut_off(name: str, reason: str, tmp_path: Path) -> None:
    record = {"choices": [{"text": TEXTS[0], name: reason}, {"text": TEXTS[1], name: "stop"}]}
    if name == "finishReason":
        record = {"responses": record["choices"]}
    first, second = chains(tmp_path, record)
    assert (stated_answer(first), stated_answer(second)) == (None, "8")
    assert (first.meta.get("finish"), second.meta.get("finish")) == ("length", None)


def test_reasons_in_a_list_beside(tmp_path: Path) -> None:
    first, second = chains(tmp_path, {"responses": TEXTS, "finish_reasons": ["stop", "length"]})
    assert (stated_answer(first), stated_answer(second)) == ("7", None)


@pytest.mark.parametrize(
    "record",
    [
        {"choices": ["Paris", "Rome"]},
        {"choices": [{"label": "A", "text": "Paris"}, {"label": "B", "text": "Rome"}]},
        {"outputs": [{"text": "a", "content": "b"}]},  # which one?
        {"outputs": [{"text": "a"}, {"other": "b"}]},
        {"outputs": [{"logprob": 1}]},
    ],
)
def test_what_is_no_completion(record: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match="not recognized"):
        chains(tmp_path, record)


def test_a_path_that_leads_nowhere(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such column .*runs\[\*\]\.bdy"):
        chains(tmp_path, {"runs": [{"body": "a"}]}, columns="solution=runs[*].bdy")


def test_an_object_without_its_text_is_an_error_of_the_record(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records = [{"prompt": "q", "runs": [{"body": "a"}]}, {"prompt": "q", "runs": [{"body": "a"}, {}]}]
    path.write_text("\n".join(map(json.dumps, records)))
    good, bad = read_chains(path, columns="solution=runs[*].body")
    assert isinstance(good, Chain)
    assert "the field 'runs[*].body' is not usable (got null" in str(bad)
