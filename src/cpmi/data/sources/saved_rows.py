"""Rows of the `datasets` library as raw records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cpmi.data.record import SKIP_HINT, RawRecord
from cpmi.data.sources.datasets_library import rows_of
from cpmi.data.sources.plain_values import NotPlainError, plain
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
            yield unusable_value(row, where)
        elif not isinstance(row, dict):
            yield RecordError(
                "the record is not an object",
                where=where,
                got=type(row).__name__,
                expected="an object with named fields",
                hint=SKIP_HINT,
            )
        else:
            try:
                fields = {column: plain(value, column) for column, value in row.items()}
            except NotPlainError as error:
                yield unusable_value(error, where)
            else:
                yield RawRecord(fields=fields, index=index, stem=stem, source=where)


def unusable_value(error: Exception, where: str) -> RecordError:
    """The error about a row with a value that JSON has no form for."""
    what, got = "the row cannot be decoded", f"{type(error).__name__}: {error}"
    if isinstance(error, NotPlainError):
        what, got = f"the field {error.path!r} is not usable", error.got
    return RecordError(
        what,
        where=where,
        got=got,
        expected="text, a number, true or false, null, a list, an object, a date or a time",
        hint=f"Leave the column out, or convert it. {SKIP_HINT}",
    )
