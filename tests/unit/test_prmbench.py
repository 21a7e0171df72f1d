"""PRMScore on constructed predictions, against values computed by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.errors import InputError
from cpmi.evaluate import evaluate_prmbench
from cpmi.metrics.step_f1 import best_step_threshold
from cpmi.types import Rating
from tests.scored_chains import scored, table

R, W = Rating.RIGHT, Rating.WRONG


def item(id: str, scores: list[float | None], ratings: tuple[Rating, ...], kind: str, problem: str = ""):
    meta = {"classification": kind, "original_question": problem or id}
    return scored(id, scores, ratings=ratings, meta=meta)


ITEMS = [
    # Wrong steps 1 and 2: one hit, one missed (0.5 is not below 0.5); step 0 is a false alarm.
    item("a/circular", [0.4, 0.1, 0.5], (R, W, W), "circular"),
    item("b/circular", [0.9, 0.2], (R, W), "circular"),
    item("b/deception", [0.9, 0.9, 0.9, None], (R, R, W, R), "deception", "b/circular"),
]
APART = item("c/multi", [0.9, 0.1], (R, R), "multi_solutions")


def test_the_figures_by_hand(tmp_path: Path) -> None:
    result = evaluate_prmbench([table(tmp_path / "s", [*ITEMS, APART])], num_draws=50)
    # Of 9 steps 4 are wrong: 2 hits, 2 missed, 1 false alarm, 4 passed.
    overall = result.row("scores").overall
    f1_wrong, f1_right = 2 * 2 / (2 * 2 + 2 + 1), 2 * 4 / (2 * 4 + 2 + 1)
    assert overall.f1_wrong.value == pytest.approx(f1_wrong)
    assert overall.f1_right.value == pytest.approx(f1_right)
    assert overall.score.value == pytest.approx((f1_wrong + f1_right) / 2)
    circular, deception = result.row("scores").classes
    assert (circular.name, circular.num_items, circular.num_steps, circular.num_wrong_steps) == (
        *("circular", 2, 5, 3),
    )
    assert circular.f1_wrong.value == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    assert (deception.f1_wrong.value, deception.f1_right.value) == (0, pytest.approx(6 / 7))
    assert (result.num_items, result.num_problems, result.num_unscored_steps) == (3, 2, 1)


def test_the_baselines_by_hand(tmp_path: Path) -> None:
    result = evaluate_prmbench([table(tmp_path / "s", ITEMS)], num_draws=50)
    all_right, all_wrong = result.row("all right").overall, result.row("all wrong").overall
    assert (all_right.f1_wrong.value, all_right.f1_right.value) == (0, pytest.approx(10 / 14))
    assert all_right.score.value == pytest.approx(5 / 14)
    assert (all_wrong.f1_right.value, all_wrong.f1_wrong.value) == (0, pytest.approx(8 / 13))
    assert {"random", "position", "length", "relative length"} <= {row.name for row in result.rows}


def test_items_without_an_error_are_apart(tmp_path: Path) -> None:
    result = evaluate_prmbench([table(tmp_path / "s", [*ITEMS, APART])], num_draws=50)
    assert result.without_errors is not None
    assert (result.without_errors.num_items, result.without_errors.share_passed.value) == (1, 0.5)
    with pytest.raises(InputError, match="no scored item holds an error"):
        evaluate_prmbench([table(tmp_path / "t", [APART])])


def test_official_items_without_scores_are_counted_apart(tmp_path: Path) -> None:
    def official(idx: str, error_steps: list[int]) -> dict[str, object]:
        return {
            "idx": idx,
            "classification": "circular",
            "original_question": idx,
            "modified_question": f"Question of {idx}?",
            "modified_process": ["x", "y"],
            "error_steps": error_steps,
        }

    file = tmp_path / "items.jsonl"
    records = [official("b", [2]), official("past", [2, 3]), official("lost", [1])]
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    result = evaluate_prmbench([table(tmp_path / "s", ITEMS)], items=[file], num_draws=50)
    assert result.apart == {"'error_steps' points outside the chain": 1, "not among the scores": 1}
    args = ["evaluate", "prmbench", str(tmp_path / "s"), "--items", str(file), "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 0, done.output
    assert "'error_steps' points outside the chain" in done.output
    samples = [json.loads(line) for line in (tmp_path / "out" / "samples.jsonl").read_text().splitlines()]
    assert [(s["wrong_steps"], s["flagged_steps"]) for s in samples] == [
        ([1, 2], [0, 1]),
        ([1], [1]),
        ([2], []),
    ]


def test_the_step_threshold_is_the_best_of_all() -> None:
    generator = np.random.default_rng(3)
    for _ in range(20):
        values_N = generator.integers(0, 8, size=30) / 8
        wrong_N = generator.random(30) < 0.3

        def score(t: float, values_N: np.ndarray = values_N, wrong_N: np.ndarray = wrong_N) -> float:
            flagged = values_N < t
            errors = int((flagged != wrong_N).sum())
            hits, passed = int((flagged & wrong_N).sum()), int((~flagged & ~wrong_N).sum())
            return 2 * hits / (2 * hits + errors) + 2 * passed / (2 * passed + errors)

        found = best_step_threshold(values_N, wrong_N)
        assert found is not None
        assert score(found) == pytest.approx(max(score(t) for t in np.unique(values_N)))
