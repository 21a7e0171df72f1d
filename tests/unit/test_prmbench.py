"""PRMScore: the official one against values of the benchmark's own code, the well-formed one by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.data import read_chains
from cpmi.errors import InputError
from cpmi.evaluate import PRMBench, evaluate_prmbench
from cpmi.metrics.step_f1 import best_step_threshold
from cpmi.runs.score_table import ScoreRow
from cpmi.types import Chain, Rating
from tests.scored_chains import scored, step_scores, table

R, W = Rating.RIGHT, Rating.WRONG

# idx, class, error_steps, number of steps: repeated, with error steps (one, all of them) past the end.
OFFICIAL = (
    ("a", "circular", [2, 3], 3),
    ("b", "circular", [2], 2),
    ("b", "deception", [3], 4),
    ("c", "multi_solutions", [], 2),
    ("c", "multi_solutions", [], 3),
    ("d", "confidence", [2, 4], 3),
    ("e", "confidence", [5], 2),
)
MIXED = [
    [0.4, 0.1, 0.5],
    [0.9, 0.2],
    [0.9, 0.9, 0.9, None],
    [0.9, 0.5],
    [0.1] * 3,
    [0.9, 0.4, 0.8],
    [0.3, 0.7],
]
PREDICTIONS: dict[str, list[list[float | None] | None]] = {
    "mixed": [*MIXED],
    "all right": [[1.0] * num for *_, num in OFFICIAL],
    "all wrong": [[0.0] * num for *_, num in OFFICIAL],
    "exactly 0.5": [[0.5] * num for *_, num in OFFICIAL],
    "truth": [[float(i + 1 not in wrong) for i in range(num)] for _, _, wrong, num in OFFICIAL],
    "opposite": [[float(i + 1 in wrong) for i in range(num)] for _, _, wrong, num in OFFICIAL],
    "short": [
        [1, None, None], [0, 0], [None] * 4, [1, None], [1] * 3, [1, 0, None], [0, 1],
    ],
    "missing": [MIXED[0], None, [0.9, 0.9, 0.1, 0.9], None, *MIXED[4:]],
}  # fmt: skip
# By the benchmark's own code (a1ae4ea) for a label of "score > 0.5": PRMScore, its F1s, and classes.
CLASSES = ("circular", "confidence", "deception", "multi_solutions")
BY_ITS_CODE = {
    "mixed": (
        (0.7222222222222221, 0.7777777777777777, 0.6666666666666666),
        (0.7619047619047619, 0.7619047619047619, 0.4, 0.6666666666666666),
    ),
    "all right": (
        (0.4074074074074074, 0.8148148148148148, 0),
        (0.28571428571428575, 0.4444444444444445, 0.42857142857142855, 1),
    ),
    "all wrong": (
        (0.23809523809523808, 0, 0.47619047619047616),
        (0.37499999999999994, 0.16666666666666669, 0.2, 0),
    ),
    "exactly 0.5": (
        (0.23809523809523808, 0, 0.47619047619047616),
        (0.37499999999999994, 0.16666666666666669, 0.2, 0),
    ),
    "truth": ((1, 1, 1), (1, 1, 1, 1)),
    "opposite": ((-1, -1, -1), (-1, -1, -1, 0)),
    "short": (
        (0.7333333333333334, 0.8, 0.6666666666666666),
        (0.6666666666666666, 0.7333333333333334, -1, 1),
    ),
    "missing": (
        (0.6606334841628958, 0.7058823529411764, 0.6153846153846153),
        (0.4, 0.7619047619047619, 1, 0),
    ),
}


def official_file(folder: Path) -> Path:
    records = [
        {
            "idx": idx,
            "classification": kind,
            "original_question": f"Question {idx}?",
            "modified_question": f"Question of {idx}?",
            "modified_process": ["x"] * num,
            "error_steps": wrong,
        }
        for idx, kind, wrong, num in OFFICIAL
    ]
    file = folder / "items.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return file


def evaluated(folder: Path, predictions: list[list[float | None] | None]) -> PRMBench:
    file = official_file(folder)
    rows = [
        ScoreRow(chain=chain, scores=step_scores(values))
        for chain, values in zip(read_chains(file), predictions, strict=True)
        if isinstance(chain, Chain) and values is not None
    ]
    return evaluate_prmbench([table(folder / "s", rows)], items=[file], num_draws=20)


@pytest.mark.parametrize("kind", BY_ITS_CODE)
def test_the_official_score_is_that_of_the_benchmarks_own_code(tmp_path: Path, kind: str) -> None:
    row = evaluated(tmp_path, PREDICTIONS[kind]).row("scores")
    overall, classes = BY_ITS_CODE[kind]
    found = (row.overall.score.value, row.overall.f1_right.value, row.overall.f1_wrong.value)
    assert found == pytest.approx(overall, abs=1e-9)
    assert tuple(of_class.name for of_class in row.classes) == CLASSES
    assert tuple(of_class.score.value for of_class in row.classes) == pytest.approx(classes, abs=1e-9)


def test_what_differs_is_counted(tmp_path: Path) -> None:
    result = evaluated(tmp_path, PREDICTIONS["mixed"])
    assert [difference.num for difference in result.differences] == [2, 2, 0, 1, 2, 1]
    assert (result.num_items, result.num_problems, result.well_formed.num_items) == (6, 5, 3)
    assert result.apart == {}
    assert "6 of the benchmark's 6,211 items" in result.warnings[-1]


def test_official_baselines_predict_every_step(tmp_path: Path) -> None:
    result = evaluated(tmp_path, PREDICTIONS["short"])
    for name in ("all right", "all wrong"):
        assert result.row(name).overall.score.value == pytest.approx(BY_ITS_CODE[name][0][0], abs=1e-9)


def test_the_official_code_refuses_results_that_lack_five_items(tmp_path: Path) -> None:
    result = evaluated(tmp_path, [MIXED[0], *[None] * 6])
    assert result.apart == {"not among the scores": 5}  # the repeated item is one
    assert any("refuses this result: 5 items" in warning for warning in result.warnings)


def test_aspects_are_means_of_their_classes(tmp_path: Path) -> None:
    rows = [
        item("a/redundency", [0.9, 0.2], (R, W), "redundency"),
        item("a/circular", [0.9, 0.9], (R, W), "circular"),
        item("a/deception", [0.9, 0.2], (R, W), "deception"),
    ]
    row = evaluate_prmbench([table(tmp_path / "s", rows)], num_draws=5).row("scores")
    assert [(aspect.name, aspect.score.value) for aspect in row.aspects] == [
        ("simplicity", pytest.approx((1 + 1 / 3) / 2))
    ]


def item(
    id: str, scores: list[float | None], ratings: tuple[Rating, ...], kind: str, problem: str = ""
) -> ScoreRow:
    meta = {"classification": kind, "original_question": problem or id}
    return scored(id, scores, ratings=ratings, meta=meta)


ITEMS = [
    # Wrong steps 1 and 2: one hit, one missed (0.5 is not below 0.5); step 0 is a false alarm.
    item("a/circular", [0.4, 0.1, 0.5], (R, W, W), "circular"),
    item("b/circular", [0.9, 0.2], (R, W), "circular"),
    item("b/deception", [0.9, 0.9, 0.9, None], (R, R, W, R), "deception", "b/circular"),
]
APART = item("c/multi", [0.9, 0.1], (R, R), "multi_solutions")


def test_well_formed_items_by_hand(tmp_path: Path) -> None:
    ours = evaluate_prmbench([table(tmp_path / "s", [*ITEMS, APART])], num_draws=50).well_formed
    # Of 9 steps 4 are wrong: 2 hits, 2 missed, 1 false alarm, 4 passed.
    row = ours.rows[0]
    f1_wrong, f1_right = 2 * 2 / (2 * 2 + 2 + 1), 2 * 4 / (2 * 4 + 2 + 1)
    assert row.overall.f1_wrong.value == pytest.approx(f1_wrong)
    assert row.overall.f1_right.value == pytest.approx(f1_right)
    assert row.overall.score.value == pytest.approx((f1_wrong + f1_right) / 2)
    circular, deception = row.classes
    assert (circular.num_items, circular.num_steps, circular.num_wrong_steps) == (2, 5, 3)
    assert circular.f1_wrong.value == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    assert (deception.f1_wrong.value, deception.f1_right.value) == (0, pytest.approx(6 / 7))
    assert (ours.num_items, ours.num_problems) == (3, 2)


def test_baselines_on_well_formed_items_by_hand(tmp_path: Path) -> None:
    rows = evaluate_prmbench([table(tmp_path / "s", ITEMS)], num_draws=50).well_formed.rows
    _, all_right, all_wrong, *others = rows
    assert (all_right.overall.f1_wrong.value, all_right.overall.f1_right.value) == (0, pytest.approx(10 / 14))
    assert all_right.overall.score.value == pytest.approx(5 / 14)
    assert (all_wrong.overall.f1_right.value, all_wrong.overall.f1_wrong.value) == (0, pytest.approx(8 / 13))
    assert {row.name for row in others} == {"random", "position", "length", "relative length"}


def test_items_without_an_error_are_apart_from_well_formed_ones(tmp_path: Path) -> None:
    result = evaluate_prmbench([table(tmp_path / "s", [*ITEMS, APART])], num_draws=50)
    apart = result.well_formed.without_errors
    assert apart is not None
    assert (apart.num_items, apart.share_passed.value) == (1, 0.5)
    with pytest.raises(InputError, match="no scored item holds an error"):
        evaluate_prmbench([table(tmp_path / "t", [APART])])


def test_error_steps_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    broken = scored("x", [0.5], ratings=(W,), meta={"error_steps": "the second"})
    with pytest.raises(InputError, match="are not numbers of steps"):
        evaluate_prmbench([table(tmp_path / "s", [broken])])


def test_the_table_shows_the_official_score_first(tmp_path: Path) -> None:
    evaluated(tmp_path, PREDICTIONS["mixed"])
    args = ["evaluate", "prmbench", str(tmp_path / "s"), "--items", str(tmp_path / "items.jsonl")]
    done = CliRunner().invoke(app, [*args, "-o", str(tmp_path / "out"), "--draws", "20"])
    assert done.exit_code == 0, done.output
    official, ours = done.output.index("official, %"), done.output.index("well-formed items, %")
    assert official < done.output.index("72.2") < ours < done.output.index("what differs")
    samples = [json.loads(line) for line in (tmp_path / "out" / "samples.jsonl").read_text().splitlines()]
    assert [(s["wrong_steps"], s["flagged_steps"]) for s in samples] == [
        ([1, 2], [0, 1, 2]),
        ([1], [1]),
        ([2], []),
        ([], [1]),
        ([1], [1]),
        ([], [0]),
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
