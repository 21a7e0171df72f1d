"""Every malformed record is a value in its place that says file, line, field, got, expected, what to do."""

import json
from pathlib import Path

import pytest

from cpmi.data import FORMATS, read_chains
from cpmi.errors import InputError, RecordError, UnknownFormatError
from cpmi.types import Chain, Rating

OWN = {"id": "mine", "question": "1+1?", "steps": ["a", "b"]}
PROCESSBENCH = {"id": "p-0", "generator": "m", "problem": "1+1?", "steps": ["a", "b"], "label": 1}
PRMBENCH = {
    "original_question": "1+1?",
    "modified_question": "1+1?",
    "modified_process": ["a"],
    "error_steps": [],
    "idx": "i",
    "classification": "c",
}
SESSION = {"question": {"problem": "1+1?"}, "label": {"steps": []}}
APS = {"question": "1+1?", "final_answer": "2", "reasoning_steps": []}
MODELS = {"question": "1+1?", "ground_truth": "A: 2", "m": {"solution": "A: 3", "is_correct": False}}
SAMPLES = {"question": "1+1?", "gt": "2", "code": ["a"], "score": [True]}


def place(**fields: object) -> dict[str, object]:
    return {"question": {"problem": "1+1?"}, "label": {"steps": [fields, fields]}}


def read(path: Path, *records: object, format: str | None = None) -> list[Chain | RecordError]:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return list(read_chains(path, format=format))


BROKEN = [
    ("cpmi", OWN | {"steps": ["a", " "]}, "[mine]: step 2 is empty"),
    ("cpmi", OWN | {"steps": []}, "the chain has no step"),
    ("cpmi", OWN | {"steps": "a"}, "'steps' is not usable (got 'a'; expected a list)"),
    ("cpmi", OWN | {"steps": ["a", 7]}, "'steps[1]' is not usable (got 7; expected text)"),
    ("cpmi", OWN | {"question": None}, "'question' is not usable (got null; expected text)"),
    ("cpmi", OWN | {"question": " "}, "the question is empty"),
    ("cpmi", OWN | {"ratings": ["right"]}, "ratings and steps differ in length (got 1 ratings"),
    ("cpmi", OWN | {"ratings": ["right", "+"]}, "'ratings[1]' is not usable (got '+'; expected one of right"),
    ("cpmi", OWN | {"values": [1, "2"]}, "'values[1]' is not usable (got '2'"),
    ("cpmi", OWN | {"values": [1, float("nan")]}, "'values[1]' is not usable (got nan"),
    ("cpmi", OWN | {"values": [1, 10**400]}, "'values[1]' is not usable (got 1000"),
    ("cpmi", OWN | {"meta": {"n": 1}}, "'meta.n' is not usable (got 1; expected text)"),
    ("cpmi", OWN | {"meta": "m"}, "'meta' is not usable"),
    ("cpmi", OWN | {"rating": ["right"]}, "the field 'rating' is not known"),
    ("processbench", PROCESSBENCH | {"label": "1"}, "'label' is not usable (got '1'; expected an integer)"),
    ("processbench", PROCESSBENCH | {"label": True}, "'label' is not usable (got True"),
    ("processbench", PROCESSBENCH | {"label": 2}, "'label' points outside the chain (got 2"),
    ("processbench", PROCESSBENCH | {"label": -2}, "'label' points outside the chain (got -2"),
    ("processbench", PROCESSBENCH | {"id": None}, "'id' is not usable"),
    ("gsm8k", {"question": "1+1?", "answer": "2"}, "the gold answer is not marked"),
    ("gsm8k", {"question": "1+1?", "answer": "2\n####  "}, "the gold answer is not marked"),
    ("gsm8k", {"question": "1+1?", "answer": "#### 2"}, "the chain has no step"),
    ("gsm8k_solutions", MODELS | {"ground_truth": "2"}, "the gold answer is not marked"),
    ("gsm8k_solutions", {"question": "1+1?", "ground_truth": "A: 2"}, "the record holds no solution"),
    (
        "gsm8k_solutions",
        MODELS | {"m": {"solution": "A: 3", "is_correct": 0}},
        "-0/m]: the field 'm.is_correct' is not usable (got 0; expected true or false)",
    ),
    (
        "big_bench_mistake",
        {"input": "q", "steps": ["a"], "target": "2", "mistake_index": -1},
        "'mistake_index' points outside the chain",
    ),
    ("math_shepherd", {"label": "q? Step 1: a +\nStep 2: b"}, "step 2 has no sign"),
    ("math_shepherd", {"label": "q? Step 1: a\nStep 2: b +"}, "step 1 has no sign"),
    ("math_shepherd", {"label": "q? Step 1: a+"}, "step 1 has no sign"),
    ("math_shepherd", {"label": "no steps +"}, "the end of the question is not clear"),
    ("math_shepherd", {"label": "Step 1: in it? Step 1: a +"}, "the end of the question is not clear"),
    (
        "math_shepherd",
        {"input": "q? Step 1: a ки\nStep 2: b ки", "label": "q? Step 1: a +\nStep 2: b "},
        "step 2 has no sign",
    ),
    (
        "math_shepherd",
        {"input": "q? Step 1: a ки\nStep 2: b", "label": "q? Step 1: a +\nStep 2: b"},
        "step 2 has no sign",
    ),
    (
        "math_shepherd",
        {"input": "q? Step 1: a\nStep 2: b ки", "label": "q? Step 1: a\nStep 2: b +"},
        "step 1 has no sign",
    ),
    (
        "math_shepherd",
        {"input": "q? Step 1: a ки", "label": "q? Step 1: A +"},
        "'input' and 'label' differ in step 1",
    ),
    (
        "math_shepherd",
        {"input": "q? Step 1: a ки", "label": "q? Step 1: a + and on"},
        "'label' goes on after the last step",
    ),
    (
        "prm800k",
        SESSION | {"question": "1+1?"},
        "'question' is not usable (got '1+1?'; expected an object)",
    ),
    (
        "prm800k",
        place(completions=[{"text": "a", "rating": 2}], chosen_completion=0),
        "is not usable (got 2",
    ),
    ("prm800k", place(completions=[{"text": "a", "rating": True}], chosen_completion=0), "(got True"),
    ("prm800k", place(completions=[{"text": "a"}], chosen_completion=0), "completions[0].rating' is missing"),
    (
        "prm800k",
        place(completions=[{"rating": 1}], chosen_completion=0),
        "'label.steps[0].completions[0].text' is missing",
    ),
    (
        "prm800k",
        place(completions=[{"text": "a", "rating": 1}], chosen_completion=1),
        "'chosen_completion' points outside the completions (got 1",
    ),
    (
        "prm800k",
        place(completions=[{"text": "a", "rating": 1}], chosen_completion=None),
        "the session goes on after a step where nothing was chosen",
    ),
    (
        "prm800k_rows",
        {"instruction": "q", "responses": None, "next_response": "a", "rating": 1},
        "'responses' is not usable (got null; expected a list)",
    ),
    (
        "stepwise",
        {"prompt": "q", "completions": ["a", "b"], "labels": [True]},
        "'labels' and 'completions' differ in length (got 1 in 'labels', 2 in 'completions'",
    ),
    (
        "stepwise",
        {"prompt": "q", "completions": ["a"], "labels": [1]},
        "'labels[0]' is not usable (got 1; expected true or false)",
    ),
    ("prmbench", PRMBENCH | {"error_steps": ["2"]}, "'error_steps[0]' is not usable (got '2'"),
    (
        "math_aps",
        APS | {"reasoning_steps": [{"solution_prefix": "else", "mc_value": 0}]},
        "the prefix does not begin with the question",
    ),
    (
        "math_aps",
        APS | {"reasoning_steps": [{"solution_prefix": "1+1? a", "mc_value": 1.5}]},
        "'reasoning_steps[0].mc_value' is not usable (got 1.5; expected a number from 0 to 1)",
    ),
    (
        "math_aps_tree",
        APS | {"reasoning_steps": {"text": "else", "mc_value": 1, "children": []}},
        "the root of the tree is not the question",
    ),
    (
        "math_aps_tree",
        APS | {"reasoning_steps": {"text": "1+1?", "mc_value": 1, "children": []}},
        "the chain has no step",
    ),
    ("best_of_n", SAMPLES | {"score": [True, True]}, "'score' and 'code' differ in length"),
    ("best_of_n", SAMPLES | {"pred": []}, "'pred' and 'code' differ in length"),
    ("best_of_n", SAMPLES | {"code": ["\n"]}, "the chain has no step"),
]


@pytest.mark.parametrize(("name", "record", "message"), BROKEN)
def test_broken_record(tmp_path: Path, name: str, record: object, message: str) -> None:
    (outcome,) = read(tmp_path / "bad.jsonl", record, format=name)
    assert isinstance(outcome, RecordError)
    assert message in str(outcome)
    assert str(outcome).startswith(f"{tmp_path}/bad.jsonl:1")


def test_every_format_names_a_missing_field(tmp_path: Path) -> None:
    for name in FORMATS:
        (outcome,) = read(tmp_path / "bad.jsonl", {"other": 1}, format=name)
        assert isinstance(outcome, RecordError)
        assert "is missing" in outcome.what or "is not known" in outcome.what, name
        assert outcome.expected
        assert outcome.hint


def test_a_bad_record_leaves_the_others_and_their_ids_alone(tmp_path: Path) -> None:
    good = {"prompt": "q", "completions": ["a"], "labels": [True]}
    outcomes = read(tmp_path / "some.jsonl", good, good | {"labels": []}, 7, good)
    assert [type(outcome) for outcome in outcomes] == [Chain, RecordError, RecordError, Chain]
    assert [o.id for o in outcomes if isinstance(o, Chain)] == ["stepwise-some-0", "stepwise-some-3"]
    assert f"{tmp_path}/some.jsonl:2 [stepwise-some-1]: 'labels' and" in str(outcomes[1])
    assert "the record is not an object (got int; expected a JSON object" in str(outcomes[2])


def test_one_bad_solution_leaves_the_other_models_alone(tmp_path: Path) -> None:
    record = {"question": "q", "ground_truth": "A: 2", "m": {"solution": " "}, "n": MODELS["m"]}
    bad, good = read(tmp_path / "some.jsonl", record)
    assert "gsm8k-some-0/m]: the field 'm.is_correct' is missing" in str(bad)
    assert isinstance(good, Chain)


def test_contradictory_ratings_are_reported_once_and_not_used(tmp_path: Path) -> None:
    def row(prefix: list[str], step: str, rating: int | None) -> dict[str, object]:
        return {"instruction": "q", "responses": prefix, "next_response": step, "rating": rating}

    error, chain, other = read(
        tmp_path / "rows.jsonl",
        row([], "a", 1),
        row([], "a", -1),
        row([], "a", None),
        row(["a"], "b", 1),
        row(["a"], "c", None),
        row(["a"], "c", 0),
    )
    assert isinstance(error, RecordError)
    assert error.what == "rows rate the same step differently"
    assert "rows.jsonl:1 [prm800k-rows-0, step 1]" in str(error)
    assert "right 1 times, wrong 1 times" in str(error)
    assert isinstance(chain, Chain)
    assert chain.ratings == (Rating.NOT_JUDGED, Rating.RIGHT)
    assert isinstance(other, Chain)
    assert other.ratings == (Rating.NOT_JUDGED, Rating.NEUTRAL)  # null contradicts nothing


def test_contradictory_success_rates_are_reported_and_not_used(tmp_path: Path) -> None:
    visits = [
        {"solution_prefix": "1+1? a", "mc_value": 0.5},
        {"solution_prefix": "1+1? a b", "mc_value": 1},
        {"solution_prefix": "1+1? a", "mc_value": 0.25},
    ]
    error, chain = read(tmp_path / "aps.jsonl", APS | {"reasoning_steps": visits})
    assert isinstance(error, RecordError)
    assert error.what == "one prefix has several success rates"
    assert isinstance(chain, Chain)
    assert chain.values == (None, 1)


def test_an_id_that_is_used_twice(tmp_path: Path) -> None:
    first, second = read(tmp_path / "own.jsonl", OWN, OWN)
    assert isinstance(first, Chain)
    assert f"{tmp_path}/own.jsonl:2 [mine]: the id is used twice" in str(second)


def test_unknown_formats_list_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match=r"no such format.*processbench.*best_of_n"):
        read(tmp_path / "own.jsonl", OWN, format="procesbench")
    with pytest.raises(
        UnknownFormatError,
        match=r"got the fields x, y; expected a question and a chain in columns with known names, or",
    ):
        read(tmp_path / "odd.jsonl", {"x": 1, "y": 2})
    with pytest.raises(InputError, match="no record can be read"):
        read(tmp_path / "odd.jsonl", 1, 2)
