"""The one file that a run ends with, put together from the rows of its chunks.

It depends on these rows and their order only, so it is the same bytes whether the run was plain, resumed or
merged from shards.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from cpmi.data import CHAINS_NAME
from cpmi.errors import RunError
from cpmi.runs.chunks import CHUNKS_FOLDER, ChunkStore
from cpmi.runs.columns import CHAIN_FIELDS
from cpmi.runs.folder import claim
from cpmi.runs.manifest import MANIFEST_NAME, Manifest
from cpmi.runs.score_table import SCHEMA, SCORES_NAME
from cpmi.runs.table import TABLE_NAME, read_schema, writer

CHUNKS_PER_ROW_GROUP = 128  # a group a chunk would make the footer of a large table larger than its rows

USAGE_NAME, REJECTS_NAME = "usage.json", "rejects.jsonl"

RESULT_NAMES: Mapping[str, str] = {"label": TABLE_NAME, "sample": CHAINS_NAME, "score": SCORES_NAME}
"""The result's name by the stage that made it; the rows of chunks have the same suffix."""


@contextmanager
def open_run(folder: Path, manifest: Manifest, *, overwrite: bool = False) -> Iterator[ChunkStore]:
    """Claim the folder of a run and give its chunks; errors as `cpmi.runs.folder.claim`."""
    name = result_name(manifest, folder=folder)
    suffix = Path(name).suffix
    chunks = f"{CHUNKS_FOLDER}/#"
    files = (name, USAGE_NAME, REJECTS_NAME, f"{chunks}.json", f"{chunks}{suffix}", f"{chunks}.journal.jsonl")
    with claim(folder, manifest, files=files, overwrite=overwrite):
        store = ChunkStore(folder, suffix=suffix, fingerprint=manifest.fingerprint)
        store.prepare()
        yield store


class Results(Protocol):
    """A kind of result: how the rows of chunks become one file."""

    def join(self, parts: Sequence[Path], file: BinaryIO) -> None:
        """Write the rows of all parts, in their order."""
        ...


class ParquetTable:
    """A table of labels or of scores.

    Args:
        columns: the schema of every part.
    """

    def __init__(self, columns: pa.Schema) -> None:
        self._columns = columns

    def join(self, parts: Sequence[Path], file: BinaryIO) -> None:
        """Write one table; a row group has many chunks."""
        with writer(file, self._columns) as table:
            for first in range(0, len(parts), CHUNKS_PER_ROW_GROUP):
                group = parts[first : first + CHUNKS_PER_ROW_GROUP]
                rows = pa.concat_tables([self._table(part) for part in group])
                if rows.num_rows:
                    table.write_table(rows.combine_chunks(), row_group_size=rows.num_rows)

    def _table(self, part: Path) -> pa.Table:
        """The rows of a part; columns of a chain that its version did not have are null."""
        table = pq.read_table(part, partitioning=None)
        if missing := [field for field in CHAIN_FIELDS if field.name not in table.column_names]:
            for field in missing:
                table = table.append_column(field, pa.nulls(len(table), field.type))
            table = table.select(self._columns.names)
        return table


class ChainLines:
    """Chains in cpmi's own form, one per line."""

    def join(self, parts: Sequence[Path], file: BinaryIO) -> None:
        for part in parts:
            with part.open("rb") as rows:
                shutil.copyfileobj(rows, file)


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
