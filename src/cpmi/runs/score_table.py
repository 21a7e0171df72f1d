"""The table of scores, `scores.parquet`: one row a chain. Equal rows make equal bytes.

It keeps what is known of a chain (ratings, gold, answer, facts), so that scores can be held against it
wherever the file that they were made from is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cpmi.errors import RunError
from cpmi.runs import format_0
from cpmi.runs.columns import CHAIN_FIELDS, TableRow, chain_of, chain_row
from cpmi.runs.storage import replacing
from cpmi.runs.table import writer
from cpmi.types import Chain

SCORES_NAME = "scores.parquet"

_KEY = b"cpmi.scores"
_FORMAT = b"2"
_ROWS_PER_GROUP = 1024
_SCHEMA = pa.schema(
    [
        *CHAIN_FIELDS,
        pa.field("scores", pa.list_(pa.float64()), nullable=False),
    ],
    metadata={_KEY: _FORMAT},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One chain and its scores: one row of the table.

    Attributes:
        chain: the chain.
        scores: [S] P(correct) in [0, 1]; None for a step beyond the model's context.

    Raises:
        ValueError: lengths differ, or a score is not in [0, 1].
    """

    chain: Chain
    scores: tuple[float | None, ...]

    def __post_init__(self) -> None:
        if len(self.scores) != len(self.chain.steps):
            raise ValueError(f"{self.chain.id}: scores and steps differ in length")
        if not all(0 <= score <= 1 for score in self.scores if score is not None):
            raise ValueError(f"{self.chain.id}: a score is not in [0, 1]: {self.scores}")

    @classmethod
    def of(cls, chain: Chain, scores: tuple[float | None, ...]) -> ScoreRow:
        """The row of a chain."""
        return cls(chain=chain, scores=scores)


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
    written = (file.schema_arrow.metadata or {}).get(_KEY)
    if written not in (_FORMAT, format_0.SCORES_FORMAT):
        raise RunError(
            "not a table of scores by this cpmi",
            where=str(path),
            got=str(file.schema_arrow.names),
            hint="If another version of cpmi wrote it, score the chains again.",
        )
    for group in range(file.num_row_groups):
        for row in file.read_row_group(group).to_pylist():
            yield _from_row(row if written == _FORMAT else format_0.upgraded_chain(row))


def _to_row(row: ScoreRow) -> TableRow:
    return {**chain_row(row.chain), "scores": list(row.scores)}


def _from_row(row: TableRow) -> ScoreRow:
    return ScoreRow(chain=chain_of(row), scores=tuple(row["scores"]))
