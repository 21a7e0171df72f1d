"""Read chains from any known format, one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from cpmi.data.columns import Columns
from cpmi.data.format import Format
from cpmi.data.formats import FORMATS
from cpmi.data.found_columns import find_columns
from cpmi.data.record import RawRecord
from cpmi.data.records import read_records
from cpmi.data.table import Table, splitter
from cpmi.errors import ConfigError, InputError, RecordError, UnknownFormatError
from cpmi.steps import StepRule
from cpmi.types import Chain, Problem

Item = TypeVar("Item", bound=Chain | Problem)


def read_chains(
    source: str | Path,
    *,
    format: str | None = None,
    columns: Columns | str | None = None,
    split_steps: str = StepRule.AUTO,
) -> Iterator[Chain | RecordError]:
    """The chains of `source` in order; a malformed record comes as a RecordError in its place.

    So the caller decides whether to stop or to count it and go on. The `what` of the error is its reason.
    One record may give several chains; ids are unique within the source and do not change when other
    records are repaired.

    Args:
        source: a JSONL, JSON or Parquet file, a folder written by `cpmi sample` or by
            `datasets.save_to_disk`, or `hf://OWNER/NAME[/CONFIG][@SPLIT]`.
        format: name in `FORMATS`; None recognizes it from the first usable record.
        columns: which columns are what, as `Columns.parse` reads it, for records of no known format.
        split_steps: how a solution's text is cut into steps, where the records do not hold steps.

    Raises:
        InputError: the source is missing, empty or cannot be read.
        UnknownFormatError: no format has this name, none recognizes the content, or several columns could
            be the same.
        ConfigError: the columns have another form, or both they and a format are given.
        MissingDependencyError: the source needs `datasets`, which is not installed.
    """
    chosen, records = opened(source, format=format, columns=columns, split_steps=split_steps)
    return unique(chosen.read(records))


def opened(
    source: str | Path,
    *,
    format: str | None = None,
    columns: Columns | str | None = None,
    split_steps: str = StepRule.AUTO,
) -> tuple[Format, Iterator[RawRecord | RecordError]]:
    """How the records of `source` are read, and the records; args and errors as `read_chains`."""
    chosen = check_reading(format=format, columns=columns, split_steps=split_steps)
    if chosen is not None:
        return chosen, read_records(source)
    return _recognize(read_records(source), source, split_steps)


def check_reading(
    *, format: str | None, columns: Columns | str | None = None, split_steps: str = StepRule.AUTO
) -> Format | None:
    """The format that is asked for; None where it is to be recognized. Errors as `read_chains`."""
    splitter(split_steps)
    if columns is None:
        return None if format is None else _named(format)
    if format is not None:
        raise ConfigError("contradicts --columns", where="option format", got=format)
    named = Columns.parse(columns) if isinstance(columns, str) else columns
    return Table(columns=named, rule=split_steps).format()


def _named(name: str) -> Format:
    if name not in FORMATS:
        raise UnknownFormatError(
            "there is no such format", got=repr(name), expected=f"one of {', '.join(FORMATS)}"
        )
    return FORMATS[name]


def _recognize(
    records: Iterator[RawRecord | RecordError], source: str | Path, split_steps: str
) -> tuple[Format, Iterator[RawRecord | RecordError]]:
    """The format of the first usable record, and all records again."""
    seen: list[RawRecord | RecordError] = []
    for record in records:
        seen.append(record)
        if isinstance(record, RecordError):
            continue
        for form in FORMATS.values():
            if form.recognize(record.fields):
                return form, itertools.chain(seen, records)
        if (columns := find_columns(record.fields, where=record.source)) is not None:
            return Table(columns=columns, rule=split_steps).format(), itertools.chain(seen, records)
        raise UnknownFormatError(
            "the format is not recognized",
            where=record.source,
            got=f"the fields {', '.join(map(str, record.fields)) or '(none)'}",
            expected=f"columns with known names, or one of {', '.join(FORMATS)}",
            hint="Say which columns are what: --columns question=...,solution=...,gold=... "
            "A file that holds gold answers and no chains is given as --gold.",
        )
    first = seen[0] if seen else None
    raise InputError(
        "no record can be read",
        where=str(source),
        got=str(first) if first else "no record",
        expected="one JSON object per line, a JSON array of objects, or Parquet",
    )


def unique(outcomes: Iterable[Item | RecordError]) -> Iterator[Item | RecordError]:
    """The same, with an error in the place of what repeats an id."""
    seen: set[str] = set()
    for outcome in outcomes:
        if not isinstance(outcome, RecordError):
            if outcome.id in seen:
                yield RecordError(
                    "the id is used twice",
                    where=outcome.where,
                    expected="an id of its own for every record",
                    hint="Rename it, or use --on-error skip to keep the first one only.",
                )
                continue
            seen.add(outcome.id)
        yield outcome
