"""Problems from every kind of file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cpmi.data import CHAINS_NAME, locate, read_chains, read_problems
from cpmi.errors import InputError, RecordError, UnknownFormatError
from cpmi.types import Chain, Problem


def write(folder: Path, records: list[Any], name: str = "file.jsonl") -> Path:
    path = folder / name
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("".join(line + "\n" for line in lines))
    return path


def read(folder: Path, *records: Any) -> list[tuple[str, str, str | None] | RecordError]:
    problems = read_problems(write(folder, list(records)))
    return [p if isinstance(p, RecordError) else (p.id, p.question, p.gold) for p in problems]


def test_problems_of_our_own(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {"question": "Why?"},
        {"id": "b", "question": " How? ", "gold": " 3 "},
        {"id": "c", "question": "Who?", "gold": None, "level": 5},
        {"question": "Why?"},
    )
    assert found == [
        ("file-0", "Why?", None),
        ("b", "How?", "3"),
        ("c", "Who?", None),
        ("file-3", "Why?", None),
    ]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"question": "  "}, "file.jsonl:2 [file-1]: the problem is empty"),
        ({"question": 3}, "file.jsonl:2 [file-1]: the field 'question' is not usable"),
        ({"id": "x", "gold": "3"}, "file.jsonl:2 [x]: the field 'question' is missing"),
        ({"id": "a", "question": "Who?"}, "file.jsonl:2 [a]: the id is used twice"),
        ({"question": "Who?", "answer": "3"}, "the field 'answer' is not known, and there is no gold answer"),
        ({"question": "Who?", "gold": ""}, "file.jsonl:2 [file-1]: the gold answer is empty"),
        ("{", "file.jsonl:2: the line is not JSON"),
        ("[]", "file.jsonl:2: the record is not an object"),
    ],
)
def test_what_is_wrong_with_a_problem(tmp_path: Path, record: Any, message: str) -> None:
    first, error, last = read(tmp_path, {"id": "a", "question": "Why?"}, record, {"question": "When?"})
    assert isinstance(error, RecordError)
    assert message in str(error)
    assert not isinstance(first, RecordError)
    assert not isinstance(last, RecordError)


@pytest.mark.parametrize(
    ("record", "question", "gold"),
    [
        ({"question": "Why?", "answer": "2 = 2\n#### 2"}, "Why?", "2"),
        ({"problem": "Why?", "answer": "\\frac{1}{2}", "solution": "."}, "Why?", "\\frac{1}{2}"),
        ({"problem": "Why?", "final_answer": "3"}, "Why?", "3"),
        ({"Body": "So.", "Question": "Why?", "Answer": 51.0}, "So. Why?", "51"),
        ({"question": "Why?", "gt": "4", "code": ["", "b"], "score": [True, False]}, "Why?", "4"),
    ],
)
def test_files_of_gold_answers_give_every_problem_once(
    tmp_path: Path, record: dict[str, Any], question: str, gold: str
) -> None:
    assert read(tmp_path, record, record) == [("file-0", question, gold)]


def test_chains_give_every_problem_once(tmp_path: Path) -> None:
    def chain(id: str, question: str, gold: str | None) -> dict[str, Any]:
        return {"id": id, "question": question, "steps": ["s"], "gold": gold}

    found = read(
        tmp_path,
        chain("a/0", "Why?", "1"),
        chain("a/1", " Why? ", "1"),
        chain("b/0", "How?", None),
        chain("a/2", "Why?", "2"),
        {"question": "How?", "steps": []},
    )
    assert found[:2] == [("a/0", "Why?", "1"), ("b/0", "How?", None)]
    another, broken = found[2:]
    assert isinstance(another, RecordError)
    assert "file.jsonl:4 [a/2]: the problem has another gold answer than before" in str(another)
    assert isinstance(broken, RecordError)


def test_chains_of_another_format(tmp_path: Path) -> None:
    record = {
        "id": "gsm8k-7",
        "generator": "g",
        "problem": "Why?",
        "steps": ["s"],
        "final_answer_correct": True,
        "label": -1,
    }
    assert read(tmp_path, record) == [("gsm8k-7", "Why?", None)]


def test_what_gives_no_problem(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match=r"no problem in a known form \(got the fields text"):
        read(tmp_path, {"text": "Why?"})
    with pytest.raises(InputError, match="no record can be read"):
        read(tmp_path, "{")
    with pytest.raises(InputError, match="no such file"):
        read_problems(tmp_path / "absent.jsonl")


def test_a_folder_of_chains_stands_for_its_file(tmp_path: Path) -> None:
    write(tmp_path, [{"id": "a", "question": "Why?", "steps": ["s"]}], CHAINS_NAME)
    assert locate(tmp_path) == str(tmp_path / CHAINS_NAME)
    assert locate("hf://owner/name") == "hf://owner/name"
    (chain,) = read_chains(tmp_path)
    (problem,) = read_problems(tmp_path)
    assert isinstance(chain, Chain)
    assert isinstance(problem, Problem)
    assert chain.source == problem.source == f"{tmp_path / CHAINS_NAME}:1"
