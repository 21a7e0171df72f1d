"""Scored chains and tables of scores, for the tests of benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cpmi.runs.score_table import ScoreRow, write_scores
from cpmi.types import Chain, Rating


def scored(
    id: str,
    scores: Sequence[float | None],
    first_error: int | None = None,
    **changes: object,
) -> ScoreRow:
    """A chain with a step a score, on a problem of its own; nothing is judged after the first error."""
    num_steps = len(scores)
    ratings = [Rating.RIGHT] * num_steps
    if first_error is not None:
        ratings[first_error:] = [Rating.WRONG] + [Rating.NOT_JUDGED] * (num_steps - first_error - 1)
    facts: dict[str, object] = {
        "id": id,
        "question": f"Question of {id}?",
        "steps": tuple(f"step {index}" for index in range(num_steps)),
        "ratings": tuple(ratings),
    }
    return ScoreRow.of(Chain(**(facts | changes)), tuple(scores))  # type: ignore[arg-type]


def table(folder: Path, rows: Iterable[ScoreRow]) -> Path:
    """A folder as `cpmi score` leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_scores(rows, folder)
    return folder
