"""The table of scores, `scores.parquet`: one row a chain. Equal rows make equal bytes.

It keeps what is known of a chain (ratings, gold, answer, facts), so that scores can be held against it
wherever the file that they were made from is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cpmi.errors import RunError
from cpmi.runs.storage import replacing
from cpmi.runs.table import writer
from cpmi.types import Chain, Rating

SCORES_NAME = "scores.parquet"

_KEY = b"cpmi.scores"
_FORMAT = b"1"
_ROWS_PER_GROUP = 1024
_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("question", pa.string(), nullable=False),
        pa.field("gold", pa.string()),
        pa.field("answer", pa.string()),
        pa.field("steps", pa.list_(pa.string()), nullable=False),
        pa.field("scores", pa.list_(pa.float64()), nullable=False),
        pa.field("ratings", pa.list_(pa.string())),
        pa.field("meta", pa.map_(pa.string(), pa.string()), nullable=False),
    ],
    metadata={_KEY: _FORMAT},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One chain and its scores: one row of the table.

    Attributes:
        id, question, steps: of the chain.
        scores: [S] P(correct) in [0, 1]; None for a step beyond the model's context.
        gold, answer, ratings, meta: of the chain, where they are known.

    Raises:
        ValueError: lengths differ, or a score is not in [0, 1].
    """

    id: str
    question: str
    steps: tuple[str, ...]
    scores: tuple[float | None, ...]
    gold: str | None = None
    answer: str | None = None
    ratings: tuple[Rating, ...] | None = None
    meta: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = (self.scores, self.ratings)
        if any(column is not None and len(column) != len(self.steps) for column in columns):
            raise ValueError(f"{self.id}: the columns differ in length")
        if not all(0 <= score <= 1 for score in self.scores if score is not None):
            raise ValueError(f"{self.id}: a score is not in [0, 1]: {self.scores}")

    @classmethod
    def of(cls, chain: Chain, scores: tuple[float | None, ...]) -> ScoreRow:
        """The row of a chain."""
        return cls(
            id=chain.id,
            question=chain.question,
            steps=chain.steps,
            scores=scores,
            gold=chain.gold,
            answer=chain.answer,
            ratings=chain.ratings,
            meta=chain.meta,
        )

    @property
    def chain(self) -> Chain:
        """The chain."""
        return Chain(
            id=self.id,
            question=self.question,
            steps=self.steps,
            gold=self.gold,
            answer=self.answer,
            ratings=self.ratings,
            meta=self.meta,
        )


def write_scores(rows: Iterable[ScoreRow], folder: Path) -> None:
    """Write the table into a folder, at once or not at all.

    Raises:
        StorageError: the disk refused.
    """
    iterator = iter(rows)
    with replacing(folder / SCORES_NAME) as file, writer(file, _SCHEMA) as table:
        while group := [_to_row(row) for row in islice(iterator, _ROWS_PER_GROUP)]:
            table.write_table(pa.Table.from_pylist(group, schema=_SCHEMA), row_group_size=len(group))


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
    for group in range(file.num_row_groups):
        for row in file.read_row_group(group).to_pylist():
            yield _from_row(row)


def _to_row(row: ScoreRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "question": row.question,
        "gold": row.gold,
        "answer": row.answer,
        "steps": list(row.steps),
        "scores": list(row.scores),
        "ratings": None if row.ratings is None else [rating.value for rating in row.ratings],
        "meta": sorted(row.meta.items()),
    }


def _from_row(row: Mapping[str, Any]) -> ScoreRow:
    return ScoreRow(
        id=row["id"],
        question=row["question"],
        steps=tuple(row["steps"]),
        scores=tuple(row["scores"]),
        gold=row["gold"],
        answer=row["answer"],
        ratings=None if row["ratings"] is None else tuple(map(Rating, row["ratings"])),
        meta=dict(row["meta"]),
    )
