"""Records that no reader expects: each gives an error with its place, and its neighbours are read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cpmi.data import read_chains, read_problems
from cpmi.data.sources import csv_rows, json_document, json_lines
from cpmi.errors import InputError, RecordError
from tests.unit.test_data_formats import SAMPLES

OWN = '{"id": "%s", "question": "1+1?", "steps": ["2"], "gold": "2"}'


def outcomes(path: Path, text: str) -> list[object]:
    path.write_text(text)
    return list(read_chains(path))


def errors_between(path: Path, layout: str, changed: dict[str, object]) -> list[RecordError]:
    """The errors of a changed record between two good ones of its layout, which both give chains."""
    good = SAMPLES[layout]
    lines = [good, {**good, **changed}, {name: value for name, value in good.items() if value != ...}]
    lines[1] = {name: value for name, value in lines[1].items() if value is not ...}
    found = outcomes(path, "\n".join(map(json.dumps, lines[:2])) + "\n")
    assert not isinstance(found[0], RecordError)
    return [error for error in found if isinstance(error, RecordError) and ":2" in (error.where or "")]


def test_a_tree_of_math_aps_without_its_field(tmp_path: Path) -> None:
    (error,) = errors_between(tmp_path / "a.jsonl", "math_aps_tree", {"reasoning_steps": ...})
    assert error.what == "the field 'reasoning_steps' is missing"


def test_a_log_of_lm_eval_without_its_target(tmp_path: Path) -> None:
    (error,) = errors_between(tmp_path / "a.jsonl", "lm_eval", {"target": ..., "doc_id": 4})
    assert error.what == "the field 'target' is missing"


def test_arguments_beyond_the_stack_of_python(tmp_path: Path) -> None:
    deep: object = "Q: 1+1?"
    for _ in range(600):
        deep = [deep]
    log = {**SAMPLES["lm_eval"], "doc": {}, "arguments": deep}
    found = outcomes(tmp_path / "a.jsonl", json.dumps(log) + "\n")
    assert [chain.question for chain in found] == ["Q: 1+1?"] * 2  # type: ignore[attr-defined]


def test_a_metric_without_a_name(tmp_path: Path) -> None:
    log = {**SAMPLES["lm_eval"], "metrics": [["a"], "exact"], "exact": 1}
    found = outcomes(tmp_path / "a.jsonl", json.dumps(log) + "\n")
    assert not any(isinstance(chain, RecordError) for chain in found)


@pytest.mark.parametrize("kind", [["text"], {"a": 1}, None, 3])
def test_a_part_of_a_message_of_no_kind(tmp_path: Path, kind: object) -> None:
    part = {"type": kind, "text": "1+1?"}
    said = [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "It is 2."}]
    bad = [{"role": "user", "content": [part]}, said[1]]
    lines = [json.dumps({"messages": messages}) for messages in (said, bad)]
    _, error = outcomes(tmp_path / "a.jsonl", "\n".join(lines))
    assert isinstance(error, RecordError)
    assert "a.jsonl:2" in str(error.where)


@pytest.mark.parametrize(
    ("layout", "empty"),
    [
        ("math_aps", {"reasoning_steps": []}),
        ("lm_eval", {"resps": [], "doc_id": 4}),
        ("prm800k", {"label": {"finish_reason": "solution", "steps": []}}),
    ],
)
def test_a_record_that_gives_nothing_says_so(tmp_path: Path, layout: str, empty: dict[str, object]) -> None:
    (error,) = errors_between(tmp_path / "a.jsonl", layout, empty)
    assert error.what == "the record holds no chain"


TWICE = '{"id": "b", "question": "1+1?", "steps": ["2"], "gold": "2", "gold": "3"}'


def test_a_field_twice_in_a_line(tmp_path: Path) -> None:
    first, error, third = outcomes(tmp_path / "a.jsonl", f"{OWN % 'a'}\n{TWICE}\n{OWN % 'c'}\n")
    assert isinstance(error, RecordError)
    assert (error.what, error.where) == ("the record has a field twice", f"{tmp_path / 'a.jsonl'}:2")
    assert [first.id, third.id] == ["a", "c"]  # type: ignore[attr-defined]


def test_a_field_twice_in_an_array(tmp_path: Path) -> None:
    _, error, third = outcomes(tmp_path / "a.json", f"[{OWN % 'a'}, {TWICE}, {OWN % 'c'}]")
    assert isinstance(error, RecordError)
    assert error.what == "the record has a field twice"
    assert third.id == "c"  # type: ignore[attr-defined]


def test_a_field_twice_in_an_object(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has a field twice"):
        outcomes(tmp_path / "a.json", f'{{"data":\n[{OWN % "a"}, {TWICE}]}}')


def test_a_field_twice_in_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"question": "1+1?", "gold": "2"}\n{"question": "1+2?", "gold": "3", "gold": "4"}\n')
    _, error = read_problems(path)
    assert isinstance(error, RecordError)
    assert error.what == "the record has a field twice"


def test_a_number_of_too_many_digits(tmp_path: Path) -> None:
    bad = '{"id": "b", "question": "1+1?", "steps": ["2"], "gold": ' + "9" * 5_000 + "}"
    _, error, third = outcomes(tmp_path / "a.jsonl", f"{OWN % 'a'}\n{bad}\n{OWN % 'c'}\n")
    assert isinstance(error, RecordError)
    assert "digits" in str(error.got)
    assert third.id == "c"  # type: ignore[attr-defined]


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_longer_than_any_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(json_lines, "LONGEST_RECORD", 200)
    text = f"{OWN % 'a'}\n{OWN % ('b' * 200)}\n".encode()
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(text) if packed else text)
    chains = read_chains(path)
    assert next(chains).id == "a"  # type: ignore[union-attr]
    with pytest.raises(InputError, match="too long for a record"):
        next(chains)


def test_an_element_longer_than_any_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_document, "LONGEST_RECORD", 1 << 19)
    with pytest.raises(InputError, match="a value of more than 524,288 characters"):
        outcomes(tmp_path / "a.json", f"[{OWN % 'a'}, {OWN % ('b' * (1 << 21))}]")


def test_a_row_of_csv_longer_than_any_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_RECORD", 100)
    with pytest.raises(InputError, match=r"too long|at least"):
        outcomes(tmp_path / "a.csv", f"question,solution,gold\n1+1?,2,2\n1+2?,{'3' * 200},3\n")
