"""Read chains from any known format, one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from cpmi.answers.decimal_comma import DECIMAL, Decimal, as_written, with_answers_written
from cpmi.data.columns import Columns
from cpmi.data.cut import AUTO
from cpmi.data.field_path import ABSENT
from cpmi.data.format import Format
from cpmi.data.formats import FORMATS
from cpmi.data.found_columns import NONE, find_columns
from cpmi.data.overridden import can_override, overridden
from cpmi.data.record import RawRecord
from cpmi.data.records import read_records
from cpmi.data.seen_ids import SeenIds
from cpmi.data.table import Table, check_rule
from cpmi.errors import ConfigError, InputError, RecordError, UnknownFormatError, did_you_mean
from cpmi.types import Chain, Problem

_LOOKED_AT = 100  # records from the first, of which one may lack what the others have
Item = TypeVar("Item", bound=Chain | Problem)
Records = Iterator[RawRecord | RecordError]
Given = Columns | str | Mapping[str, str] | None
"""Columns that are named: as `Columns.parse` reads them, or read already."""


def read_chains(
    source: str | Path,
    *,
    format: str | None = None,
    columns: Given = None,
    split_steps: str = AUTO,
    decimal: Decimal = "point",
) -> Iterator[Chain | RecordError]:
    """The chains of `source` in order; a malformed record comes as a RecordError in its place.

    So the caller decides whether to stop or to count it and go on. The `what` of the error is its reason.
    One record may give several chains; ids are unique within the source and do not change when other
    records are repaired.

    Args:
        source: whatever `cpmi.data.records.read_records` takes: files, folders, patterns, pipes, data sets.
        format: name in `FORMATS`; None recognizes it from the first usable record.
        columns: which columns are what, as `Columns.parse` reads it; the others are found.
        split_steps: how a solution's text is cut into steps, where the records do not hold steps.
        decimal: what their numbers are written with; "comma" is kept in the chains' `meta`.

    Raises:
        InputError: the source is missing, empty or cannot be read.
        UnknownFormatError: no format has this name, none recognizes the content, or several columns could
            be the same.
        ConfigError: the columns have another form, both they and a format are given, or steps are asked to be
            split where the records hold them.
        MissingDependencyError: the source needs `datasets`, which is not installed.
    """
    return opened(source, format=format, columns=columns, split_steps=split_steps, decimal=decimal)[1]


def _marked(chains: Iterator[Chain | RecordError], decimal: Decimal) -> Iterator[Chain | RecordError]:
    """The same chains, each with its decimal comma in `meta` if numbers are written with one."""
    if decimal == "point":
        return chains
    return (
        chain
        if isinstance(chain, RecordError)
        else replace(
            with_answers_written(chain, decimal),
            answer=as_written(chain.answer, decimal),
            meta={**chain.meta, DECIMAL: decimal},
        )
        for chain in chains
    )


def chains_of(records: Records, source: str | Path) -> Iterator[Chain | RecordError]:
    """The chains of records that are open already, of a form that is recognized; errors as `read_chains`.

    Args:
        records: of one source, from its first.
        source: for messages.
    """
    form, records = _recognize(records, source, AUTO)
    return unique(form.read(records))


def opened(
    source: str | Path,
    *,
    format: str | None = None,
    columns: Given = None,
    split_steps: str = AUTO,
    decimal: Decimal = "point",
) -> tuple[Format, Iterator[Chain | RecordError]]:
    """How the records of `source` are read, and its chains; args and errors as `read_chains`."""
    chosen = check_reading(format=format, columns=columns, split_steps=split_steps)
    records = read_records(source)
    if chosen is not None:
        form = _by_rule(chosen, split_steps)
    else:
        given = _columns(columns)
        if given is not NONE:
            records = expect_columns(given, records, source)
        form, records = _recognize(records, source, split_steps, given)
    return form, _marked(unique(form.read(records)), decimal)


def check_reading(*, format: str | None, columns: Given = None, split_steps: str = AUTO) -> Format | None:
    """The format that is asked for; None where it is to be recognized. Errors as `read_chains`."""
    check_rule(split_steps)
    if columns is None:
        return None if format is None else _named(format)
    if format is not None:
        raise ConfigError("contradicts --columns", where="option format", got=format)
    _columns(columns)
    return None


def _columns(given: Given) -> Columns:
    if given is None:
        return NONE
    return given if isinstance(given, Columns) else Columns.parse(given)


def _by_rule(form: Format, split_steps: str) -> Format:
    """The format with its texts cut by a rule, if one is asked for.

    Raises:
        ConfigError: its records hold steps.
    """
    if split_steps == AUTO:
        return form
    if form.by_rule is not None:
        return form.by_rule(split_steps)
    raise ConfigError(
        "has no effect: the records hold steps",
        where="option split_steps",
        got=repr(split_steps),
        expected=f"records with texts of solutions, not of the format {form.name}",
        hint="Leave it out, or name a column of texts: --columns solution=...",
    )


def _named(name: str) -> Format:
    if name not in FORMATS:
        raise UnknownFormatError(
            "there is no such format",
            got=repr(name),
            expected=f"one of {', '.join(FORMATS)}",
            hint=did_you_mean(name, FORMATS),
        )
    return FORMATS[name]


def _recognize(
    records: Records, source: str | Path, split_steps: str, given: Columns = NONE
) -> tuple[Format, Records]:
    """The format of the first usable record that has one, and all records again."""
    first, records = first_usable(records, source)
    seen: list[RawRecord | RecordError] = []
    for record in itertools.islice(records, _LOOKED_AT):
        seen.append(record)
        if isinstance(record, RawRecord) and (form := _form_of(record, given)) is not None:
            return _by_rule(form, split_steps), itertools.chain(seen, records)
    raise UnknownFormatError(
        "the format is not recognized",
        where=first.source,
        got=f"the fields {', '.join(map(str, first.fields)) or '(none)'}",
        expected=f"a question and a chain in columns with known names, or one of {', '.join(FORMATS)}",
        hint="Say which columns are what: --columns question=...,solution=...,gold=... "
        "A file that holds gold answers and no chains is given as --gold.",
    )


def _form_of(record: RawRecord, given: Columns) -> Format | None:
    """How records like this one are read, if that is known."""
    for form in FORMATS.values():
        if form.recognize(record.fields):
            if given is NONE:
                return form
            if can_override(form, given):
                return overridden(form, given)
    columns = find_columns(record.fields, where=record.source, given=given)
    return None if columns is None else Table(columns=columns, found=True, given=given).format()


def expect_columns(columns: Columns, records: Records, source: str | Path) -> Records:
    """All records again, once every column is seen in one.

    Raises:
        ConfigError: a column is in none of the first records.
    """
    first, records = first_usable(records, source)
    seen = list(itertools.islice(records, _LOOKED_AT))
    usable = [record.fields for record in seen if isinstance(record, RawRecord)]
    for role, path in columns.paths.items():
        if all(path.get(fields) is ABSENT for fields in usable):
            raise ConfigError(
                "there is no such column",
                where=f"option columns, {role}",
                got=path.text,
                expected=f"one of {', '.join(map(str, first.fields))}, or a path inside",
            )
    return itertools.chain(seen, records)


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
