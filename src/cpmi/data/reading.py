"""Read chains from any known format, one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from cpmi.data.format import Format
from cpmi.data.formats import FORMATS
from cpmi.data.record import RawRecord
from cpmi.data.records import read_records
from cpmi.data.seen_ids import SeenIds
from cpmi.errors import InputError, RecordError, UnknownFormatError
from cpmi.types import Chain, Problem

Item = TypeVar("Item", bound=Chain | Problem)
Records = Iterator[RawRecord | RecordError]


def read_chains(source: str | Path, *, format: str | None = None) -> Iterator[Chain | RecordError]:
    """The chains of `source` in order; a malformed record comes as a RecordError in its place.

    So the caller decides whether to stop or to count it and go on. The `what` of the error is its reason.
    One record may give several chains; ids are unique within the source and do not change when other
    records are repaired.

    Args:
        source: whatever `cpmi.data.records.read_records` takes: files, folders, patterns, pipes, data sets.
        format: name in `FORMATS`; None recognizes it from the first usable record.

    Raises:
        InputError: the source is missing, empty or cannot be read.
        UnknownFormatError: no format has this name, or none recognizes the content.
        MissingDependencyError: the source needs `datasets`, which is not installed.
    """
    chosen = None if format is None else _named(format)
    return chains_of(read_records(source), source, chosen)


def chains_of(
    records: Records, source: str | Path, form: Format | None = None
) -> Iterator[Chain | RecordError]:
    """The chains of records that are open already; errors and result as of `read_chains`.

    Args:
        records: of one source, from its first.
        source: for messages.
        form: None recognizes it from the first usable record.
    """
    if form is None:
        form, records = _recognize(records, source)
    return unique(form.read(records))


def _named(name: str) -> Format:
    if name not in FORMATS:
        raise UnknownFormatError(
            "there is no such format", got=repr(name), expected=f"one of {', '.join(FORMATS)}"
        )
    return FORMATS[name]


def _recognize(records: Records, source: str | Path) -> tuple[Format, Records]:
    """The format of the first usable record, and all records again."""
    record, records = first_usable(records, source)
    for form in FORMATS.values():
        if form.recognize(record.fields):
            return form, records
    raise UnknownFormatError(
        "the format is not recognized",
        where=record.source,
        got=f"the fields {', '.join(map(str, record.fields)) or '(none)'}",
        expected=f"one of {', '.join(FORMATS)}",
        hint="Name the format, or convert the file to the form 'cpmi' (question, steps, ...). "
        "A file that holds gold answers and no chains is read with read_gold.",
    )


def first_usable(records: Records, source: str | Path) -> tuple[RawRecord, Records]:
    """The first record that could be parsed, and all records again.

    Raises:
        InputError: none could.
    """
    seen: list[RecordError] = []
    for record in records:
        if isinstance(record, RawRecord):
            return record, itertools.chain(seen, [record], records)
        seen.append(record)
    raise InputError(
        "no record can be read",
        where=str(source),
        got=str(seen[0]) if seen else "no record",
        expected="one JSON object per line, a JSON array of objects, CSV with a header, or Parquet",
    )


def unique(outcomes: Iterable[Item | RecordError]) -> Iterator[Item | RecordError]:
    """The same, with an error in the place of what repeats an id. Takes about 9 bytes of memory per id."""
    seen = SeenIds()
    for outcome in outcomes:
        if isinstance(outcome, RecordError) or seen.add(outcome.id):
            yield outcome
        else:
            yield RecordError(
                "the id is used twice",
                where=outcome.where,
                expected="an id of its own for every record",
                hint="Rename it, or use --on-error skip to keep the first one only.",
            )
