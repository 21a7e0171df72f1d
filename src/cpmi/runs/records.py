"""Input records: their failures kept in their place, their gold answers joined.

A record that cannot be used stays as an error, so the boundaries of the chunks do not move.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from cpmi.data.formats.own import OPTIONAL_FIELDS
from cpmi.data.whole_text import expect_whole
from cpmi.digests import digest_of_bytes
from cpmi.errors import CpmiError, RecordError
from cpmi.runs.chunks import Reject
from cpmi.runs.columns import chain_row
from cpmi.runs.totals import NO_GOLD, NOT_JOINED
from cpmi.types import Chain, Problem

Item = TypeVar("Item", bound=Chain | Problem)
Join = Callable[[Chain], Chain]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Generic[Item]):
    """One record of the input.

    Attributes:
        content: the chain or problem, or why there is none.
        id: of the content, or None where it could not be read that far.
        source: file and line.
    """

    content: Item | CpmiError
    id: str | None
    source: str

    def rejected(self, error: CpmiError) -> Record[Item]:
        return replace(self, content=error)


def as_record(content: Item | RecordError) -> Record[Item]:
    """What a reader gave, with its place; an error for text that no tokenizer and no table takes."""
    if isinstance(content, RecordError):
        return Record(content=content, id=content.record_id, source=content.where or "")
    record: Record[Item] = Record(content=content, id=content.id, source=content.source)
    try:
        expect_whole(_texts(content), where=content.where)
    except RecordError as error:
        return record.rejected(error)
    return record


def _texts(content: Chain | Problem) -> Iterator[str]:
    yield from (content.id, content.question, content.gold or "", *content.other_golds)
    yield from (*content.options, *content.distractors)
    if isinstance(content, Chain):
        yield from (*content.steps, content.answer or "")
        for item in content.meta.items():
            yield from item


def with_gold(record: Record[Chain], join: Join | None, *, required: bool = True) -> Record[Chain]:
    """The record with its gold answer, or with the error that it has none or two; an outcome does for none.

    Args:
        join: gives a chain its gold answer, or raises a RecordError; None where the input states it.
        required: whether having none is an error; having two always is.
    """
    if isinstance(record.content, CpmiError):
        return record
    try:
        chain = record.content if join is None else join(record.content)
    except RecordError as error:
        return record.rejected(error)
    if chain.gold is not None or chain.outcome is not None or not required:
        return replace(record, content=chain)
    where = chain.where
    if join is None:
        return record.rejected(RecordError(NO_GOLD, where=where, hint="Give --gold FILE."))
    lacking = RecordError(
        NOT_JOINED,
        where=where,
        got=f"a problem that the gold file lacks, {_shorten(chain.question)}",
        hint="Add it to the gold file, or use --on-error skip.",
    )
    return record.rejected(lacking)


def reject_of(error: CpmiError, *, id: str | None, source: str) -> Reject:
    """What failed, as it is stored. Numbers in the reason become N, so like failures add up."""
    reason = re.sub(r"\d+", "N", error.what)
    return Reject(id=id, source=source, reason=reason, message=str(error))


def digest(records: Sequence[Record[Item]]) -> str:
    """A digest of what the results follow from; not of file names, so a moved input is still itself."""
    return digest_of_bytes(repr([_facts(record.content) for record in records]).encode())


def _facts(content: Chain | Problem | CpmiError) -> object:
    if isinstance(content, CpmiError):
        return content.what
    if isinstance(content, Problem):
        more = (content.options, content.other_golds, content.distractors)
        return (content.id, content.question, content.gold, *((more,) if any(more) else ()))
    row = chain_row(content)
    # Facts that a chain does not have are left out, as before there were any.
    return {
        name: value
        for name, value in row.items()
        if name != "source" and (name not in OPTIONAL_FIELDS or value is not None)
    }


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:57] + "...")
