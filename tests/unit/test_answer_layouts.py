"""Layouts of multiple choice, several golds, wrong answers and outcomes: found by name, never guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from docs.own_data import EXAMPLES

from cpmi.answers import Equivalence, judged, stated_answer
from cpmi.data import join_gold, read_chains, read_gold, read_problems
from cpmi.data.shown_options import shows_options, with_options_shown, without_options_shown
from cpmi.errors import ConfigError, RecordError, UnknownFormatError
from cpmi.types import Chain, Problem

QUESTION = "What is the capital of France?"
CITIES = ("London", "Paris", "Rome")
SHOWN = f"{QUESTION}\nA. London\nB. Paris\nC. Rome"
RESPONSE = "It is in France.\n\nThe answer is Paris."
BASE = {"question": QUESTION, "response": RESPONSE}


def write(tmp_path: Path, *records: dict[str, Any]) -> Path:
    path = tmp_path / "some.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def one(tmp_path: Path, record: dict[str, Any], **options: Any) -> Chain:
    (found,) = read_chains(write(tmp_path, record), **options)
    if isinstance(found, RecordError):
        raise found
    return found


def outcome(chain: Chain) -> str:
    with Equivalence(inline=True) as equivalence:
        return judged(chain, equivalence).relation


@pytest.mark.parametrize(
    "fields",
    [
        {"choices": CITIES, "answer": 1, "subject": "geography"},  # MMLU
        {"choices": CITIES, "answer": "B"},
        {"options": CITIES, "answer": "(B)"},
        {"options": CITIES, "answer": "Paris"},
        {"options": CITIES, "answer": "B. Paris"},
        {"choices": {"text": CITIES, "label": ["A", "B", "C"]}, "answerKey": "B"},  # ARC
        {"choices": {"text": CITIES, "label": ["1", "2", "3"]}, "answerKey": "2"},
        {"choices": [{"label": key, "text": city} for key, city in zip("abc", CITIES, strict=True)],
         "answerKey": "b"},
        {"endings": CITIES, "label": "1"},  # HellaSwag
        {"options": dict(zip("ABC", CITIES, strict=True)), "answer": "Paris", "answer_idx": "B"},  # MedQA
        {"options": {**dict(zip("ABC", CITIES, strict=True)), "D": None}, "answer": "B"},
        {"options": ["A) London", "B) Paris", "C) Rome"], "correct": "B"},  # AQuA
        {"options": json.dumps(CITIES), "answer": "B"},  # of a CSV
    ],
)  # fmt: skip
def test_multiple_choice(fields: dict[str, Any], tmp_path: Path) -> None:
    found = one(tmp_path, {**BASE, **fields})
    assert (found.question, found.options, found.gold) == (SHOWN, CITIES, "B")
    assert stated_answer(found) == "B"
    assert outcome(found) == "same"


def test_options_that_are_numbers(tmp_path: Path) -> None:
    found = one(tmp_path, {**BASE, "choices": [1234567.5, 8.0, 9], "answer": "C"})
    assert found.options == ("1234567.5", "8", "9")
    said = one(tmp_path, {**BASE, "choices": ["True", "False"], "answer": False, "response": "It is false."})
    assert (said.gold, stated_answer(said)) == ("B", "B")


def test_the_user_says_whether_it_is_an_index_or_a_text(tmp_path: Path) -> None:
    record = {"question": "2 + 1?", "choices": ["1", "3", "0"], "answer": 1, "response": "So 2 + 1 = 3"}
    columns = "question=question,solution=response,options=choices,"
    with pytest.raises(RecordError, match=r"several of the options .*B as an index from 0, A by its text"):
        one(tmp_path, record)
    assert one(tmp_path, record, columns=columns + "gold_index=answer").gold == "B"
    assert one(tmp_path, record, columns=columns + "gold_text=answer").gold == "A"
    with pytest.raises(RecordError, match="none of the options"):
        one(tmp_path, {**record, "answer": "B"}, columns=columns + "gold_text=answer")
    with pytest.raises(RecordError, match="points outside the options"):
        one(tmp_path, {**record, "answer": 3}, columns=columns + "gold_index=answer")
    with pytest.raises(ConfigError, match="the gold is given twice"):
        one(tmp_path, record, columns=columns + "gold_index=answer,gold=answer")
    bare = {name: value for name, value in record.items() if name != "choices"}
    with pytest.raises(RecordError, match="there are no options"):
        one(tmp_path, bare, columns="gold_index=answer")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"choices": CITIES, "answer": 3}, r"points outside the options \(got 3 of 3 options"),
        ({"choices": CITIES, "answer": -1}, "none of the options"),
        ({"choices": CITIES, "answer": "Madrid"}, r"none of the options.*B\. Paris"),
        ({"choices": CITIES, "answer": "D"}, "none of the options"),
        ({"choices": ["Paris", "Paris "], "answer": 0}, "two options in 'choices' are equal"),
        ({"choices": ["B", "A"], "answer": "A"}, "could be several of the options"),
        ({"choices": CITIES, "answer": ["B", "Madrid"]}, "none of the options"),
        ({"choices": ["London", " "], "answer": 0}, "an empty option"),
    ],
)
def test_a_gold_that_is_no_option_is_an_error_of_its_record(
    fields: dict[str, Any], said: str, tmp_path: Path
) -> None:
    good = {**BASE, "choices": CITIES, "answer": 1}
    first, bad, last = read_chains(write(tmp_path, good, {**BASE, **fields}, good))
    assert isinstance(first, Chain)
    assert isinstance(last, Chain)
    with pytest.raises(RecordError, match=said):
        raise bad  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fields", "role"),
    [
        ({"choices": CITIES, "options": CITIES[::-1], "answer": "Paris"}, "options"),
        ({"choices": CITIES, "answer": "Paris", "label": 0}, "gold"),
        ({"passed": True, "is_correct": False}, "outcome"),
        ({"answer": "7", "distractors": ["8"], "incorrect_answers": ["9"]}, "distractors"),
    ],
)
def test_two_columns_for_one_role_are_refused(fields: dict[str, Any], role: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match=f"several columns could be the {role}"):
        one(tmp_path, {**BASE, **fields})


@pytest.mark.parametrize(
    ("answer", "gold", "others"),
    [
        (["Paris", "City of Paris", "Paris"], "Paris", ("City of Paris",)),
        ({"value": "Paris", "aliases": ["Paris", "City of Paris"]}, "Paris", ("City of Paris",)),  # TriviaQA
        (["Lutetia", "Paris"], "Lutetia", ("Paris",)),
        ([7, "7"], "7", ()),
        ([], None, ()),
    ],
)
def test_several_golds(answer: Any, gold: str | None, others: tuple[str, ...], tmp_path: Path) -> None:
    found = one(tmp_path, {**BASE, "answer": answer})
    assert (found.gold, found.other_golds) == (gold, others)
    assert outcome(found) == ("same" if "Paris" in (gold, *others) else "undecided")


def test_several_right_options(tmp_path: Path) -> None:
    found = one(tmp_path, {**BASE, "options": CITIES, "answer": ["C", "B"]})
    assert (found.gold, found.other_golds, outcome(found)) == ("C", ("B",), "same")


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        (True, "true"),
        (False, "false"),
        ("Yes", "Yes"),
        ({"a": [1, None], "b": "é"}, '{"a": [1, null], "b": "é"}'),
        ('{"a": 1}', '{"a": 1}'),
        ("def f(x):\n    return x", "def f(x):\n    return x"),
        ("A whole sentence is the answer.", "A whole sentence is the answer."),
    ],
)
def test_golds_that_are_no_numbers(answer: Any, gold: str, tmp_path: Path) -> None:
    assert one(tmp_path, {**BASE, "answer": answer}).gold == gold


@pytest.mark.parametrize("name", ["outcome", "passed", "is_correct", "correct"])
@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (0, False), (1.0, True), ("False", False), ("1", True)]
)
def test_an_outcome_stands_for_a_gold(name: str, value: Any, expected: bool, tmp_path: Path) -> None:
    found = one(tmp_path, {**BASE, name: value})
    assert (found.gold, found.outcome) == (None, expected)
    assert outcome(found) == ("same" if expected else "different")
    assert name not in found.meta


def test_beside_a_gold_an_outcome_is_a_fact_like_others(tmp_path: Path) -> None:
    found = one(tmp_path, {**BASE, "answer": "Paris", "passed": False})
    assert (found.gold, found.outcome, found.meta) == ("Paris", None, {"passed": "false"})
    named = "question=question,solution=response,gold=answer,outcome=passed"
    assert one(tmp_path, {**BASE, "answer": "Paris", "passed": False}, columns=named).outcome is False


def test_a_reward_in_between_is_no_outcome(tmp_path: Path) -> None:
    assert one(tmp_path, {**BASE, "correct": 0.5}).outcome is None
    with pytest.raises(RecordError, match="true or false"):
        one(tmp_path, {**BASE, "score": 0.5}, columns="question=question,solution=response,outcome=score")


def test_one_outcome_per_solution(tmp_path: Path) -> None:
    record = {"prompt": "f?", "responses": ["a", "b"], "passed": [True, False]}
    short, single = {**record, "passed": [True]}, {**record, "passed": True}
    found = list(read_chains(write(tmp_path, record, short, single)))
    assert [chain.outcome for chain in found[:2] if isinstance(chain, Chain)] == [True, False]
    assert "differ in length" in str(found[2])
    assert "one outcome in 'passed' for several solutions" in str(found[3])


def test_wrong_answers_of_the_input(tmp_path: Path) -> None:
    record = {**BASE, "correct_answer": "Paris", "incorrect_answers": ["Rome", "London", "Rome", ""]}
    found = one(tmp_path, record)
    assert (found.gold, found.distractors) == ("Paris", ("Rome", "London"))


@pytest.mark.parametrize(
    ("question", "is_shown"),
    [
        (f"{QUESTION}\n(A) London (B) Paris (C) Rome", True),
        (f"{QUESTION} a) London, b) Paris, c) Rome", True),
        (f"{QUESTION}\n**A.** London\n**B.** Paris\n**C.** Rome", True),
        (f"{QUESTION} London, Paris or Rome?", False),
        (f"{QUESTION}\n(B) London (A) Paris (C) Rome", False),
        (f"{QUESTION}\nA. Londonderry\nB. Paris\nC. Rome", False),
    ],
)
def test_options_are_shown_once(question: str, is_shown: bool) -> None:
    assert shows_options(question, CITIES) is is_shown
    once = with_options_shown(question, CITIES)
    assert (once == question) is is_shown
    assert with_options_shown(once, CITIES) == once
    assert is_shown or without_options_shown(once, CITIES) == question


def test_problems_and_gold_files(tmp_path: Path) -> None:
    path = write(tmp_path, {"question": QUESTION, "choices": CITIES, "answer": 1})
    (problem,) = read_problems(path)
    assert isinstance(problem, Problem)
    assert (problem.question, problem.options, problem.gold) == (SHOWN, CITIES, "B")
    table = read_gold(path)
    bare = Chain(id="a", question=QUESTION, steps=("It is Paris",))
    joined = join_gold(bare, table)
    assert (joined.question, joined.options, joined.gold) == (SHOWN, CITIES, "B")
    assert join_gold(joined, table) == joined
    with pytest.raises(RecordError, match="'C' in the record, 'B' in the gold file"):
        join_gold(Chain(id="a", question=SHOWN, steps=("x",), options=CITIES, gold="C"), table)
    other = ("Paris", "Rome")
    with pytest.raises(RecordError, match="options of the record and of the gold file differ"):
        join_gold(
            Chain(id="a", question=with_options_shown(QUESTION, other), steps=("x",), options=other), table
        )


def test_the_gold_of_a_file_is_held_against_the_options_of_a_chain(tmp_path: Path) -> None:
    table = read_gold(write(tmp_path, {"problem": QUESTION, "answer": "Paris"}))
    chain = Chain(id="a", question=SHOWN, steps=("x",), options=CITIES)
    assert join_gold(chain, table).gold == "B"
    with pytest.raises(RecordError, match="none of the record's options"):
        join_gold(chain, read_gold(write(tmp_path, {"problem": QUESTION, "answer": "Madrid"})))


def test_other_golds_of_a_gold_file(tmp_path: Path) -> None:
    table = read_gold(write(tmp_path, {"problem": QUESTION, "answer": ["Lutetia", "Paris"]}))
    joined = join_gold(Chain(id="a", question=QUESTION, steps=("The answer is Paris.",)), table)
    assert (joined.gold, joined.other_golds, outcome(joined)) == ("Lutetia", ("Paris",), "same")


def test_our_own_form(tmp_path: Path) -> None:
    record = {"question": QUESTION, "steps": ["It is Paris"], "options": CITIES, "gold": "Paris"}
    found = one(tmp_path, record)
    assert (found.question, found.gold) == (SHOWN, "B")
    with pytest.raises(RecordError, match="none of the options"):
        one(tmp_path, {**record, "gold": "Madrid"})
    with pytest.raises(RecordError, match="true or false"):
        one(tmp_path, {**record, "outcome": 1})


@pytest.mark.parametrize(
    ("name", "golds", "outcomes"),
    [
        ("multiple-choice", ["B", "C", "D"], ["same", "different", "same"]),
        ("arc", ["B", "A", "B"], ["same", "same", "different"]),
        ("several-golds", ["William Shakespeare", "Amsterdam", "1918"], ["same", "same", "undecided"]),
        ("wrong-answers", ["carbon dioxide", "mercury", "penguin"], ["same", "different", "same"]),
        ("outcomes", [None, None, None], ["same", "different", "same"]),
    ],
)
def test_the_layouts_of_the_documentation(name: str, golds: list[str | None], outcomes: list[str]) -> None:
    found = [chain for chain in read_chains(EXAMPLES / f"{name}.jsonl") if isinstance(chain, Chain)]
    assert [chain.gold for chain in found] == golds
    assert [outcome(chain) for chain in found] == outcomes
