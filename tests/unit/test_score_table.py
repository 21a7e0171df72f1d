"""The table of scores: there and back, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cpmi.errors import RunError
from cpmi.runs.score_table import SCORES_NAME, ScoreRow, read_scores
from cpmi.types import Rating, StepScores
from tests.scored_chains import TOO_LONG, scored, step_scores, table

ROWS = [
    scored("a", [0.5, None], 1, meta={"outcome": "right", "generator": "m"}, gold="3", answer="4"),
    scored("b", [1.0], ratings=None),
]


def test_rows_come_back_from_the_folder_and_from_the_file(tmp_path: Path) -> None:
    folder = table(tmp_path / "s", ROWS)
    assert list(read_scores(folder)) == ROWS
    assert list(read_scores(folder / SCORES_NAME)) == ROWS
    assert ROWS[0].chain.ratings == (Rating.RIGHT, Rating.WRONG)
    assert [row.scores.abstained for row in read_scores(folder)] == [TOO_LONG, None]


def test_a_table_without_a_row(tmp_path: Path) -> None:
    assert list(read_scores(table(tmp_path / "s", []))) == []


def test_equal_rows_make_equal_bytes_and_the_columns_are_these(tmp_path: Path) -> None:
    first, second = (table(tmp_path / name, ROWS) / SCORES_NAME for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    names = {"id", "question", "steps", "scores", "abstained", "gold", "answer", "ratings", "meta", "source"}
    names |= {"options", "other_golds", "outcome", "distractors"}
    assert set(pq.read_schema(first).names) == names


def test_a_row_has_one_score_per_step() -> None:
    with pytest.raises(ValueError, match="a: "):
        ScoreRow(chain=ROWS[0].chain, scores=step_scores([0.5]))


@pytest.mark.parametrize(
    ("values", "abstained"),
    [((0.5, 1.1), None), ((float("nan"), 0.5), None), ((0.5, None), None), ((0.5, 0.5), TOO_LONG)],
)
def test_a_score_is_a_probability_or_missing_for_a_reason(
    values: tuple[float | None, ...], abstained: str | None
) -> None:
    with pytest.raises(ValueError, match="score"):
        StepScores(values=values, abstained=abstained)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no scores\.parquet there"):
        list(read_scores(tmp_path))
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / SCORES_NAME)
    with pytest.raises(RunError, match="not a table of scores by this cpmi"):
        list(read_scores(tmp_path))
