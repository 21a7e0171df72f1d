"""Ordinary layouts of users' own data: found by their names or taken by one --columns, and never misread."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from docs.own_data import EXAMPLES
from docs.own_data import LAYOUTS as LAYOUTS_OF_DOCS

from cpmi.answers import stated_answer
from cpmi.data import read_chains, read_gold, read_problems
from cpmi.errors import ConfigError, RecordError, UnknownFormatError
from cpmi.types import Chain

OTHER_ANSWERS = ("multiple-choice", "arc", "several-golds", "wrong-answers", "outcomes")
"""Layouts of the documentation with other problems: tests/unit/test_answer_layouts.py."""

ROWS = [
    (
        "Tom has 3 pens and buys 4. How many has he?",
        ["He begins with 3.", "3 + 4 = 7.", "It is 7."],
        "7",
    ),
    ("A box holds 12 eggs. How many are in 5 boxes?", ["One holds 12.", "5 * 12 = 62.", "It is 62."], "60"),
    ("Half of 18 and 5 more: what is it?", ["Half of 18 is 9.", "9 + 5 = 14.", "It is 14."], "14"),
]
STEPS = [tuple(steps) for _, steps, _ in ROWS]
GOLDS = [gold for _, _, gold in ROWS]


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def layout(name: str, question: str, steps: list[str], gold: str) -> dict[str, Any]:
    text = "\n\n".join(steps)
    return {
        "messages": {"messages": [user(question), assistant(text)], "answer": gold},
        "sharegpt": {
            "conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": text}],
            "ground_truth": gold,
        },
        "completion": {"prompt": question, "completion": text, "answer": gold},
        "completion as messages": {
            "prompt": [user(question)],
            "completion": [assistant(text)],
            "solution": f"So it is $\\boxed{{{gold}}}$.",
        },
        "verl": {
            "prompt": [user(question)],
            "responses": [text],
            "reward_model": {"style": "rule", "ground_truth": gold},
        },
        "verl dump": {"input": question, "output": text, "gts": gold, "score": 1.0, "step": 3},
        "integer gold": {"problem": question, "response": text, "answer": int(gold)},
        "harness": {
            "question": question,
            "answer": f"why\n#### {gold}",
            "code": [text],
            "gt": gold,
            "pred": ["7"],
        },
        "harness with the reference in answer": {
            "question": question,
            "answer": f"why\n#### {gold}",
            "response": text,
        },
        "generations beside a reference": {
            "problem": question,
            "solution": "It is so.",
            "answer": gold,
            "generations": [text],
        },
        "MATH": {"problem": question, "level": "1", "solution": f"{text}\n\nSo $\\boxed{{{gold}}}$."},
        "lm_eval": {
            "doc_id": 0,
            "doc": {"question": question},
            "target": f"why #### {gold}",
            "arguments": [[f"Q: {question}", {}]],
            "resps": [[text]],
        },
        "renamed": {"aufgabe": question, "kette": text, "daten": {"lösung": [gold]}},
        "steps renamed": {"frage": question, "schritte": steps, "gold": gold},
    }[name]


LAYOUTS = [
    "messages", "sharegpt", "completion", "completion as messages", "verl", "verl dump", "integer gold",
    "harness", "harness with the reference in answer", "generations beside a reference", "lm_eval",
]  # fmt: skip


def write(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "some.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path


def chains(path: Path, **options: Any) -> list[Chain]:
    found = list(read_chains(path, **options))
    assert all(isinstance(chain, Chain) for chain in found), found
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_that_are_found(name: str, tmp_path: Path) -> None:
    records = [layout(name, *row) for row in ROWS]
    for number, record in enumerate(records):
        if name == "lm_eval":
            record["doc_id"] = number
    found = chains(write(tmp_path, *records))
    assert [chain.question for chain in found] == [question for question, _, _ in ROWS]
    assert [chain.steps for chain in found] == STEPS
    assert [chain.gold for chain in found] == GOLDS


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("renamed", "question=aufgabe,solution=kette,gold=daten.lösung[0]"),
        ("renamed", "question=aufgabe,solution=kette,gold=daten.lösung"),
        ("steps renamed", "question=frage, steps=schritte, gold=gold"),
        ("verl", "question=prompt,solution=responses,gold=reward_model.ground_truth"),
        ("messages", "question=messages[0].content,solution=messages.-1.content,gold=answer"),
    ],
)
def test_layouts_by_columns(name: str, columns: str, tmp_path: Path) -> None:
    found = chains(write(tmp_path, *(layout(name, *row) for row in ROWS)), columns=columns)
    assert [(chain.steps, chain.gold) for chain in found] == list(zip(STEPS, GOLDS, strict=True))


def test_the_gold_of_math_is_in_its_box(tmp_path: Path) -> None:
    found = chains(write(tmp_path, *(layout("MATH", *row) for row in ROWS)))
    assert [chain.gold for chain in found] == GOLDS
    assert [len(chain.steps) for chain in found] == [4, 4, 4]


def test_several_solutions_of_one_record(tmp_path: Path) -> None:
    record = {"prompt": "1+1?", "completions": ["a\n\nb", "c"], "answer": 2, "model": "x", "n": [1, 2]}
    found = chains(write(tmp_path, record))
    assert [(chain.id, chain.steps) for chain in found] == [("some-0/0", ("a", "b")), ("some-0/1", ("c",))]
    assert {chain.gold for chain in found} == {"2"}
    assert found[0].meta == {"model": "x", "n": "[1, 2]"}


def test_what_the_system_says_is_kept_apart(tmp_path: Path) -> None:
    record = {"messages": [{"role": "system", "content": "Be brief."}, user("1+1?"), assistant("2")]}
    (found,) = chains(write(tmp_path, record))
    assert (found.question, found.steps, found.meta) == ("1+1?", ("2",), {"system": "Be brief."})


def test_an_agent_s_step_is_a_turn_with_its_tool(tmp_path: Path) -> None:
    messages = [
        user("1+1?"),
        {"role": "assistant", "content": "I add.\n\nNow.", "tool_calls": [{"name": "add"}]},
        {"role": "tool", "content": "2"},
        assistant("It is 2."),
    ]
    (found,) = chains(write(tmp_path, {"messages": messages, "ground_truth": "2"}))
    assert found.steps == ('I add.\n\nNow.\n\n[{"name": "add"}]\n\n2', "It is 2.")


def test_earlier_turns_belong_to_the_question(tmp_path: Path) -> None:
    messages = [user("1+1?"), assistant("2"), user("And 2+2?"), assistant("4")]
    (found,) = chains(write(tmp_path, {"messages": messages}))
    assert found.question == "User: 1+1?\n\nAssistant: 2\n\nUser: And 2+2?"
    assert found.steps == ("4",)


def test_ratings_by_the_index_of_the_first_error(tmp_path: Path) -> None:
    record = {"q": "1+1?", "s": "a\n\nb", "e": 1}
    (found,) = chains(write(tmp_path, record), columns="question=q,solution=s,error=e")
    assert found.first_error == 1
    (past,) = read_chains(write(tmp_path, {**record, "e": 2}), columns="question=q,solution=s,error=e")
    assert isinstance(past, RecordError)
    assert "points outside the chain" in past.what


# What must never be misread.


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"prompt": "q", "completion": "a", "response": "b"}, "several columns could be the solution"),
        ({"prompt": "q", "problem": "r", "completion": "a"}, "several columns could be the question"),
        (
            {"prompt": "q", "completion": "a", "answer": "1", "ground_truth": "2"},
            "several columns could be the gold",
        ),
        ({"prompt": "q", "answer": "1"}, "the format is not recognized"),
    ],
)
def test_doubtful_records_are_refused(record: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match=said):
        read_chains(write(tmp_path, record))


def test_an_answer_beside_steps_is_refused_until_it_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, {"question": "1+1?", "steps": ["so", "3"], "answer": "2"})
    (refused,) = read_chains(path)
    assert isinstance(refused, RecordError)
    assert "may be the right answer or the chain's own" in refused.what
    (gold,) = chains(path, columns="question=question,steps=steps,gold=answer")
    assert (gold.gold, gold.answer) == ("2", None)
    (own,) = chains(path, columns="question=question,steps=steps,answer=answer")
    assert (own.gold, own.answer) == (None, "2")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"prompt": "q", "completion": "a", "answer": [["1"], "2"]}, "not usable"),
        ({"prompt": "q", "completion": ["a", 1], "answer": "1"}, "not usable"),
        ({"prompt": "q", "answer": "1"}, "there is no solution at 'completion'"),
        ({"prompt": "q", "completion": "", "answer": "1"}, "no step"),
        ({"prompt": "q", "completion": [{"role": "poet", "content": "a"}]}, "not usable"),
        ({"prompt": [assistant("a")], "completion": "a"}, "ask nothing"),
    ],
)
def test_a_bad_record_among_good_ones(record: dict[str, Any], said: str, tmp_path: Path) -> None:
    good = {"prompt": "q", "completion": "a", "answer": "1"}
    first, bad, last = read_chains(write(tmp_path, good, record, good))
    assert isinstance(first, Chain)
    assert isinstance(last, Chain)
    assert isinstance(bad, RecordError)
    assert said in str(bad)
    assert "some.jsonl:2" in str(bad)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("question=a,solution=b,steps=c", "a chain is a solution or steps"),
        ("", "no column is named"),
        ({}, "no column is named"),
        ({"question": 1}, "not a column"),
        ({"question": "a,b"}, "not a column"),
        ("question=a,chain=b", "not a column"),
        ("question=a,question=b,solution=c", "given twice"),
        ("question=a[x],solution=c", "not the path of a column"),
        ("question=,solution=c", "not the path of a column"),
    ],
)
def test_columns_that_are_no_columns(columns: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        read_chains(write(tmp_path, {"a": "q", "b": "s"}), columns=columns)


def test_columns_and_a_format_contradict_each_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="contradicts --columns"):
        read_chains(write(tmp_path, {"a": "q"}), columns="question=a,solution=b", format="cpmi")


def test_golds_and_problems_by_known_names(tmp_path: Path) -> None:
    path = write(tmp_path, *({"prompt": [user(q)], "reward_model": {"ground_truth": g}} for q, _, g in ROWS))
    assert list(read_gold(path).values()) == GOLDS
    problems = list(read_problems(path))
    assert [(p.question, p.gold) for p in problems] == [(q, g) for q, _, g in ROWS]  # type: ignore[union-attr]


def test_one_harness_response_under_two_filters(tmp_path: Path) -> None:
    base = layout("lm_eval", *ROWS[0])
    path = write(tmp_path, {**base, "filter": "strict"}, {**base, "filter": "flexible"})
    assert [chain.id for chain in chains(path)] == ["some-0/strict", "some-0/flexible"]


@pytest.mark.parametrize("name", LAYOUTS_OF_DOCS.keys() - set(OTHER_ANSWERS))
def test_the_layouts_of_the_documentation(name: str) -> None:
    """Three records each; all of them are in the page that the site shows."""
    _, columns = LAYOUTS_OF_DOCS[name]
    found = chains(EXAMPLES / f"{name}.jsonl", columns=columns or None)
    first = [chain for number, chain in enumerate(found) if len(found) == 3 or number % 2 == 0]
    assert [chain.gold for chain in first] == GOLDS
    assert [chain.steps[:3] for chain in first] == STEPS


def test_every_example_is_in_the_documentation() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.jsonl")} == set(LAYOUTS_OF_DOCS)


def test_the_answer_of_a_prm800k_row_is_no_gold(tmp_path: Path) -> None:
    row = {"instruction": "1+1?", "responses": [], "next_response": "It is 3.", "answer": "3", "rating": -1}
    with pytest.raises(UnknownFormatError, match="gives no gold answer"):
        read_gold(write(tmp_path, row))
    (problem,) = read_problems(write(tmp_path, row))
    assert problem.gold is None  # type: ignore[union-attr]


def test_a_thinking_part_is_told_apart(tmp_path: Path) -> None:
    text = "<think>\nFirst 1.\n\nThen 2.\n</think>\n\nIt is 3."
    (found,) = chains(write(tmp_path, {"prompt": "1+2?", "completion": text, "answer": 3}))
    assert found.steps == ("First 1.", "Then 2.", "It is 3.")
    assert found.meta == {"thinking_steps": "2"}


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ("line", ("1. One is 1.", "It is odd.", "2. Two is 2.")),
        ("numbered", ("1. One is 1.\nIt is odd.", "2. Two is 2.")),
        ("sentence", ("1. One is 1.", "It is odd.", "2. Two is 2.")),
        ("regex:It is odd[.]", ("1. One is 1.", "2. Two is 2.")),
    ],
)
def test_rules_of_splitting(rule: str, steps: tuple[str, ...], tmp_path: Path) -> None:
    record = {"prompt": "q", "completion": "1. One is 1.\nIt is odd.\n2. Two is 2."}
    (found,) = chains(write(tmp_path, record), split_steps=rule)
    assert found.steps == steps


def test_a_rule_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown rule"):
        read_chains(write(tmp_path, {"prompt": "q", "completion": "a"}), split_steps="words")


# A record may lack what another has.


@pytest.mark.parametrize("empty", [None, "", "  ", ...])
def test_columns_are_found_in_every_record(empty: Any, tmp_path: Path) -> None:
    first = {"question": "1+1?", "response": "It is 2.", "answer": empty}
    if empty is ...:
        del first["answer"]
    second = {"question": "2+2?", "response": "It is 4.", "ground_truth": "4"}
    assert [chain.gold for chain in chains(write(tmp_path, first, second))] == [None, "4"]


@pytest.mark.parametrize(
    "later",
    [
        {"question": "q", "response": "a", "answer": "1", "gold": "2"},
        {"question": "q", "prompt": "r", "response": "a", "answer": "1"},
        {"question": "q", "response": "a", "output": "b", "answer": "1"},
        {"question": "q", "reasoning": "so", "response": "a", "answer": "1"},
    ],
)
def test_doubts_in_a_later_record(later: dict[str, Any], tmp_path: Path) -> None:
    first, doubtful = read_chains(write(tmp_path, {"question": "q", "response": "a", "answer": "1"}, later))
    assert isinstance(first, Chain)
    assert isinstance(doubtful, RecordError)
    assert "several columns could be" in doubtful.what


def test_messages_that_are_none_in_a_later_record(tmp_path: Path) -> None:
    first = {"messages": [user("q"), assistant("a")]}
    chain, odd = read_chains(write(tmp_path, first, {"messages": "hello"}))
    assert isinstance(chain, Chain)
    assert isinstance(odd, RecordError)
    assert "do not hold what they hold in the first record" in odd.what


def test_no_record_is_lost(tmp_path: Path) -> None:
    records = [{"prompt": "q", "completions": value} for value in (["a"], None, [], ["b", ""])]
    found = list(read_chains(write(tmp_path, *records)))
    assert [type(item).__name__ for item in found] == [
        "Chain", "RecordError", "RecordError", "Chain", "RecordError",
    ]  # fmt: skip
    columns = "question=prompt,solution=completions"
    assert len(list(read_chains(write(tmp_path, *records), columns=columns))) == 5


def test_a_first_record_that_cannot_be_used(tmp_path: Path) -> None:
    good = {"prompt": "q", "completion": "a"}
    bad, chain = read_chains(write(tmp_path, {**good, "completion": None}, good))
    assert isinstance(bad, RecordError)
    assert isinstance(chain, Chain)


def test_what_the_model_states_is_no_gold(tmp_path: Path) -> None:
    (found,) = chains(write(tmp_path, {"prompt": "q", "response": "a", "final_answer": "3"}))
    assert (found.gold, found.meta) == (None, {"final_answer": "3"})


def test_a_problem_s_id_may_stand_in_several_records(tmp_path: Path) -> None:
    record = {"id": "p1", "prompt": "q", "completion": "a"}
    found = chains(write(tmp_path, record, {**record, "completion": "b"}))
    assert [(chain.id, chain.meta["id"]) for chain in found] == [("some-0", "p1"), ("some-1", "p1")]


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "q", "completion": "<think>\nHe has 3.\n\n3+4="},
        {"prompt": "q", "completion": "3+4=", "finish_reason": "length"},
        {"messages": [user("q"), assistant("I add."), {"role": "tool", "content": "7\n\n99"}]},
    ],
)
def test_a_chain_that_is_cut_off_states_no_answer(record: dict[str, Any], tmp_path: Path) -> None:
    (found,) = chains(write(tmp_path, record))
    assert stated_answer(found) is None


def test_one_turn_and_its_tool_are_one_step(tmp_path: Path) -> None:
    messages = [user("q"), assistant("I add."), {"role": "tool", "content": "7\n\n99"}]
    (found,) = chains(write(tmp_path, {"messages": messages}))
    assert found.steps == ("I add.\n\n7\n\n99",)


def test_a_column_that_is_nowhere(tmp_path: Path) -> None:
    path = write(tmp_path, {"q": "1+1?", "s": "2", "answer": "2"})
    with pytest.raises(ConfigError, match=r"no such column.*got anwser; expected one of q, s, answer"):
        read_chains(path, columns="question=q,solution=s,gold=anwser")
