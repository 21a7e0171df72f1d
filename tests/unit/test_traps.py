"""Ten ways in which users' data was misread without a word: each is refused, or warned of with a count."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

import cpmi
from cpmi.data import read_chains
from cpmi.data.sources.pipes import at_rest
from cpmi.errors import RecordError, UnknownFormatError
from cpmi.types import Chain


def write(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "some.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path


def row(number: int, *, right: bool = True, **more: Any) -> dict[str, Any]:
    stated = number + 1 if right else number + 2
    solution = f"I add one to {number}.\n\nIt is {stated}."
    return {"problem": f"What is one more than {number}?", "response": solution, "answer": number + 1, **more}


def warnings(path: Path, **options: Any) -> str:
    return "\n".join(cpmi.check(path, **options).warnings)


def test_gold_and_answer_swapped(tmp_path: Path) -> None:
    """The chain's own answers in the place of the golds: all chains agree with them."""
    records = [row(number, right=number % 2 == 0) for number in range(20)]
    assert "final answers are" not in warnings(write(tmp_path, *records))
    swapped = [{**record, "answer": record["response"].split()[-1].strip(".")} for record in records]
    said = warnings(write(tmp_path, *swapped))
    assert "all 20 final answers are right: is a column of golds one of answers?" in said


def test_the_reference_instead_of_the_sample(tmp_path: Path) -> None:
    record = {"question": "q", "answer": "The reference.\n#### 7", "completion": "The sample."}
    (found,) = read_chains(write(tmp_path, record))
    assert isinstance(found, Chain)
    assert (found.steps, found.gold) == (("The sample.",), "7")
    both = {"problem": "q", "solution": "The reference: $\\boxed{7}$.", "generated_solution": "The sample."}
    (found,) = read_chains(write(tmp_path, both))
    assert isinstance(found, Chain)
    assert (found.steps, found.gold) == (("The sample.",), "7")


def test_as_many_golds_as_solutions(tmp_path: Path) -> None:
    """What every sample states, in a column `answer`: if all agree, it looks like a gold."""
    record = {"prompt": "3+4?", "responses": ["It is 8.", "So 8."], "answers": ["8", "8"]}
    path = write(tmp_path, record)
    (refused,) = read_chains(path)
    assert isinstance(refused, RecordError)
    assert "'answers' may be right answers or the answers of the 2 solutions" in refused.what
    own = [chain for chain in read_chains(path, columns="answer=answers") if isinstance(chain, Chain)]
    assert [(chain.gold, chain.answer) for chain in own] == [(None, "8"), (None, "8")]
    gold = [chain for chain in read_chains(path, columns="gold=answers") if isinstance(chain, Chain)]
    assert [(chain.gold, chain.answer) for chain in gold] == [("8", None), ("8", None)]
    (short,) = read_chains(write(tmp_path, {**record, "answers": ["8"]}), columns="answer=answers")
    assert isinstance(short, RecordError)
    assert "differ in number" in short.what


def test_two_columns_that_could_be_the_chain(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownFormatError, match=r"several columns could be the solution .*response, rationale"
    ):
        read_chains(write(tmp_path, row(1, rationale="another")))


@pytest.mark.parametrize("size", [1, 4095, 4096, 4097, 65535, 65536])
def test_a_pipe_whose_buffer_ends_at_a_line_s_end(size: int, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    first = json.dumps(row(1)).encode() + b"\n"
    line = json.dumps({**row(2), "pad": ""}).encode() + b"\n"
    if size > len(first) + len(line):
        pad = "x" * (size - len(first) - len(line))
        line = json.dumps({**row(2), "pad": pad}).encode() + b"\n"
        assert len(first) + len(line) == size

    def fill() -> None:
        with pipe.open("wb", buffering=0) as file:
            for part in (first, line, json.dumps(row(3)).encode()):
                file.write(part)

    writer = threading.Thread(target=fill)
    writer.start()
    with at_rest(pipe):
        found = list(read_chains(pipe))
    writer.join()
    assert [chain.gold for chain in found if isinstance(chain, Chain)] == ["2", "3", "4"]


def test_error_indices_that_count_from_one(tmp_path: Path) -> None:
    path = write(tmp_path, *(row(n, right=False, first=number) for n, number in ((1, 1), (2, 2), (3, 2))))
    assert "2 error indices point outside their chains: do they count from 1?" in warnings(
        path, columns="error=first"
    )


def test_ids_that_repeat(tmp_path: Path) -> None:
    path = write(tmp_path, row(1, key="x"), row(2, key="x"), row(3, key="y"))
    found = cpmi.check(path, columns="id=key")
    assert (found.num_chains, dict(found.rejected)) == (2, {"the id is used twice": 1})


def test_questions_that_hold_their_gold(tmp_path: Path) -> None:
    records = [{**row(n), "problem": f"Show that {n + 1} is one more than {n} ."} for n in range(10, 15)]
    assert "5 of 5 questions contain their gold answer" in warnings(write(tmp_path, *records))


def test_all_answers_right(tmp_path: Path) -> None:
    assert "all 12 final answers are right" in warnings(write(tmp_path, *map(row, range(12))))


def test_ratings_against_answers(tmp_path: Path) -> None:
    records = [row(1, right=False, first=-1), row(2, first=0), row(3, first=-1), row(4, right=False, first=1)]
    said = warnings(write(tmp_path, *records), columns="error=first")
    assert "1 chains are rated right and end in a wrong answer" in said
    assert "1 chains are rated wrong and end in the right answer" in said


def test_golds_that_are_missing(tmp_path: Path) -> None:
    path = write(tmp_path, row(1), {**row(2), "answer": None}, {**row(3), "answer": " "})
    assert "2 of 3 chains have no gold; --gold FILE joins golds by the question" in warnings(path)
    assert cpmi.check(path).outcomes == {"right": 1, "no gold": 2}


def test_an_answer_that_is_the_gold_or_the_chain_s_own(tmp_path: Path) -> None:
    (refused,) = read_chains(write(tmp_path, {"question": "q", "steps": ["a"], "answer": "7"}))
    assert isinstance(refused, RecordError)
