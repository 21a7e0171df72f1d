"""The official protocols on the real benchmarks, by what needs no model: figures measured apart.

The folder is named by CPMI_DATA; without it these tests are skipped.
"""

from __future__ import annotations

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
ALL_RIGHT = 45.1  # PRMScore on p1 and p2
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
    assert result.splits[0].num_answers_settled == 6


def test_perfect_scores_are_perfect(real_data: Path, tmp_path: Path) -> None:
    rows = [
        ScoreRow(chain=t, scores=step_scores([0.0 if r == "wrong" else 1.0 for r in t.ratings or ()]))
        for t in read_chains(real_data / "processbench" / "gsm8k.json")
        if not isinstance(t, RecordError)
    ]
    result = evaluate_processbench([table(tmp_path / "s", rows)], num_draws=20)
    assert result.row("scores").mean_f1.value == 1


def test_prmbench_all_right(real_data: Path, tmp_path: Path) -> None:
    files = sorted((real_data / "prmbench").glob("prm800k_test_p[12]_*.jsonl"))
    folder = table(tmp_path / "s", [row for file in files for row in passed(file)])
    result = evaluate_prmbench([folder], items=files, num_draws=5)
    assert percent(result.row("all right").overall.score.value) == ALL_RIGHT
    assert percent(result.row("scores").overall.score.value) == ALL_RIGHT  # every step passes
    assert result.apart is not None
    assert result.apart["'error_steps' points outside the chain"] == PAST_THE_END
    assert sum(result.apart.values()) == PAST_THE_END + EMPTY_STEP
    assert result.num_items == NUM_ITEMS - PAST_THE_END - EMPTY_STEP
    assert len(result.row("scores").classes) == 8


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
