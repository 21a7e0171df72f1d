"""What an outside trial of users' own data found, one test a kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cpmi
from cpmi.answers import answer_in
from cpmi.api.first_chain import first_chain
from cpmi.data import read_chains, read_problems
from cpmi.data.problems import RepeatedProblemsWarning
from cpmi.engines.fake import FakeEngine
from cpmi.errors import AnswerCheckError, ConfigError, RecordError, UnknownFormatError
from cpmi.types import Chain


def written(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "x.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_half_a_surrogate_pair_rejects_its_record(tmp_path: Path) -> None:
    good = {"question": "2 + 5?", "response": "It is 7", "answer": "7"}
    path = written(tmp_path, {**good, "question": "a\ud800?"}, good, {**good, "note": "\udfff"})
    run = cpmi.label(path, model=FakeEngine(), method="evidence", out=tmp_path / "o", on_error="skip")
    assert run.totals.rejected == {"a text holds half of a surrogate pair": 2}
    assert run.totals.num_chains == 1
    with pytest.raises(RecordError, match=r"x\.jsonl:1.*half of a surrogate pair"):
        cpmi.label(path, model=FakeEngine(), method="evidence", out=tmp_path / "stop")


@pytest.mark.parametrize(
    ("body", "said"), [("raise SystemExit(3)", "SystemExit: 3"), ("raise ValueError('no')", "ValueError: no")]
)
def test_an_own_check_that_ends_the_program_does_not(tmp_path: Path, body: str, said: str) -> None:
    (tmp_path / "own.py").write_text(f"def same(gold, answer):\n    {body}\n")
    grading = cpmi.Grading(check=f"{tmp_path}/own.py:same")
    with pytest.raises(AnswerCheckError, match=said):
        cpmi.same_answer("a", "b", grading=grading)


def test_nor_does_its_module(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("import sys\nsys.exit(4)\n")
    with pytest.raises(ConfigError, match="SystemExit: 4"):
        cpmi.same_answer("a", "b", grading=cpmi.Grading(check=f"{tmp_path}/own.py:same"))


def test_truth_values_of_numpy_are_verdicts(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import numpy as np\ndef same(gold, answer):\n    return np.isclose(float(gold), float(answer))\n"
    )
    grading = cpmi.Grading(check=f"{tmp_path}/own.py:same")
    assert cpmi.same_answer("1", "1.000000001", grading=grading) is True
    assert cpmi.same_answer("1", "2", grading=grading) is False


def test_messages_without_a_reply_are_a_problem(tmp_path: Path) -> None:
    asked = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "3 + 4?"}]
    path = written(tmp_path, {"messages": asked, "answer": "7"})
    (problem,) = read_problems(path)
    assert not isinstance(problem, RecordError)
    assert (problem.question, problem.gold) == ("3 + 4?", "7")
    beside = written(tmp_path, {"messages": asked, "response": "3 + 4 = 7.", "answer": "7"})
    (chain,) = read_chains(beside)
    assert isinstance(chain, Chain)
    assert (chain.question, chain.steps, chain.gold) == ("3 + 4?", ("3 + 4 = 7.",), "7")


def test_a_reasoning_beside_its_reply_is_not_all_of_the_chain(tmp_path: Path) -> None:
    record = {"prompt": "3*4?", "reasoning_content": "First 3.", "content": "It is 12.", "answer": "12"}
    with pytest.raises(UnknownFormatError, match="reasoning_content, content"):
        next(read_chains(written(tmp_path, record)))
    (chain,) = read_chains(written(tmp_path, record), columns="solution=content")
    assert isinstance(chain, Chain)
    assert chain.steps == ("It is 12.",)


def test_the_first_lines_read_decimal_commas(tmp_path: Path) -> None:
    path = written(tmp_path, {"question": "?", "answer": "7,5", "response": "So.\n\nEs sind 7,5 kg."})
    shown = first_chain(str(path), reading={"format": None, "decimal": "comma"}).first
    assert shown is not None
    assert (shown.answer, shown.outcome) == ("7,5", "right")


def test_the_first_lines_leave_a_failing_check_to_the_run(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def same(gold, answer):\n    raise ValueError(gold)\n")
    path = written(tmp_path, {"question": "?", "answer": "7", "response": "It is 7."})
    grading = cpmi.Grading(check=f"{tmp_path}/own.py:same")
    shown = first_chain(str(path), reading={"format": None}, grading=grading).first
    assert shown is not None
    assert shown.outcome == "undecided"


def test_repeated_problems_are_said(tmp_path: Path) -> None:
    row = {"problem": "2 + 5?", "answer": "7"}
    path = written(tmp_path, row, {"problem": "3 + 5?", "answer": "8"}, row)
    with pytest.warns(RepeatedProblemsWarning, match="1 record with the problem of an earlier one"):
        assert len(list(read_problems(path))) == 2


@pytest.mark.parametrize("form", ["to_pandas", "to_dataset"])
def test_a_table_of_labels_is_labeled_again(tmp_path: Path, form: str) -> None:
    pytest.importorskip("datasets")
    rows = [
        {"question": f"{n} + 5?", "response": f"It is {n + 5}", "answer": n + 5, "level": "1"} for n in (2, 3)
    ]
    first = cpmi.label(rows, model=FakeEngine(), method="evidence", out=tmp_path / "first")
    table = getattr(first, form)()
    again = cpmi.label(table, model=FakeEngine(), method="judge", out=tmp_path / "again")
    assert [row.chain.id for row in again] == [row.chain.id for row in first]
    assert [row.chain.meta for row in again] == [{"level": "1"}] * 2
    assert [row.chain.steps for row in again] == [row.chain.steps for row in first]


PLANETS = ("Mars", "Jupiter", "Venus", "Saturn")


@pytest.mark.parametrize(
    "text",
    [
        "The answer is B or C.", "The answer is B and C.", "The answer is B, C.", "The answer is B & C.",
        "The answer is (B) or (D).", "The answer is B? No, C.", "Answer: A, B and D",
    ],
)  # fmt: skip
def test_several_letters_are_no_choice(text: str) -> None:
    assert answer_in(text, PLANETS) not in ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Options B, C and D are wrong. The answer is A.", "A"),
        ("So options B or C remain.\nAnswer: C", "C"),
        ("The answer is B or C. C is too hot. The answer is B.", "B"),
        ("It is either A or B. The answer is A.", "A"),
        ("The answer is B, since C is too small.", "B"),
    ],
)
def test_what_is_settled_later_is_a_choice(text: str, letter: str) -> None:
    assert answer_in(text, PLANETS) == letter


def test_an_announced_letter_outdoes_a_number_at_the_end() -> None:
    numbers = ("10", "11", "12", "13")
    assert answer_in("Answer: B\n\nExplanation: 10 plus 1, and not 12.", numbers) == "B"
    assert answer_in("I compared A and B. The answer is C.", PLANETS) == "C"


def test_options_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    row = {"question": "Which?", "answer": 2, "response": "So it is 7."}
    (chain,) = read_chains(written(tmp_path, {**row, "choices": "['5', '6', '7']"}))
    assert isinstance(chain, Chain)
    assert (chain.gold, chain.options) == ("C", ("5", "6", "7"))
    for choices in ("5|6|7", ["5", None, "7"], [str(n) for n in range(27)], {"text": ["5", "6"]}):
        with pytest.raises(UnknownFormatError, match="the options in 'choices' cannot be read"):
            list(read_chains(written(tmp_path, {**row, "choices": choices})))
    good = {**row, "choices": ["5", "6", "7"]}
    found = list(
        read_chains(written(tmp_path, good, {**row, "choices": "5, 6"}, {**row, "options": {"top_k": 3}}))
    )
    assert [isinstance(item, Chain) for item in found] == [True, False, True]


@pytest.mark.parametrize(
    ("texts", "labels", "is_read"),
    [
        (["x", "y"], ["A", "B"], True), (["x", "y"], ["1", "2"], True), (["2", "3"], ["1", "2"], False),
        (["x", "y"], ["B", "A"], False), (["x", "y"], ["F", "G"], False),
    ],
)  # fmt: skip
def test_labels_that_may_mean_another_option_are_refused(
    tmp_path: Path, texts: list[str], labels: list[str], is_read: bool
) -> None:
    row = {
        "question": "?",
        "choices": {"text": texts, "label": labels},
        "answerKey": labels[1],
        "response": "y",
    }
    (found,) = read_chains(written(tmp_path, row))
    assert isinstance(found, Chain) == is_read
    assert found.gold == "B" if isinstance(found, Chain) else "labels of the options" in str(found)
