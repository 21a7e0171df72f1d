"""Names in any spelling, some named and some found, golds that say the same, rules that do not apply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cpmi
from cpmi.data import read_chains, read_gold, read_problems
from cpmi.errors import ConfigError, RecordError, UnknownFormatError
from cpmi.types import Chain, Problem, Rating

SOLUTION = "3 + 4 = 7.\n\nIt is 7."
STEPS = ("3 + 4 = 7.", "It is 7.")


def write(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "some.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path


def only(path: Path, **options: Any) -> Chain:
    (chain,) = read_chains(path, **options)
    assert isinstance(chain, Chain), chain
    return chain


@pytest.mark.parametrize(
    "names",
    [
        ("Question", "Response", "Answer"),
        ("PROMPT", "Model Output", "Ground Truth"),
        ("Problem", "generated-text", "ground-truth"),
        ("Question", "Chain of Thought", "Expected Answer"),
        ("question", "response", "correct_answer"),
        ("question", "response", "groundTruth"),
        ("question", "response", "answers"),
        ("prompt", "completion", "reference_answer"),
    ],
)
def test_names_in_any_spelling(names: tuple[str, str, str], tmp_path: Path) -> None:
    found = only(write(tmp_path, dict(zip(names, ("3+4?", SOLUTION, 7), strict=True))))
    assert (found.question, found.steps, found.gold) == ("3+4?", STEPS, "7")


def test_a_record_of_many_fields(tmp_path: Path) -> None:
    record = {"Question": "3+4?", "Response": SOLUTION, **{f"field {n}": n for n in range(1000)}, "Gold": 7}
    assert only(write(tmp_path, record)).gold == "7"


def test_a_reference_solution_gives_the_gold(tmp_path: Path) -> None:
    record = {"Problem": "3+4?", "Response": SOLUTION, "Reference Solution": "So it is $\\boxed{7}$."}
    assert only(write(tmp_path, record)).gold == "7"


def test_a_final_answer_beside_a_chain_is_no_gold(tmp_path: Path) -> None:
    found = only(write(tmp_path, {"Question": "3+4?", "Response": SOLUTION, "Final Answer": "8"}))
    assert (found.gold, found.meta) == (None, {"Final Answer": "8"})


@pytest.mark.parametrize("more", [{"Answer": "8"}, {"ANSWER": "8"}, {"Question": "3+5?"}, {"Response": "b"}])
def test_two_spellings_of_one_name_that_differ(more: dict[str, str], tmp_path: Path) -> None:
    record = {"question": "3+4?", "response": SOLUTION, "answer": "7", **more}
    with pytest.raises(UnknownFormatError, match="several columns could be the") as caught:
        read_chains(write(tmp_path, record))
    assert all(name in str(caught.value) for name in (*more, next(iter(more)).lower()))
    said = {**record, **{name: record[name.lower()] for name in more}}
    assert only(write(tmp_path, said)).steps == STEPS


def test_half_a_question_is_refused(tmp_path: Path) -> None:
    record = {"Body": "He has 3 and buys 4.", "Question": "How many?", "Response": SOLUTION}
    with pytest.raises(UnknownFormatError, match="may be in two columns"):
        read_chains(write(tmp_path, record))


@pytest.mark.parametrize("question", ["question", "prompt", "Problem"])
@pytest.mark.parametrize("gold", ["ground_truth", "Ground Truth", "target"])
def test_steps_and_a_gold_by_their_names(question: str, gold: str, tmp_path: Path) -> None:
    found = only(write(tmp_path, {question: "3+4?", "steps": list(STEPS), gold: 7, "n": 1}))
    assert (found.question, found.steps, found.gold, found.meta) == ("3+4?", STEPS, "7", {"n": "1"})


@pytest.mark.parametrize("question", ["question", "prompt"])
def test_an_answer_beside_steps_is_doubtful_under_any_name(question: str, tmp_path: Path) -> None:
    path = write(tmp_path, {question: "3+4?", "steps": list(STEPS), "answer": "8"})
    with pytest.raises((UnknownFormatError, RecordError), match=r"beside .?steps.? may be"):
        raise next(error for error in read_chains(path) if isinstance(error, RecordError))
    gold, own = (only(path, columns={role: "answer"}) for role in ("gold", "answer"))
    assert ((gold.gold, gold.answer), (own.gold, own.answer)) == (("8", None), (None, "8"))


# Golds that say the same.


@pytest.mark.parametrize(
    ("golds", "gold"),
    [
        ({"answer": ["7", "7.0"]}, "7"),
        ({"answer": 7, "ground_truth": 7.0}, "7"),
        ({"answer": "7", "ground_truth": "7.00"}, "7.00"),
        ({"answer": "1/2", "target": 0.5}, "0.5"),
        ({"answer": ["7"], "ground_truth": 7}, "7"),
    ],
)
def test_golds_that_are_equal_by_value(golds: dict[str, Any], gold: str, tmp_path: Path) -> None:
    assert only(write(tmp_path, {"prompt": "q", "completion": "a", **golds})).gold == gold


def test_golds_that_are_different(tmp_path: Path) -> None:
    record = {"prompt": "q", "completion": "a", "answer": 7, "ground_truth": 7.1}
    with pytest.raises(UnknownFormatError, match="several columns could be the gold"):
        read_chains(write(tmp_path, record))


# Some columns named, the others found.


def test_one_role_alone(tmp_path: Path) -> None:
    record = {"prompt": "3+4?", "completion": SOLUTION, "meta": {"answer": "7"}, "answer": "8"}
    assert only(write(tmp_path, record)).gold == "8"
    found = only(write(tmp_path, record), columns="gold=meta.answer")
    assert (found.question, found.steps, found.gold) == ("3+4?", STEPS, "7")


def test_a_doubt_is_gone_once_the_role_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, {"prompt": "q", "completion": "a", "response": "b", "answer": "1"})
    found = only(path, columns="solution=response")
    assert (found.question, found.steps, found.gold) == ("q", ("b",), "1")


def test_the_others_are_found_in_every_record(tmp_path: Path) -> None:
    first = {"prompt": "q", "text": "a", "answer": "1"}
    path = write(tmp_path, first, {"problem": "r", "text": "b"}, {"text": "c"})
    one, other, bad = read_chains(path, columns={"solution": "text"})
    assert isinstance(one, Chain)
    assert isinstance(other, Chain)
    assert isinstance(bad, RecordError)
    assert [(chain.question, chain.gold) for chain in (one, other)] == [("q", "1"), ("r", None)]


def test_the_gold_of_a_known_format(tmp_path: Path) -> None:
    own = {
        "id": "x", "question": "3+4?", "steps": list(STEPS), "gold": "6",
        "ratings": ["right", "wrong"], "meta": {"answer": "7"},
    }  # fmt: skip
    found = only(write(tmp_path, own), columns="gold=meta.answer")
    assert (found.id, found.gold, found.meta) == ("x", "7", {"answer": "7"})
    assert found.ratings == (Rating.RIGHT, Rating.WRONG)
    foreign = {"id": "x", "question": "3+4?", "steps": list(STEPS), "right": "7"}
    assert only(write(tmp_path, foreign), columns="gold=right").gold == "7"


def test_a_dictionary_from_python(tmp_path: Path) -> None:
    path = write(tmp_path, {"q": "3+4?", "s": SOLUTION, "a": 7})
    columns = {"question": "q", "solution": "s", "gold": "a"}
    assert only(path, columns=columns) == only(path, columns="question=q,solution=s,gold=a")
    assert cpmi.check(path, columns=columns).outcomes == {"right": 1}
    for empty in ({}, ""):
        with pytest.raises(ConfigError, match="no column is named"):
            cpmi.check(path, columns=empty)


def test_an_id_that_repeats_is_refused_by_name(tmp_path: Path) -> None:
    record = {"key": "x", "prompt": "q", "completion": "a"}
    first, second = read_chains(write(tmp_path, record, record), columns="id=key")
    assert isinstance(first, Chain)
    assert first.id == "x"
    assert isinstance(second, RecordError)
    assert "some.jsonl:2 [x]: the id is used twice" in str(second)


# Rules of splitting that do not apply.


@pytest.mark.parametrize(
    "record",
    [
        {"question": "q", "steps": ["a", "b"]},
        {"prompt": "q", "steps": ["a", "b"], "ground_truth": "1"},
        {"prompt": "q", "completions": ["a", "b"], "labels": [True, False]},
        {"question": "q", "answer": "a\n#### 1"},
    ],
)
def test_a_rule_that_does_not_apply(record: dict[str, Any], tmp_path: Path) -> None:
    path = write(tmp_path, record)
    for read in (read_chains, cpmi.check):
        with pytest.raises(ConfigError, match="option split_steps: has no effect: the records hold steps"):
            read(path, split_steps="sentence")  # type: ignore[operator]


def test_a_rule_for_texts_of_a_known_format(tmp_path: Path) -> None:
    text = "It is 3. It is 7."
    best = {"question": "q", "gt": "7", "code": [text], "score": [True]}
    log = {"doc_id": 0, "doc": {"question": "q"}, "target": "7", "arguments": [["q"]], "resps": [[text]]}
    for record in (best, log):
        path = write(tmp_path, record)
        assert only(path).steps == (text,)
        assert only(path, split_steps="sentence").steps == ("It is 3.", "It is 7.")


# Problems and golds.


def test_problems_by_columns(tmp_path: Path) -> None:
    path = write(tmp_path, {"Frage": "3+4?", "daten": {"lösung": 7}, "n": "a"})
    columns = {"question": "Frage", "gold": "daten.lösung", "id": "n"}
    (problem,) = read_problems(path, columns=columns)
    assert isinstance(problem, Problem)
    assert (problem.id, problem.question, problem.gold) == ("a", "3+4?", "7")
    (without,) = read_problems(path, columns="question=Frage")
    assert isinstance(without, Problem)
    assert (without.id, without.gold) == ("some-0", None)
    with pytest.raises(ConfigError, match="no such column"):
        read_problems(path, columns="question=frag")
    with pytest.raises(UnknownFormatError, match="no column of questions"):
        read_problems(path, columns="gold=n")


def test_problems_of_a_format(tmp_path: Path) -> None:
    path = write(tmp_path, {"question": "q", "gt": "7", "code": ["a"], "score": [True]})
    (problem,) = read_problems(path, format="best_of_n")
    assert isinstance(problem, Problem)
    assert problem.gold == "7"
    with pytest.raises(ConfigError, match="contradicts"):
        read_problems(path, format="best_of_n", columns="question=question")


def test_a_gold_file_in_other_spelling(tmp_path: Path) -> None:
    assert dict(read_gold(write(tmp_path, {"Problem": "3+4?", "Correct Answer": 7}))) == {"3+4?": "7"}
