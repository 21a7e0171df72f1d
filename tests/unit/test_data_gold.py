import json
from dataclasses import replace
from pathlib import Path

import pytest

from cpmi.data import join_gold, normalize_problem, read_chains, read_gold
from cpmi.errors import InputError, RecordError, UnknownFormatError
from cpmi.types import Chain

CHAIN = Chain(id="c", question=" What is\n 1+1? ", steps=("2",), answer="3", source="some.jsonl:4")


def write(folder: Path, *records: object) -> Path:
    path = folder / "gold.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_normalize_problem_keeps_case() -> None:
    assert normalize_problem("  What\t is\n\n1+1 ?\u00a0") == "What is 1+1 ?"


@pytest.mark.parametrize(
    "record",
    [
        {"question": "What is  1+1?", "answer": "so\n#### 2"},
        {"question": "What is  1+1?", "ground_truth": "so\nA: 2", "m": {"solution": "", "is_correct": True}},
        {"problem": "What is 1+1?", "answer": "2", "solution": "so"},
        {"problem": "What is 1+1?", "final_answer": "2"},
        {"Body": "What is", "Question": "1+1?", "Answer": 2.0},
        {"question": "What is 1+1?", "gt": "2", "code": [], "score": [], "answer": "2"},
        {"question": "What is 1+1?", "gold": " 2 "},
        {"id": "own", "question": "What is 1+1?", "steps": ["a"], "gold": "2"},
    ],
)
def test_every_form_gives_the_same_gold(tmp_path: Path, record: object) -> None:
    table = read_gold(write(tmp_path, record))
    assert dict(table) == {"What is 1+1?": "2"}
    assert join_gold(CHAIN, table) == replace(CHAIN, gold="2")


def test_svamp_keeps_fractions(tmp_path: Path) -> None:
    table = read_gold(write(tmp_path, {"Body": "a", "Question": "b", "Answer": 0.5}))
    assert table["a b"] == "0.5"


def test_conflicting_golds_are_kept_out_and_reported(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"problem": "What is 1+1?", "answer": "2"},
        {"problem": "What  is 1+1?", "answer": "two"},
        {"problem": "1 +2?", "answer": "3"},
        {"problem": "1  +2?", "answer": "3 "},
        {"problem": "1+3?", "answer": " "},
        {"problem": "1+4?", "answer": [[5]]},
    )
    table = read_gold(path)
    assert dict(table) == {"1 +2?": "3"}
    assert table.conflicts == {"What is 1+1?": ("2", "two")}
    assert (table.num_records, table.num_repeated) == (6, 1)
    assert [error.what for error in table.errors] == [
        "the gold answer is empty",
        "the field 'answer' is not usable",
    ]
    assert join_gold(CHAIN, table) is CHAIN


def test_own_records_without_gold_are_counted(tmp_path: Path) -> None:
    table = read_gold(write(tmp_path, {"question": "a", "gold": None}, {"question": "b", "gold": "1"}))
    assert dict(table) == {"b": "1"}
    assert table.num_without_gold == 1


def test_another_gold_in_the_record_is_an_error(tmp_path: Path) -> None:
    table = read_gold(write(tmp_path, {"question": "What is 1+1?", "gold": "2"}))
    agreeing = replace(CHAIN, gold="2")
    assert join_gold(agreeing, table) is agreeing
    with pytest.raises(RecordError, match=r"some.jsonl:4 \[c\]: the gold .*'11' in the record, '2' in"):
        join_gold(replace(CHAIN, gold="11"), table)


def test_the_answer_of_the_chain_is_never_gold(tmp_path: Path) -> None:
    path = write(tmp_path, {"question": "1+1?", "steps": ["3"], "answer": "3", "gold": None})
    (chain,) = read_chains(path)
    assert isinstance(chain, Chain)
    assert chain.gold is None
    assert not read_gold(path)
    path = write(tmp_path, {"question": "1+1?", "steps": ["3"], "answer": "3"})
    with pytest.raises(UnknownFormatError, match="gives no gold answer in a known form"):
        read_gold(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_gold(tmp_path / "missing.json")
    with pytest.raises(UnknownFormatError, match="no record can be read"):
        read_gold(write(tmp_path, 1, 2))
