"""The official protocols on the real benchmarks, by what needs no model: figures measured apart.

The folder is named by CPMI_DATA; without it these tests are skipped.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cpmi.data import read_chains
from cpmi.errors import RecordError
from cpmi.evaluate import evaluate_best_of_n, evaluate_prmbench, evaluate_processbench
from cpmi.runs.score_table import ScoreRow
from cpmi.types import Chain
from tests.scored_chains import step_scores, table

OUTCOME_FIXED_INDEX, OUTCOME_LONGEST_STEP = 44.4, 54.7  # F1 on ProcessBench gsm8k
PAST_THE_END, EMPTY_STEP = 43, 2
NUM_ITEMS = 718 + 2_130


def percent(share: float | None) -> float:
    assert share is not None
    return round(100 * share, 1)


def passed(name: Path, **changes: object) -> list[ScoreRow]:
    """The chains of a file, every step scored 1."""
    outcomes = [t for t in read_chains(name) if isinstance(t, Chain)]
    return [
        ScoreRow(chain=replace(t, **changes), scores=step_scores((1.0,) * len(t.steps))) for t in outcomes
    ]  # type: ignore[arg-type]


def test_processbench_with_the_outcomes_that_it_states(real_data: Path, tmp_path: Path) -> None:
    folder = table(tmp_path / "s", passed(real_data / "processbench" / "gsm8k.json"))
    result = evaluate_processbench([folder], num_draws=20)
    assert [(s.name, s.num_chains, s.num_problems) for s in result.splits] == [("gsm8k", 400, 375)]
    assert percent(result.row("outcome + fixed index").mean_f1.value) == OUTCOME_FIXED_INDEX
    assert percent(result.row("outcome + longest step").mean_f1.value) == OUTCOME_LONGEST_STEP
    assert percent(result.row("scores").mean_f1.value) == 0
    assert result.splits[0].num_answers_settled == 0


def test_processbench_with_outcomes_by_joined_gold(real_data: Path, tmp_path: Path) -> None:
    folder = table(tmp_path / "s", passed(real_data / "processbench" / "gsm8k.json", meta={}))
    result = evaluate_processbench([folder], gold=real_data / "gsm8k" / "test.jsonl", num_draws=20)
    assert percent(result.row("outcome + fixed index").mean_f1.value) == OUTCOME_FIXED_INDEX
    assert percent(result.row("outcome + longest step").mean_f1.value) == OUTCOME_LONGEST_STEP
    assert result.splits[0].num_answers_settled == 4


def test_perfect_scores_are_perfect(real_data: Path, tmp_path: Path) -> None:
    rows = [
        ScoreRow(chain=t, scores=step_scores([0.0 if r == "wrong" else 1.0 for r in t.ratings or ()]))
        for t in read_chains(real_data / "processbench" / "gsm8k.json")
        if not isinstance(t, RecordError)
    ]
    result = evaluate_processbench([table(tmp_path / "s", rows)], num_draws=20)
    assert result.row("scores").mean_f1.value == 1


def prmbench_rows(files: list[Path], kind: str) -> list[ScoreRow]:
    """Every item of PRMBench with scores that need no model."""
    rows = []
    for chain in (t for file in files for t in read_chains(file)):
        assert isinstance(chain, Chain)
        wrong = {int(number) for number in re.findall(r"\d+", chain.meta["error_steps"])}
        numbers = range(1, len(chain.steps) + 1)
        values = {
            "all right": [1.0 for _ in numbers],
            "all wrong": [0.0 for _ in numbers],
            "exactly 0.5": [0.5 for _ in numbers],
            "truth": [float(number not in wrong) for number in numbers],
            "opposite": [float(number in wrong) for number in numbers],
            "odd steps": [number % 2 / 2 + 0.25 for number in numbers],
        }[kind]
        rows.append(ScoreRow(chain=chain, scores=step_scores(values)))
    return rows


# By the benchmark's own code at commit a1ae4ea, on the 17 files of prm800k_test and multi_solutions.
@pytest.mark.parametrize(
    ("kind", "official", "well_formed"),
    [
        ("all right", 0.45460021081162477, 0.451),
        ("all wrong", 0.14272189349112427, 0.152),
        ("exactly 0.5", 0.14272189349112427, 0.451),
        ("truth", 1.0, 1.0),
        ("opposite", -1.0, 0.0),
        ("odd steps", 0.45285875063261827, 0.459),
    ],
)
def test_prmbench(real_data: Path, tmp_path: Path, kind: str, official: float, well_formed: float) -> None:
    files = sorted((real_data / "prmbench").glob("prm*.jsonl"))
    folder = table(tmp_path / "s", prmbench_rows(files, kind))
    result = evaluate_prmbench([folder], items=files, num_draws=1)
    row = result.row("scores")
    assert row.overall.score.value == pytest.approx(official, abs=1e-9)
    assert result.well_formed.rows[0].overall.score.value == pytest.approx(well_formed, abs=5e-4)
    assert (result.num_items, result.apart, len(row.classes), len(row.aspects)) == (3_008, {}, 9, 3)
    assert [difference.num for difference in result.differences[:4]] == [165, 43, 2, 5]
    assert result.well_formed.num_items == NUM_ITEMS - PAST_THE_END - EMPTY_STEP


def test_best_of_8_of_real_chains(real_data: Path, tmp_path: Path) -> None:
    folder = table(tmp_path / "s", passed(real_data / "math" / "best_of_8_sample.jsonl"))
    result = evaluate_best_of_n([folder], num_draws=20)
    assert (result.num_problems, result.ns) == (100, (1, 2, 4, 8))
    # All scores are equal, so every choice is as good as a random pick.
    assert result.row("last").accuracy(8) == result.row("random pick").accuracy(8)
    stated = [
        row.chain.meta["outcome"] == "right" for row in passed(real_data / "math" / "best_of_8_sample.jsonl")
    ]
    share, ours = sum(stated) / len(stated), result.row("random pick").accuracy(8).value
    assert ours == pytest.approx(share, abs=0.015)
    ceiling = sum(any(stated[8 * i : 8 * i + 8]) for i in range(100)) / 100
    assert result.row("pass@N").accuracy(8).value == pytest.approx(ceiling, abs=0.015)
