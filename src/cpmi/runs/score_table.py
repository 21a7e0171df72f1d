"""The table of scores, `scores.parquet`: one row per chain. Equal rows make equal bytes.

It keeps all facts of a chain (ratings, gold, answer, meta), so that scores are evaluated without the file
that they were made from.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from cpmi.places import expect_kind
from cpmi.runs import format_0
from cpmi.runs.columns import CHAIN_FIELDS, TableRow, chain_of, chain_row
from cpmi.runs.table import encoded, open_table
from cpmi.types import Chain, StepScores

SCORES_NAME = "scores.parquet"

_KEY = b"cpmi.scores"
_FORMAT = b"3"
SCHEMA = pa.schema(
    [
        *CHAIN_FIELDS,
        pa.field("scores", pa.list_(pa.float64()), nullable=False),
        pa.field("abstained", pa.string()),
    ],
    metadata={_KEY: _FORMAT},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One chain and its scores: one row of the table.

    Attributes:
        chain: the chain.
        scores: of its steps.

    Raises:
        ValueError: there is not one score per step.
    """

    chain: Chain
    scores: StepScores

    def __post_init__(self) -> None:
        if len(self.scores.values) != len(self.chain.steps):
            raise ValueError(f"{self.chain.id}: steps and scores differ in number")


def score_rows(rows: Sequence[ScoreRow]) -> list[TableRow]:
    """Rows as the table has them."""
    return list(map(_to_row, rows))


def encode_scores(rows: Sequence[ScoreRow]) -> bytes:
    """The table of scores as a Parquet file of one row group."""
    return encoded(score_rows(rows), SCHEMA)


def read_scores(source: str | Path) -> Iterator[ScoreRow]:
    """The rows of a folder of scores, or of its table, in the order of its input.

    Raises:
        RunError: there is no table of scores.
    """
    path = Path(source)
    if not os.path.isfile(path):
        expect_kind(path, "scores")
        path = path / SCORES_NAME
    file, written = open_table(path, "scores", key=_KEY, formats=(_FORMAT, format_0.SCORES_FORMAT))
    for batch in file.iter_batches():
        for row in batch.to_pylist():
            yield _from_row(row if written == _FORMAT else format_0.upgraded_scores(row))


def _to_row(row: ScoreRow) -> TableRow:
    scores = row.scores
    return {**chain_row(row.chain), "scores": list(scores.values), "abstained": scores.abstained}


def _from_row(row: TableRow) -> ScoreRow:
    scores = StepScores(values=tuple(row["scores"]), abstained=row["abstained"])
    return ScoreRow(chain=chain_of(row), scores=scores)
