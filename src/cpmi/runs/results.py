"""The one file that a run ends with, put together from the rows of its chunks.

It depends on these rows and their order only, so it is the same bytes whether the run was plain, resumed or
merged from shards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from cpmi.data import CHAINS_NAME
from cpmi.errors import RunError
from cpmi.runs.columns import TableRow
from cpmi.runs.manifest import MANIFEST_NAME, Manifest
from cpmi.runs.score_table import SCHEMA, SCORES_NAME
from cpmi.runs.table import TABLE_NAME, read_schema, table_of, writer

ROWS_PER_GROUP = 1024

USAGE_NAME, REJECTS_NAME = "usage.json", "rejects.jsonl"

RESULT_NAMES: Mapping[str, str] = {"label": TABLE_NAME, "sample": CHAINS_NAME, "score": SCORES_NAME}
"""The result's name by the stage that made it."""


class Results(Protocol):
    """A kind of result: how the rows of chunks become one file, and come out of it again."""

    def join(self, parts: Iterable[bytes], file: BinaryIO) -> None:
        """Write the rows of all parts, in their order."""
        ...

    def split(self, path: Path, counts: Iterable[int]) -> Iterator[bytes]:
        """The rows of a result in parts of so many each, as `join` takes them."""
        ...


class ParquetTable:
    """A table of labels or of scores; a row of a part is a line of JSON.

    Args:
        columns: the schema.
    """

    def __init__(self, columns: pa.Schema) -> None:
        self._columns = columns

    def join(self, parts: Iterable[bytes], file: BinaryIO) -> None:
        """Write one table; a row group has `ROWS_PER_GROUP` rows, whatever the parts."""
        rows = (json.loads(line) for part in parts for line in part.splitlines())
        with writer(file, self._columns) as table:
            while group := list(islice(rows, ROWS_PER_GROUP)):
                table.write_table(table_of(group, self._columns), row_group_size=ROWS_PER_GROUP)

    def split(self, path: Path, counts: Iterable[int]) -> Iterator[bytes]:
        """The rows in parts; one row group is read at a time."""
        with pq.ParquetFile(path) as file:
            batches = file.iter_batches(batch_size=ROWS_PER_GROUP)
            rows = (row for batch in batches for row in batch.to_pylist())
            for count in counts:
                yield row_lines(list(islice(rows, count)))


class ChainLines:
    """Chains in cpmi's own form, one per line."""

    def join(self, parts: Iterable[bytes], file: BinaryIO) -> None:
        """Write the lines of all parts."""
        file.writelines(parts)

    def split(self, path: Path, counts: Iterable[int]) -> Iterator[bytes]:
        """The lines in parts."""
        with path.open("rb") as file:
            for count in counts:
                yield b"".join(islice(file, count))


def row_lines(rows: Sequence[TableRow]) -> bytes:
    """Rows of a table as `ParquetTable.join` takes them.

    Raises:
        ValueError: a number is not finite.
    """
    lines = [json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows]
    return "".join(lines).encode()


def result_name(manifest: Manifest, *, folder: Path) -> str:
    """The name of the result of a run.

    Raises:
        RunError: the manifest is of a kind of run that this version does not know.
    """
    try:
        return RESULT_NAMES[manifest.stage]
    except KeyError as error:
        raise RunError(
            "a run of an unknown kind",
            where=str(folder / MANIFEST_NAME),
            got=manifest.stage,
            expected=" or ".join(RESULT_NAMES),
            hint="Use the version of cpmi that made it, or another --out.",
        ) from error


def results_of(manifest: Manifest, *, folder: Path) -> Results:
    """The kind of result that a finished run in `folder` has.

    Raises:
        RunError: the run is of an unknown kind, or its result is not there.
    """
    kinds: Mapping[str, Callable[[], Results]] = {
        TABLE_NAME: lambda: ParquetTable(read_schema(folder)),
        CHAINS_NAME: ChainLines,
        SCORES_NAME: lambda: ParquetTable(SCHEMA),
    }
    return kinds[result_name(manifest, folder=folder)]()
