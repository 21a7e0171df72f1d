"""The table of scores, `scores.parquet`: one row per chain. Equal rows make equal bytes.

It keeps all facts of a chain (ratings, gold, answer, meta), so that scores are evaluated without the file
that they were made from.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cpmi.errors import RunError
from cpmi.runs.table import writer
from cpmi.types import Chain, Rating, StepScores

SCORES_NAME = "scores.parquet"

_KEY = b"cpmi.scores"
_FORMAT = b"2"
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("question", pa.string(), nullable=False),
        pa.field("gold", pa.string()),
        pa.field("answer", pa.string()),
        pa.field("steps", pa.list_(pa.string()), nullable=False),
        pa.field("scores", pa.list_(pa.float64()), nullable=False),
        pa.field("abstained", pa.string()),
        pa.field("ratings", pa.list_(pa.string())),
        pa.field("meta", pa.map_(pa.string(), pa.string()), nullable=False),
    ],
    metadata={_KEY: _FORMAT},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One chain and its scores: one row of the table.

    Raises:
        ValueError: there is not one score per step.
    """

    chain: Chain
    scores: StepScores

    def __post_init__(self) -> None:
        if len(self.scores.values) != len(self.chain.steps):
            raise ValueError(f"{self.chain.id}: steps and scores differ in number")


def encode_scores(rows: Sequence[ScoreRow]) -> bytes:
    """A Parquet file of one row group."""
    buffer = io.BytesIO()
    with writer(buffer, SCHEMA) as table:
        if rows:
            table.write_table(pa.Table.from_pylist(list(map(_to_row, rows)), schema=SCHEMA))
    return buffer.getvalue()


def read_scores(source: str | Path) -> Iterator[ScoreRow]:
    """The rows of a folder of scores, or of its table, in the order of its input.

    Raises:
        RunError: there is no table of scores.
    """
    path = Path(source)
    path = path / SCORES_NAME if path.is_dir() else path
    try:
        file = pq.ParquetFile(path)
    except FileNotFoundError as error:
        raise RunError(
            f"no {SCORES_NAME} there", where=str(source), expected="a folder that cpmi score wrote"
        ) from error
    except pa.ArrowInvalid as error:
        raise RunError("not a table of scores", where=str(path), got=str(error)) from error
    if (file.schema_arrow.metadata or {}).get(_KEY) != _FORMAT:
        raise RunError(
            "not a table of scores by this cpmi",
            where=str(path),
            got=str(file.schema_arrow.names),
            hint="If another version of cpmi wrote it, score the chains again.",
        )
    for batch in file.iter_batches():
        yield from map(_from_row, batch.to_pylist())


def _to_row(row: ScoreRow) -> dict[str, Any]:
    chain = row.chain
    return {
        "id": chain.id,
        "question": chain.question,
        "gold": chain.gold,
        "answer": chain.answer,
        "steps": list(chain.steps),
        "scores": list(row.scores.values),
        "abstained": row.scores.abstained,
        "ratings": None if chain.ratings is None else [rating.value for rating in chain.ratings],
        "meta": sorted(chain.meta.items()),
    }


def _from_row(row: Mapping[str, Any]) -> ScoreRow:
    chain = Chain(
        id=row["id"],
        question=row["question"],
        steps=tuple(row["steps"]),
        gold=row["gold"],
        answer=row["answer"],
        ratings=None if row["ratings"] is None else tuple(map(Rating, row["ratings"])),
        meta=dict(row["meta"]),
    )
    return ScoreRow(chain=chain, scores=StepScores(values=tuple(row["scores"]), abstained=row["abstained"]))
