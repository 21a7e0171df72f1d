"""A known format of which a user names the gold or the answer: all else is read as the format has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cpmi.data.columns import Columns
from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.record import RawRecord
from cpmi.data.right_answers import RightAnswers, right_answers
from cpmi.data.table import Table
from cpmi.errors import RecordError
from cpmi.types import Chain

ROLES = frozenset({"gold", "answer"})
"""What can be named beside a known format."""


def can_override(form: Format, columns: Columns) -> bool:
    """Whether the columns say nothing that the format must read itself."""
    return form.stands_alone and columns.paths.keys() <= ROLES


def overridden(form: Format, columns: Columns) -> Format:
    """The format with the columns in the place of its own gold and answer."""
    table = Table(columns=columns)

    def read_record(record: RawRecord) -> Iterator[ReadOutcome]:
        right = right_answers(record, columns, "")
        outcomes = list(form.read([_without(record, form, columns)]))
        if not any(isinstance(outcome, Chain) for outcome in outcomes):
            yield from outcomes
            return
        for outcome, answer in zip(outcomes, table.answers(record, len(outcomes)), strict=True):
            if isinstance(outcome, RecordError):
                yield outcome
                continue
            chain = outcome if "gold" not in columns.paths else _with(outcome, right)
            yield chain if "answer" not in columns.paths else replace(chain, answer=answer)

    return replace(form, read=each(read_record), summary=f"{form.summary}; {columns}", by_rule=None)


def _with(chain: Chain, right: RightAnswers) -> Chain:
    return replace(chain, gold=right.gold, other_golds=right.other_golds)


def _without(record: RawRecord, form: Format, columns: Columns) -> RawRecord:
    """The record without the fields that are named, where the format can do without them."""
    named = {path.text for path in columns.paths.values()}
    left = {name: value for name, value in record.fields.items() if name not in named}
    return replace(record, fields=left) if form.recognize(left) else record
