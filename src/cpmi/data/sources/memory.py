"""Records that a program holds: chains, dictionaries, a `datasets.Dataset`, a pandas or polars frame."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from cpmi.data.formats.own import optional_fields, to_fields
from cpmi.data.sources.datasets_library import without_media
from cpmi.data.sources.pipes import Kept, keep, kept
from cpmi.data.sources.plain_values import Unreadable, plain
from cpmi.errors import InputError
from cpmi.types import Chain, Problem

Records = str | PathLike[str] | Iterable[Any]
"""A source by its name, or records in memory."""

_numbers = itertools.count(1)


@contextmanager
def named(source: Records) -> Iterator[str]:
    """A name by which all readers take the source; records are written to a temporary file first.

    Raises:
        InputError: it is neither a name nor records, or a record is no object.
    """
    if isinstance(source, str | PathLike):
        yield str(source)
        return
    with tempfile.NamedTemporaryFile(prefix="cpmi-", suffix=".jsonl") as file:
        digest, num_bytes = hashlib.sha256(), 0
        for index, record in enumerate(_rows(source)):
            line = _line(record, index)
            digest.update(line)
            num_bytes += len(line)
            file.write(line)
        file.flush()
        # The same records have the same name, so that what is said of them is the same.
        name = f"<records {digest.hexdigest()[:8]}>"
        if kept(name) is not None:
            name = f"{name[:-1]} {next(_numbers)}>"
        found = Kept(
            path=Path(file.name), name=name, stem="record", sha256=digest.hexdigest(), num_bytes=num_bytes
        )
        with keep(name, found):
            yield name


def _rows(source: Any) -> Iterable[Any]:
    """The records of a frame, a table or anything that iterates."""
    if isinstance(source, Mapping | bytes):
        raise InputError(
            "the input is one object",
            got=type(source).__name__,
            expected="a path, a list of records, a dataset or a frame",
        )
    if hasattr(source, "iter_rows"):  # polars
        rows: Iterable[Any] = source.iter_rows(named=True)
    elif hasattr(source, "to_pylist"):  # pyarrow
        rows = source.to_pylist()
    elif hasattr(source, "to_dict") and hasattr(source, "columns"):  # pandas
        rows = source.to_dict("records")
    elif hasattr(source, "__iter__"):
        rows = without_media(source)
    else:
        raise InputError(
            "the input is neither a path nor records",
            got=type(source).__name__,
            expected="a path, a list of records, a dataset or a frame",
        )
    return rows


def _line(record: object, index: int) -> bytes:
    if isinstance(record, Chain):
        fields: Mapping[str, object] = to_fields(record)
    elif isinstance(record, Problem):
        known = {"id": record.id, "question": record.question, "gold": record.gold}
        fields = {**known, **optional_fields(record)}
    elif isinstance(record, Mapping):
        fields = record
    else:
        raise InputError(
            "a record is no object",
            where=f"record {index} (from 0)",
            got=type(record).__name__,
            expected="a dictionary or a Chain",
        )
    try:
        text = json.dumps(plain(_simple(fields)), ensure_ascii=False, allow_nan=False, default=_in_place)
    except ValueError as error:
        raise InputError(
            "a record holds what JSON has no form for", where=f"record {index} (from 0)", got=str(error)
        ) from error
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _in_place(value: Unreadable) -> list[list[str]]:
    """What JSON has in the place of an image and the like: nothing that is taken for a text or an answer."""
    return [[f"unreadable: {value.what}"]]


def _simple(value: Any) -> Any:
    """Values of frames as lists, objects and scalars of Python; a missing number is null."""
    if isinstance(value, Mapping):
        return {name: _simple(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(inner) for inner in value]
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    return _simple(value.tolist()) if hasattr(value, "tolist") else value  # numpy
