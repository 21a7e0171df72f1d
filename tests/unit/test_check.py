"""`check`: how an input is understood, and what looks wrong in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cpmi
from cpmi.cli import app
from cpmi.errors import InputError


def write(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "own.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


def row(number: int, *, answer: int | None = None, **more: Any) -> dict[str, Any]:
    stated = number + 1 if answer is None else answer
    text = f"First {number}.\n\nThen 1 more.\n\nThe answer is {stated}."
    return {"problem": f"What is {number} and one?", "response": text, "answer": number + 1, **more}


def test_what_is_understood(tmp_path: Path) -> None:
    found = cpmi.check(write(tmp_path, row(1, model="m"), row(2, answer=7), {"problem": "q"}))
    assert found.format == "columns"
    assert found.columns == "question = problem, solution = response, gold = answer"
    assert (found.num_chains, found.num_steps) == (2, 6)
    assert found.steps == (3, 3, 3, 3, 3)
    assert found.outcomes == {"right": 1, "wrong": 1}
    assert found.rejected == {"there is no solution at 'response'": 1}
    assert "own.jsonl:3" in next(iter(found.examples.values()))
    assert found.first is not None
    assert (found.first.answer, found.first.rule) == ("2", "the_answer_is")
    assert found.first.outcome == "right"
    assert found.first.chain.meta == {"model": "m"}
    assert found.warnings == ()
    assert found.to_json()["first"]["steps"] == ["First 1.", "Then 1 more.", "The answer is 2."]


def test_all_answers_alike_is_strange(tmp_path: Path) -> None:
    (said,) = cpmi.check(write(tmp_path, *map(row, range(2, 13)))).warnings
    assert said.startswith("all 11 final answers are right")


def test_ratings_against_answers(tmp_path: Path) -> None:
    records = [
        {"question": "1+1?", "steps": ["It is 3."], "gold": "2", "ratings": ["right"]},
        {"question": "2+2?", "steps": ["It is 4."], "gold": "4", "ratings": ["wrong"]},
        {"question": "2+3?", "steps": ["It is 5."]},
    ]
    said = cpmi.check(write(tmp_path, *records)).warnings
    assert "1 chains are rated right and end in a wrong answer" in said
    assert "1 chains are rated wrong and end in the right answer" in said
    assert any(sentence.startswith("1 of 3 chains have no gold") for sentence in said)
    assert any("are one step" in sentence for sentence in said)


def test_error_indices_from_one(tmp_path: Path) -> None:
    records = [{**row(1, answer=5), "first": 2}, {**row(2, answer=5), "first": 3}]
    columns = "question=problem,solution=response,gold=answer,error=first"
    said = cpmi.check(write(tmp_path, *records), columns=columns).warnings
    assert any("do they count from 1?" in sentence for sentence in said)


def test_chains_that_repeat_another(tmp_path: Path) -> None:
    said = cpmi.check(write(tmp_path, row(1), row(2), {**row(1), "more": "x"})).warnings
    assert said == ("1 of 3 chains repeat another word for word; each is paid for",)


def test_a_chain_that_is_cut_off_shows_no_answer(tmp_path: Path) -> None:
    record = {"prompt": "q", "completion": "<think>\n3+4=", "answer": "7"}
    first = cpmi.check(write(tmp_path, record)).first
    assert first is not None
    assert (first.answer, first.rule, first.outcome) == (None, "", "undecided")


def test_no_gold_is_an_outcome_of_its_own(tmp_path: Path) -> None:
    bare = {"problem": "q", "response": "It is 7."}
    found = cpmi.check(write(tmp_path, row(1), row(2, answer=7), {**bare, "answer": None}))
    assert found.outcomes == {"right": 1, "wrong": 1, "no gold": 1}
    open_ended = {**bare, "response": "I do not know", "answer": "7"}
    assert cpmi.check(write(tmp_path, open_ended)).outcomes == {"undecided": 1}


def test_all_that_can_be_compared_are_right(tmp_path: Path) -> None:
    records = [*(row(number) for number in range(1, 13)), {"problem": "q", "response": "a b"}]
    said = cpmi.check(write(tmp_path, *records)).warnings
    assert any(
        s.startswith("of 13 chains all that can be compared, 12 final answers are right") for s in said
    )


def test_a_question_with_two_golds(tmp_path: Path) -> None:
    records = [{"problem": "q", "response": f"It is {n}.", "answer": gold} for n, gold in enumerate("77887")]
    said = cpmi.check(
        write(tmp_path, *records, {"problem": "r", "response": "It is 8.", "answer": 8})
    ).warnings
    assert "1 question has several golds in the input" in said


def test_check_advises_nothing_that_only_a_run_can_do(tmp_path: Path) -> None:
    path = write(tmp_path, row(1), {"problem": "q", "response": 7}, {"problem": "q", "response": [{"a": 1}]})
    path.write_bytes(path.read_bytes() + b"{\n")
    found = cpmi.check(path)
    assert sum(found.rejected.values()) == 3
    assert all("--on-error" not in example for example in found.examples.values())
    assert any(example.endswith("Correct the record.") for example in found.examples.values())


def test_the_same_records_are_checked_to_the_same() -> None:
    records = [row(1), row(2, answer=7), {"problem": "q", "response": None}]
    assert cpmi.check(records) == cpmi.check(records)
    assert cpmi.check(records) != cpmi.check(records[:2])


def test_the_help_says_what_an_input_may_be() -> None:
    shown = CliRunner().invoke(app, ["check", "--help"], env={"COLUMNS": "300", "NO_COLOR": "1"}).output
    assert all(text in shown for text in ("quoted pattern", "- (standard input)", "hf://OWNER/NAME"))


def test_a_gold_file_is_joined(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"problem": "What is 1 and one?", "answer": 2}) + "\n")
    record = {name: value for name, value in row(1).items() if name != "answer"}
    assert cpmi.check(write(tmp_path, record), gold=gold).outcomes == {"right": 1}


def test_an_empty_input_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        cpmi.check(write(tmp_path))


def test_the_command(tmp_path: Path) -> None:
    path = write(tmp_path, row(1), row(2, answer=7))
    shown = CliRunner().invoke(app, ["check", str(path)])
    assert shown.exit_code == 0
    for text in ("question = problem", "1 right and 1 wrong", "step 2", "2: the stated answer is right"):
        assert text in shown.output
    told = CliRunner().invoke(app, ["check", str(path), "--as-json"])
    assert json.loads(told.output) == cpmi.check(path).to_json()


def test_the_command_fails_where_no_chain_can_be_used(tmp_path: Path) -> None:
    path = write(tmp_path, {"question": "q", "steps": ["a"], "answer": "1"})
    shown = CliRunner().invoke(app, ["check", str(path)])
    assert shown.exit_code == 1
    assert "may be the right answer" in shown.output

    assert CliRunner().invoke(app, ["check", str(path), "--as-json"]).exit_code == 1


def test_half_a_surrogate_pair_is_shown_as_an_escape(tmp_path: Path) -> None:
    path = write(tmp_path, {"prompt": "a \ud83d b", "completion": "It is 7.", "answer": "7"})
    for flags in ([], ["--as-json"]):
        shown = CliRunner().invoke(app, ["check", str(path), *flags])
        assert shown.exit_code == 1  # no run takes it
        assert "half of a surrogate pair" in " ".join(shown.output.split())
        assert "\\ud83d" in shown.output
