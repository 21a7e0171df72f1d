"""Rows of the `datasets` library as raw records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cpmi.data.record import SKIP_HINT, RawRecord
from cpmi.data.sources.datasets_library import rows_of
from cpmi.data.sources.plain_values import plain
from cpmi.errors import RecordError


def read_rows(loaded: Iterable[object], *, stem: str, name: str) -> Iterator[RawRecord | RecordError]:
    """The rows in order, numbered from 0 as their ids are.

    Args:
        loaded: a `datasets.Dataset`, or rows.
        stem: for ids.
        name: what messages call it.
    """
    for index, row in enumerate(rows_of(loaded)):
        where = f"{name}, row {index} (from 0)"
        if isinstance(row, Exception):
            yield RecordError(
                "the row cannot be decoded",
                where=where,
                got=f"{type(row).__name__}: {row}",
                expected="text, a number, true or false, null, a list, an object, a date or a time",
                hint=f"Leave the column out, or convert it. {SKIP_HINT}",
            )
        elif not isinstance(row, dict):
            yield RecordError(
                "the record is not an object",
                where=where,
                got=type(row).__name__,
                expected="an object with named fields",
                hint=SKIP_HINT,
            )
        else:
            fields = {column: plain(value) for column, value in row.items()}
            yield RawRecord(fields=fields, index=index, stem=stem, source=where)
