"""One small record of every format, read whole."""

import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from cpmi.data import FORMATS, read_chains
from cpmi.errors import RecordError
from cpmi.types import Chain, Rating

R, W, N, X = Rating.RIGHT, Rating.WRONG, Rating.NEUTRAL, Rating.NOT_JUDGED

SHEPHERD = "What is 1+1? Step 1: 1+1 = 3 {}\nStep 2: So it is 3. The answer is: 3 {}"
SAMPLES: dict[str, dict[str, object]] = {
    "cpmi": {"id": "mine", "question": "1+1?", "steps": ["1+1=2"], "ratings": ["right"], "gold": "2"},
    "processbench": {
        "id": "gsm8k-7",
        "generator": "model",
        "problem": "1+1?",
        "steps": ["a", "b", "c"],
        "final_answer_correct": False,
        "label": 1,
    },
    "gsm8k": {"question": "1+1?", "answer": "1 and 1\nis <<1+1=2>>2\n#### 1,002"},
    "gsm8k_solutions": {
        "question": "1+1?",
        "ground_truth": "It is 2\nA: 2",
        "small": {"is_correct": False, "solution": "It is 3\n\nA: 3"},
        "large": {"is_correct": True, "solution": "It is 2 and cut o"},
    },
    "big_bench_mistake": {
        "input": "1+1?",
        "steps": ["a", "b"],
        "target": "2",
        "answer": "3",
        "mistake_index": 0,
    },
    "math_shepherd": {
        "input": SHEPHERD.format("ки", "ки"),
        "label": SHEPHERD.format("+", "-"),
        "task": "GSM8K",
    },
    "prm800k": {
        "labeler": "someone",
        "question": {"problem": "1+1?", "ground_truth_answer": "2"},
        "label": {
            "finish_reason": "solution",
            "steps": [
                {
                    "completions": [{"text": "bad", "rating": -1}, {"text": "good", "rating": 1}],
                    "human_completion": None,
                    "chosen_completion": 1,
                },
                {
                    "completions": [{"text": "so-so", "rating": 0}],
                    "human_completion": {"text": "by hand", "rating": None},
                    "chosen_completion": None,
                },
                {
                    "completions": [{"text": "end\n\n# Answer\n\n2", "rating": None}],
                    "human_completion": None,
                    "chosen_completion": 0,
                },
            ],
        },
    },
    "prm800k_rows": {
        "instruction": "1+1?",
        "responses": ["a"],
        "next_response": "b",
        "answer": "2",
        "rating": 0,
    },
    "scan": {"question": "1+1?", "steps": ["a", "b"], "scores": [1, 0.25]},
    "stepwise": {"prompt": "1+1?", "completions": ["a", "b"], "labels": [True, False]},
    "prmbench": {
        "original_question": "1 + 1?",
        "modified_question": "1+1?",
        "modified_process": ["a", "b", "c"],
        "error_steps": [1, 3],
        "idx": "item_0",
        "classification": "circular",
    },
    "math_aps": {
        "question": "1+1?",
        "final_answer": "2",
        "reasoning_steps": [
            {"solution_prefix": "1+1?", "mc_value": 0.5},
            {"solution_prefix": "1+1?\n\nA\n\nB", "mc_value": 0.0},
            {"solution_prefix": "1+1?\n\nA", "mc_value": 0.25},
            {"solution_prefix": "1+1?\n\nC", "mc_value": 1.0},
        ],
    },
    "math_aps_tree": {
        "question": "1+1?",
        "final_answer": "2",
        "reasoning_steps": {
            "text": "1+1?",
            "mc_value": 0.5,
            "children": [
                {
                    "text": "A",
                    "mc_value": 0.25,
                    "children": [
                        {"text": "B", "mc_value": 0.0, "children": []},
                        {"text": "D", "mc_value": 1, "children": []},
                    ],
                },
                {"text": "C", "mc_value": 1.0, "children": []},
            ],
        },
    },
    "best_of_n": {
        "question": "1+1?",
        "gt": "2",
        "answer": "2",
        "code": ["a\n\nb\nc", "a\nb"],
        "score": [True, False],
        "pred": ["2", ""],
    },
    "lm_eval": {
        "doc_id": 3,
        "doc": {"question": "1+1?", "answer": "#### 2"},
        "target": "2",
        "arguments": {"gen_args_0": {"arg_0": "Q: 1+1?"}},
        "resps": [["a\n\nb", "c"]],
        "filter": "strict-match",
    },
}


def read(folder: Path, *records: object, format: str | None = None) -> list[Chain]:
    path = folder / "some.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    outcomes = list(read_chains(path, format=format))
    assert not [outcome for outcome in outcomes if isinstance(outcome, RecordError)]
    return outcomes  # type: ignore[return-value]


def test_there_is_a_sample_of_every_format() -> None:
    assert SAMPLES.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_is_recognized_by_its_content_alone(name: str) -> None:
    assert [form.name for form in FORMATS.values() if form.recognize(SAMPLES[name])] == [name]


def test_ids_are_unique_and_stable(tmp_path: Path) -> None:
    for name, sample in SAMPLES.items():
        once = [chain.id for chain in read(tmp_path, sample, format=name)]
        assert len(set(once)) == len(once)
        assert once == [chain.id for chain in read(tmp_path, sample)]


def test_processbench(tmp_path: Path) -> None:
    (chain,) = read(tmp_path, SAMPLES["processbench"])
    assert chain.id == "gsm8k-7"
    assert chain.ratings == (R, W, X)
    assert chain.meta == {"generator": "model", "outcome": "wrong"}
    assert chain.gold is None
    assert chain.source == f"{tmp_path}/some.jsonl:1"
    (right,) = read(tmp_path, SAMPLES["processbench"] | {"label": -1})
    assert right.ratings == (R, R, R)


def test_gsm8k(tmp_path: Path) -> None:
    (chain,) = read(tmp_path, SAMPLES["gsm8k"])
    assert chain.id == "gsm8k-some-0"
    assert chain.steps == ("1 and 1", "is <<1+1=2>>2")
    assert chain.gold == "1,002"
    assert chain.ratings is None


def test_gsm8k_solutions(tmp_path: Path) -> None:
    small, large = read(tmp_path, SAMPLES["gsm8k_solutions"])
    assert small.id == "gsm8k-some-0/small"
    assert small.steps == ("It is 3", "A: 3")
    assert (small.answer, small.gold) == ("3", "2")
    assert small.meta == {"generator": "small", "outcome": "wrong"}
    assert (large.answer, large.gold) == (None, "2")
    assert large.meta["outcome"] == "right"


def test_big_bench_mistake(tmp_path: Path) -> None:
    (chain,) = read(tmp_path, SAMPLES["big_bench_mistake"])
    assert chain.ratings == (W, X)
    assert (chain.gold, chain.answer) == ("2", "3")
    (right,) = read(tmp_path, SAMPLES["big_bench_mistake"] | {"mistake_index": None})
    assert right.ratings == (R, R)


def test_math_shepherd_gives_the_same_in_both_forms(tmp_path: Path) -> None:
    (pair,) = read(tmp_path, SAMPLES["math_shepherd"])
    (bare,) = read(tmp_path, {"label": SAMPLES["math_shepherd"]["label"], "task": "GSM8K"})
    assert pair == bare
    assert pair.question == "What is 1+1?"
    assert pair.steps == ("Step 1: 1+1 = 3", "Step 2: So it is 3. The answer is: 3")
    assert pair.ratings == (R, W)
    assert (pair.answer, pair.gold) == ("3", None)


def test_math_shepherd_keeps_signs_inside_steps(tmp_path: Path) -> None:
    label = "Is 3 - 1 + 0 two?\nStep 1: 3 - 1 =\n2 -\nStep 2: + 0 + +"
    (chain,) = read(tmp_path, {"label": label})
    assert chain.question == "Is 3 - 1 + 0 two?"
    assert chain.steps == ("Step 1: 3 - 1 =\n2", "Step 2: + 0 +")
    assert chain.ratings == (W, R)


def test_prm800k_gives_one_chain_a_leaf(tmp_path: Path) -> None:
    chains = read(tmp_path, SAMPLES["prm800k"])
    assert [(chain.steps, chain.ratings) for chain in chains] == [
        (("bad",), (W,)),
        (("good", "so-so"), (R, N)),
        (("good", "by hand", "end\n\n# Answer\n\n2"), (R, X, X)),
    ]
    assert [chain.id for chain in chains] == [f"prm800k-some-0/{leaf}" for leaf in range(3)]
    assert [chain.answer for chain in chains] == [None, None, "2"]
    assert {chain.gold for chain in chains} == {"2"}
    assert chains[0].meta == {"labeler": "someone", "finish_reason": "solution"}


def row(prefix: list[str], step: str, rating: float | None, question: str = "1+1?") -> dict[str, object]:
    return {"instruction": question, "responses": prefix, "next_response": step, "rating": rating}


def test_prm800k_rows_are_grouped_by_problem(tmp_path: Path) -> None:
    chains = read(
        tmp_path,
        row([], "a", 1),
        row([], "other", -1, question="2+2?"),
        row(["a"], "b", 0),
        row(["a"], "c", -1.0),
        row(["a"], "c", -1.0),
        row(["a", "b"], "d", None) | {"answer": "2"},
    )
    assert [(chain.id, chain.steps, chain.ratings) for chain in chains] == [
        ("prm800k-some-0/0", ("a", "b", "d"), (R, N, X)),
        ("prm800k-some-0/1", ("a", "c"), (R, W)),
        ("prm800k-some-1/0", ("other",), (W,)),
    ]
    assert [chain.answer for chain in chains] == ["2", None, None]
    assert {chain.gold for chain in chains} == {None}


def test_prm800k_rows_do_not_guess_the_rating_of_a_prefix(tmp_path: Path) -> None:
    (chain,) = read(tmp_path, SAMPLES["prm800k_rows"])
    assert chain.steps == ("a", "b")
    assert chain.ratings == (X, N)


def test_prm800k_rows_from_parquet(tmp_path: Path) -> None:
    table = pyarrow.Table.from_pylist([row([], "a", 1.0), row(["a"], "b", None)])
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
    (chain,) = read_chains(tmp_path / "rows.parquet")
    assert isinstance(chain, Chain)
    assert chain.ratings == (R, X)
    assert chain.source == f"{tmp_path}/rows.parquet, row 1 (from 0)"


def test_scan(tmp_path: Path) -> None:
    (chain,) = read(tmp_path, SAMPLES["scan"])
    assert isinstance(chain, Chain)
    assert (chain.steps, chain.values, chain.ratings) == (("a", "b"), (1.0, 0.25), None)
    for wrong in ([1.0], [1.0, 1.5], [1.0, None], [True, 0]):
        path = tmp_path / "wrong.jsonl"
        path.write_text(json.dumps({**SAMPLES["scan"], "scores": wrong}))
        (error,) = read_chains(path)
        assert isinstance(error, RecordError)


def test_stepwise(tmp_path: Path) -> None:
    (chain,) = read(tmp_path, SAMPLES["stepwise"])
    assert chain.ratings == (R, W)


def test_prmbench(tmp_path: Path) -> None:
    first, second, third = read(
        tmp_path,
        SAMPLES["prmbench"],
        SAMPLES["prmbench"],
        SAMPLES["prmbench"] | {"classification": "multi_solutions", "error_steps": [], "ground_truth": "2"},
    )
    assert first.question == "1+1?"
    assert first.ratings == (W, R, W)
    assert first.meta == {
        "original_question": "1 + 1?",
        "classification": "circular",
        "idx": "item_0",
        "error_steps": "1, 3",
    }
    assert [first.id, second.id] == ["item_0/circular", "item_0/circular/2"]
    assert third.ratings == (R, R, R)
    assert third.gold == "2"


def test_malformed_items_of_prmbench_are_read_but_not_rated(tmp_path: Path) -> None:
    chains = read(
        tmp_path,
        SAMPLES["prmbench"] | {"error_steps": [2, 4]},
        SAMPLES["prmbench"] | {"idx": "item_1", "error_steps": [0]},
        SAMPLES["prmbench"] | {"idx": "item_2", "modified_process": ["a", "", " ", "b"]},
    )
    assert {chain.ratings for chain in chains} == {(X, X, X), (X, X, X, X)}
    assert [chain.meta["error_steps"] for chain in chains] == ["2, 4", "0", "1, 3"]
    assert (chains[2].steps, chains[2].meta["empty_steps"]) == (("a", "…", "…", "b"), "2, 3")


def test_math_aps_steps_join_to_the_prefix(tmp_path: Path) -> None:
    chains = read(tmp_path, SAMPLES["math_aps"])
    assert [chain.steps for chain in chains] == [("\n\nA", "\n\nB"), ("\n\nC",)]
    assert [chain.values for chain in chains] == [(0.25, 0.0), (1.0,)]
    assert chains[0].question + "".join(chains[0].steps) == "1+1?\n\nA\n\nB"
    assert chains[0].gold == "2"


def test_math_aps_tree_gives_one_chain_a_leaf(tmp_path: Path) -> None:
    chains = read(tmp_path, SAMPLES["math_aps_tree"])
    assert [chain.steps for chain in chains] == [("A", "B"), ("A", "D"), ("C",)]
    assert [chain.values for chain in chains] == [(0.25, 0.0), (0.25, 1.0), (1.0,)]


def test_best_of_n(tmp_path: Path) -> None:
    first, second = read(tmp_path, SAMPLES["best_of_n"])
    assert first.steps == ("a", "b\nc")
    assert second.steps == ("a", "b")
    assert (first.answer, second.answer) == ("2", None)
    assert [chain.meta["outcome"] for chain in (first, second)] == ["right", "wrong"]
    assert first.gold == "2"
