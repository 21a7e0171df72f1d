"""Parquet: rows in batches, as JSON has their values."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from cpmi.data.record import RawRecord
from cpmi.data.sources.file import SourceFile
from cpmi.data.sources.json_columns import json_decoders
from cpmi.data.sources.plain_values import Unreadable, plain
from cpmi.data.sources.unpacking import DamagedError
from cpmi.errors import InputError, StorageError

_ROWS_AT_ONCE = 1024
_OPTIONS = {
    # With a buffer, columns are streamed; without, those of a row group are read into memory whole.
    "buffer_size": 1 << 16,
    "pre_buffer": False,
    "page_checksum_verification": True,
}

Convert = Callable[[object], object]


def read_parquet(file: SourceFile) -> Iterator[RawRecord]:
    """The rows in order.

    Columns that `datasets` typed as Json are decoded. A value that JSON has no form for, or that cannot be
    decoded, is `Unreadable`, and the rest of its row is read. Dates and times come as ISO text. A compressed
    file is decompressed to a temporary one, since Parquet is read from its end.

    Raises:
        InputError: the file cannot be read as a whole, or has two columns of one name.
        StorageError: it cannot be decompressed to the folder of temporary files.
    """
    with _seekable(file) as content:
        yield from _read(content, file)


def _read(content: Any, file: SourceFile) -> Iterator[RawRecord]:
    # Imported here because most inputs are JSON and pyarrow takes long to load.
    import pyarrow
    import pyarrow.parquet

    index = 0
    try:
        with pyarrow.parquet.ParquetFile(content, **_OPTIONS) as table:
            schema = table.schema_arrow
            _expect_distinct(schema.names, file)
            converts = _converts(schema)
            for batch in table.iter_batches(batch_size=_ROWS_AT_ONCE, use_threads=False):
                for value in _rows(batch, converts):
                    where = f"{file.name}, row {index} (from 0)"
                    yield RawRecord(fields=value, index=index, stem=file.stem, source=where)
                    index += 1
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(
            "the Parquet file cannot be read",
            where=file.name,
            got=str(error) if index == 0 else f"{error}, after row {index - 1} (from 0)",
            hint="If it looks truncated, fetch or write it again.",
        ) from error


@contextmanager
def _seekable(file: SourceFile) -> Iterator[Any]:
    if file.compression is None:
        yield file.path
        return
    with tempfile.TemporaryFile(prefix="cpmi-") as unpacked:
        _unpack_into(unpacked, file)
        yield unpacked


def _unpack_into(unpacked: IO[bytes], file: SourceFile) -> None:
    with file.open() as stream:
        try:
            shutil.copyfileobj(stream, unpacked, 1 << 18)
            unpacked.seek(0)
        except DamagedError as error:
            raise file.damaged(error, "before the end of the Parquet file inside") from error
        except OSError as error:
            raise StorageError(
                "the compressed Parquet file cannot be decompressed",
                where=file.name,
                got=f"{error.strerror or error}, in {tempfile.gettempdir()}",
                hint="Set TMPDIR to a folder with more room, or decompress the file yourself.",
            ) from error


def _expect_distinct(names: list[str], file: SourceFile) -> None:
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(
            "the Parquet file has two columns of one name",
            where=file.name,
            got=", ".join(map(repr, repeated)),
            expected="a name of its own for every column",
            hint="Rename one of them.",
        )


def _converts(schema: Any) -> Mapping[str, Convert]:
    """What is to be done with the values of a column; nothing with those that are JSON's already."""
    decoders = json_decoders(schema.metadata)
    converts: dict[str, Convert] = {}
    for field in schema:
        decode = decoders.get(field.name)
        if decode is not None:
            converts[field.name] = _after(decode)
        elif not _is_plain(field.type):
            converts[field.name] = plain
    return converts


def _after(decode: Convert) -> Convert:
    return lambda value: plain(decode(value))


def _is_plain(type_: Any) -> bool:
    """Whether pyarrow gives values of this type as JSON has them."""
    from pyarrow import types

    if types.is_struct(type_):
        return all(_is_plain(type_.field(index).type) for index in range(type_.num_fields))
    if types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_):
        return _is_plain(type_.value_type)
    return bool(
        types.is_string(type_)
        or types.is_large_string(type_)
        or types.is_integer(type_)
        or types.is_floating(type_)
        or types.is_boolean(type_)
        or types.is_null(type_)
    )


def _rows(batch: Any, converts: Mapping[str, Convert]) -> Iterator[dict[str, object]]:
    """The rows of a batch."""
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError):  # a date out of range, text that is not UTF-8: which cell?
        rows = [_row(batch, index) for index in range(batch.num_rows)]
    for row in rows:
        for name, convert in converts.items():
            if not isinstance(row[name], Unreadable):
                row[name] = convert(row[name])
        yield row


def _row(batch: Any, index: int) -> dict[str, object]:
    row: dict[str, object] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            row[name] = column[index].as_py()
        except UnicodeDecodeError:
            row[name] = Unreadable("text that is not UTF-8")
        except (ValueError, OverflowError) as error:
            row[name] = Unreadable(f"{column.type}: {error}")
    return row
