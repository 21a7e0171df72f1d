"""Read the problems of any known file: cpmi's own form, a file of gold answers, or a file of chains."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from cpmi.data.columns import CHAIN_ROLES, Columns
from cpmi.data.format import too_deep
from cpmi.data.formats import FORMATS
from cpmi.data.found_columns import NONE, find_columns, find_problem_columns
from cpmi.data.gold import OWN_GOLD, GoldForm, find_gold_form, normalize_problem, read_right_answers
from cpmi.data.reading import Given, chains_of, expect_columns, first_usable, read_chains, unique
from cpmi.data.record import RawRecord
from cpmi.data.records import read_records
from cpmi.data.right_answers import RightAnswers
from cpmi.data.table import ProblemTable, Table
from cpmi.errors import RecordError, UnknownFormatError
from cpmi.numbers import plural
from cpmi.types import Chain, Problem


class RepeatedProblemsWarning(UserWarning):
    """Records repeat problems, which are taken once."""


FIELDS = ("id", "question", "gold", "options", "other_golds", "distractors")


def read_problems(
    source: str | Path, *, format: str | None = None, columns: Given = None
) -> Iterator[Problem | RecordError]:
    """The problems of `source` in order; a malformed record comes as a RecordError in its place.

    cpmi's own form is one object a line: `question`, and `id` and `gold` where they are known. It is read as
    it stands. Of the gold files that `read_gold` knows, and of chains, every problem is given once, as
    its first record states it; a later one with another gold is an error. Ids are the records' own in cpmi's
    form and in chains, else the name of the file and the index of the record.

    Args:
        source: as `read_chains` takes it.
        format: of chains, as `read_chains` takes it.
        columns: which columns are what, as `read_chains` takes them; no chain is needed.

    Raises:
        InputError: the source is missing, empty or cannot be read.
        UnknownFormatError: the content has no known form.
        ConfigError: the format or the columns do not exist, or both are given.
        MissingDependencyError: the source needs `datasets`, which is not installed.
    """
    if columns is not None and format is None:
        named = Columns.parse(columns) if not isinstance(columns, Columns) else columns
        if not named.paths.keys() & CHAIN_ROLES:
            return _by_columns(source, named)
    if format is not None or columns is not None:
        return unique(_distinct(_from_chains(read_chains(source, format=format, columns=columns))))
    first, records = first_usable(read_records(source), source)
    fields = first.fields
    gold_form = find_gold_form(fields)
    if gold_form is not None and gold_form is not OWN_GOLD:
        return unique(_distinct(_from_gold_file(records, gold_form)))
    of_chains = any(form.recognize(fields) for form in FORMATS.values())
    if of_chains or find_columns(fields, where=first.source) is not None:
        return unique(_distinct(_from_chains(chains_of(records, source))))
    if "question" in fields:
        return unique(_own(records))
    raise UnknownFormatError(
        "the records give no problem in a known form",
        where=str(source),
        got=f"the fields {', '.join(map(str, fields)) or '(none)'}",
        expected="problems, gold answers or chains",
        hint='Write one {"question": ..., "gold": ...} a line; gold may be left out.',
    )


def _by_columns(source: str | Path, given: Columns) -> Iterator[Problem | RecordError]:
    """The problems in columns of which some are named."""
    first, records = first_usable(expect_columns(given, read_records(source), source), source)
    found = find_problem_columns(first.fields, given)
    if found is None:
        raise UnknownFormatError(
            "there is no column of questions with a known name",
            where=first.source,
            got=f"the fields {', '.join(map(str, first.fields)) or '(none)'}",
            hint="Name it: --columns question=...,gold=...",
        )
    form = GoldForm(name=f"columns {found}", recognize=lambda _: True, read=ProblemTable(found).read)
    return unique(_distinct(_from_gold_file(records, form, found)))


def _own(records: Iterable[RawRecord | RecordError]) -> Iterator[Problem | RecordError]:
    for record in records:
        try:
            yield record if isinstance(record, RecordError) else _own_problem(record)
        except RecordError as error:
            yield error


def _own_problem(record: RawRecord) -> Problem:
    record = record.named(record.optional_text("id") or _numbered(record))
    unknown = [name for name in record.fields if name not in FIELDS]
    # Beside a gold, further fields do no harm; without one, they may be the gold under another name.
    if unknown and "gold" not in record.fields:
        raise record.error(
            f"the field {unknown[0]!r} is not known, and there is no gold answer",
            expected=f"some of {', '.join(FIELDS)}",
            hint='Call the right answer "gold"; where it is not known, write "gold": null.',
        )
    return _problem(read_right_answers(record, OWN_GOLD), record)


def _problem(asked: RightAnswers | Chain, place: RawRecord | Chain) -> Problem:
    """The problem with the id and the source of its place."""
    return Problem(
        id=place.id,
        question=asked.question,
        gold=asked.gold,
        source=place.source,
        options=asked.options,
        other_golds=asked.other_golds,
        distractors=asked.distractors,
    )


def _from_gold_file(
    records: Iterable[RawRecord | RecordError], form: GoldForm, columns: Columns = NONE
) -> Iterator[Problem | RecordError]:
    for record in records:
        if isinstance(record, RecordError):
            yield record
            continue
        try:
            record = record.named(Table(columns=columns).id_of(record))
            yield _problem(read_right_answers(record, form), record)
        except RecordError as error:
            yield error
        except RecursionError:
            yield too_deep(record)


def _from_chains(chains: Iterable[Chain | RecordError]) -> Iterator[Problem | RecordError]:
    for chain in chains:
        if isinstance(chain, RecordError):
            yield chain
        else:
            yield _problem(chain, chain)


def _distinct(problems: Iterable[Problem | RecordError]) -> Iterator[Problem | RecordError]:
    """Every problem once; an error where its gold is not the one that it had first.

    Warns, with a RepeatedProblemsWarning at the end, of records that say again what an earlier one said.
    """
    golds: dict[str, str | None] = {}
    num_repeated = 0
    for problem in problems:
        if isinstance(problem, RecordError):
            yield problem
            continue
        text = normalize_problem(problem.question)
        if text not in golds:
            golds[text] = problem.gold
            yield problem
        elif problem.gold != golds[text]:
            yield RecordError(
                "the problem has another gold answer than before",
                where=problem.where,
                got=repr(problem.gold),
                expected=repr(golds[text]),
                hint="Correct one of them, or use --on-error skip to go by the first one.",
                record_id=problem.id,
            )
        else:
            num_repeated += 1
    if num_repeated:
        said = f"{plural(num_repeated, 'record')} with the problem of an earlier one: it is taken once"
        warnings.warn(said, RepeatedProblemsWarning, stacklevel=1)  # one place, so that it is said once


def _numbered(record: RawRecord) -> str:
    return f"{record.stem}-{record.index}"
