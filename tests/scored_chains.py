"""Scored chains and tables of scores, for the tests of benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cpmi.runs.score_table import SCORES_NAME, ScoreRow, encode_scores
from cpmi.types import Chain, Rating, StepScores

TOO_LONG = "exceeds the model's context"


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
    chain = Chain(**(facts | changes))  # type: ignore[arg-type]
    return ScoreRow(chain=chain, scores=step_scores(scores))


def step_scores(values: Sequence[float | None]) -> StepScores:
    """As a PRM gives them: a score is missing because the step is beyond its context."""
    return StepScores(values=tuple(values), abstained=TOO_LONG if None in values else None)


def table(folder: Path, rows: Iterable[ScoreRow]) -> Path:
    """A folder with the table that `cpmi score` writes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SCORES_NAME).write_bytes(encode_scores(list(rows)))
    return folder
