"""Every file of the folder of real data, counted against its README; no record is lost without a word.

The folder is named by CPMI_DATA; without it these tests are skipped.
"""

import os
from collections import Counter
from pathlib import Path

import pyarrow.parquet
import pytest

from cpmi.data import GoldTable, join_gold, read_chains, read_gold
from cpmi.errors import RecordError, UnknownFormatError
from cpmi.types import Chain, Rating

if "CPMI_DATA" not in os.environ:
    pytest.skip(
        "CPMI_DATA is not set: it names the folder of real data (gsm8k/, ...)", allow_module_level=True
    )

DATA = Path(os.environ["CPMI_DATA"])
PAST_THE_END = {
    "p1": {
        "circular": (90, 1),
        "confidence": (90, 7),
        "counterfactual": (90, 2),
        "deception": (88, 2),
        "domain_inconsistency": (90, 0),
        "missing_condition": (90, 6),
        "redundency": (90, 2),
        "step_contradiction": (90, 1),
    },
    "p2": {
        "circular": (267, 1),
        "confidence": (267, 1),
        "counterfactual": (266, 1),
        "deception": (263, 4),
        "domain_inconsistency": (267, 0),
        "missing_condition": (266, 14),
        "redundency": (267, 0),
        "step_contradiction": (267, 1),
    },
}
# Steps without text, from 1: the README does not mention these two items.
EMPTY_STEPS = {
    ("p1", "deception"): "16",
    ("p2", "step_contradiction"): "5, 10, 16, 22, 25, 32, 34, 36",
}


def read(name: str) -> tuple[list[Chain], list[RecordError]]:
    chains: list[Chain] = []
    errors: list[RecordError] = []
    for outcome in read_chains(DATA / name):
        if isinstance(outcome, RecordError):
            errors.append(outcome)
        else:
            chains.append(outcome)
    return chains, errors


def num_steps(chains: list[Chain]) -> int:
    return sum(len(chain.steps) for chain in chains)


def gold(name: str) -> GoldTable:
    table = read_gold(DATA / name)
    repeated = table.num_repeated + sum(map(len, table.conflicts.values()))
    assert len(table) + repeated + len(table.errors) == table.num_records
    return table


@pytest.mark.parametrize(
    ("name", "num_chains", "steps"),
    [
        ("processbench/gsm8k.json", 400, 2_082),
        ("big-bench-mistake/multistep_arithmetic.jsonl", 300, 1_506),
        ("big-bench-mistake/logical_deduction.jsonl", 300, 2_497),
        ("big-bench-mistake/tracking_shuffled_objects.jsonl", 300, 1_617),
        ("gsm8k/train.jsonl", 7_473, 26_720),
        ("gsm8k/test.jsonl", 1_319, 4_819),
        ("gsm8k/example_model_solutions.jsonl", 4 * 1_319, 5_766 + 5_556 + 5_882 + 5_937),
        ("math/best_of_8_sample.jsonl", 800, 5_776),
        ("formats/samples_math-shepherd.jsonl", 7, 25),
        ("formats/samples_prm800k.jsonl", 34, 204),
        ("formats/samples_math-aps-tree.jsonl", 137 + 85 + 20, 624),
    ],
)
def test_files_without_a_bad_record(name: str, num_chains: int, steps: int) -> None:
    chains, errors = read(name)
    assert (len(chains), num_steps(chains), errors) == (num_chains, steps, [])


@pytest.mark.parametrize(
    ("name", "num_records"),
    [
        ("formats/samples_math-shepherd.jsonl", 7),
        ("formats/samples_prm800k.jsonl", 6),
        ("formats/samples_math-aps.jsonl", 3),
        ("formats/samples_math-aps-tree.jsonl", 3),
        ("math/best_of_8_sample.jsonl", 100),
        ("gsm8k/example_model_solutions.jsonl", 1_319),
    ],
)
def test_every_record_gives_something(name: str, num_records: int) -> None:
    chains, _ = read(name)
    assert len({chain.source for chain in chains}) == num_records


def test_solutions_of_each_model() -> None:
    chains, _ = read("gsm8k/example_model_solutions.jsonl")
    lines: Counter[str] = Counter()
    for chain in chains:
        lines[chain.meta["generator"]] += len(chain.steps)
    assert lines == {
        "6b_finetuning": 5_766,
        "6b_verification": 5_556,
        "175b_finetuning": 5_882,
        "175b_verification": 5_937,
    }
    assert sum(chain.answer is None for chain in chains) == 11  # cut off before "A:"


def test_big_bench_mistake_without_a_mistake_but_wrong() -> None:
    chains, _ = read("big-bench-mistake/multistep_arithmetic.jsonl")
    unmarked = [t for t in chains if Rating.WRONG not in (t.ratings or ())]
    assert sum(chain.answer != chain.gold for chain in unmarked) == 18


@pytest.mark.parametrize(("part", "total"), [("p1", 718), ("p2", 2_130)])
def test_prmbench(part: str, total: int) -> None:
    num_items = 0
    for name, (num_records, num_outside) in PAST_THE_END[part].items():
        chains, errors = read(f"prmbench/prm800k_test_{part}_4o_{name}.jsonl")
        assert (len(chains), errors) == (num_records, [])
        unrated = [c for c in chains if set(c.ratings or ()) == {Rating.NOT_JUDGED}]
        empty = [c.meta["empty_steps"] for c in chains if "empty_steps" in c.meta]
        assert empty == ([EMPTY_STEPS[part, name]] if (part, name) in EMPTY_STEPS else [])
        assert len(unrated) == num_outside + len(empty)
        assert not any(Rating.NOT_JUDGED in (c.ratings or ()) for c in chains if c not in unrated)
        num_items += num_records
    assert num_items == total
    assert sum(outside for part in PAST_THE_END.values() for _, outside in part.values()) == 43


def test_prmbench_multi_solutions() -> None:
    chains, errors = read("prmbench/prm_test_p12_multi_solutions.jsonl")
    assert (len(chains), errors) == (165, [])
    assert {rating for chain in chains for rating in chain.ratings or ()} == {Rating.RIGHT}


@pytest.mark.parametrize(
    ("name", "num_rows", "num_leaves", "num_problems", "num_contradictions"),
    [
        ("prm800k/phase1_test.stepwise-critic.parquet", 5_449, 3_277, 101, 0),
        ("prm800k/phase1_train_plus.stepwise-critic.parquet", 51_835, 32_049, 900, 55),
    ],
)
def test_prm800k_rows_all_arrive(
    name: str, num_rows: int, num_leaves: int, num_problems: int, num_contradictions: int
) -> None:
    chains, errors = read(name)
    assert len(chains) == num_leaves
    assert len({chain.question for chain in chains}) == num_problems
    assert [error.what for error in errors] == ["rows rate the same step differently"] * num_contradictions
    rating_of = {}
    for chain in chains:
        for end, rating in enumerate(chain.ratings or (), start=1):
            rating_of[chain.question, chain.steps[:end]] = rating
    meanings = {-1: Rating.WRONG, 0: Rating.NEUTRAL, 1: Rating.RIGHT, None: Rating.NOT_JUDGED}
    rows = pyarrow.parquet.read_table(DATA / name).to_pylist()
    given: dict[object, set[Rating]] = {}
    for row in rows:
        key = row["instruction"], (*row["responses"], row["next_response"])
        given.setdefault(key, set()).add(meanings[row["rating"]])
    assert len(rows) == num_rows
    assert given.keys() == rating_of.keys()
    differing = [key for key in given if given[key] - {Rating.NOT_JUDGED} not in ({rating_of[key]}, set())]
    assert len(differing) == num_contradictions
    assert {rating_of[key] for key in differing} <= {Rating.NOT_JUDGED}


def test_math_aps_prefixes_come_back() -> None:
    chains, errors = read("formats/samples_math-aps.jsonl")
    assert (len(chains), num_steps(chains)) == (81 + 7 + 36, 290)
    assert [error.what for error in errors] == ["one prefix has several success rates"] * 4
    assert sum(None in (chain.values or ()) for chain in chains) > 0


def test_gold_tables() -> None:
    assert len(gold("gsm8k/train.jsonl")) == 7_473
    assert len(gold("gsm8k/test.jsonl")) == 1_319
    assert dict(gold("gsm8k/example_model_solutions.jsonl")) == dict(gold("gsm8k/test.jsonl"))
    assert len(gold("math/math500.jsonl")) == 500
    assert len(gold("math/best_of_8_sample.jsonl")) == 100
    assert len(gold("svamp/SVAMP.json")) == 1_000


def test_math_train_gold() -> None:
    table = gold("math/math_train_answers.json")
    assert table.num_records == 7_500
    # Two records have an empty answer, and one problem stands there twice.
    assert [error.what for error in table.errors] == ["the gold answer is empty"] * 2
    assert (len(table), table.num_repeated, table.conflicts) == (7_497, 1, {})


def test_all_of_processbench_joins_its_gold() -> None:
    table = gold("gsm8k/test.jsonl")
    chains, _ = read("processbench/gsm8k.json")
    joined = [join_gold(chain, table) for chain in chains]
    assert all(chain.gold for chain in joined)
    assert len({chain.question for chain in joined}) == 375


def test_prm800k_joins_the_gold_of_math() -> None:
    chains, _ = read("prm800k/phase1_test.stepwise-critic.parquet")
    table = gold("math/math500.jsonl")
    assert all(join_gold(chain, table).gold for chain in chains)


@pytest.mark.parametrize("name", ["math/math_train_answers.json", "svamp/SVAMP.json"])
def test_files_that_hold_no_chain_say_so(name: str) -> None:
    with pytest.raises(UnknownFormatError, match="is given as --gold"):
        read_chains(DATA / name)


def test_reference_solutions_are_chains_with_their_golds() -> None:
    chains, _ = read("math/math500.jsonl")
    table = gold("math/math500.jsonl")
    assert len(chains) == 500
    assert all(join_gold(chain, table) == chain for chain in chains)
