"""What a format is: a name, a way to recognize it from a record, and a reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cpmi.data.record import RawRecord
from cpmi.errors import RecordError
from cpmi.types import Chain

ReadOutcome = Chain | RecordError
Records = Iterable[RawRecord | RecordError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One input format.

    Attributes:
        name: as the user writes it.
        summary: one line for messages and help.
        recognize: whether a record (the first of a file) has this form.
        read: turns the records of one source, in order, into chains; RecordErrors among the
            records pass through in their place.
        by_rule: the same format with its texts cut into steps by a rule; None where the records hold steps.
        stands_alone: whether a record can be read without the others.
    """

    name: str
    summary: str
    recognize: Callable[[Mapping[str, object]], bool]
    read: Callable[[Records], Iterator[ReadOutcome]]
    by_rule: Callable[[str], Format] | None = None
    stands_alone: bool = True

    @property
    def columns(self) -> str:
        """Which column is what, in words; "" for a known format."""
        return self.summary.removeprefix("columns: ") if self.name == "columns" else ""


def each(
    read_record: Callable[[RawRecord], Iterable[ReadOutcome]],
) -> Callable[[Records], Iterator[ReadOutcome]]:
    """A reader for formats whose records stand alone: what `read_record` raises is yielded in its place.

    A record that gives nothing is an error as well, and so is one that is nested beyond Python's stack.
    """

    def read(records: Records) -> Iterator[ReadOutcome]:
        for record in records:
            if isinstance(record, RecordError):
                yield record
                continue
            is_empty = True
            try:
                for outcome in read_record(record):
                    is_empty = False
                    yield outcome
            except RecordError as error:
                yield error
            except RecursionError:
                yield too_deep(record)
            else:
                if is_empty:
                    yield record.error("the record holds no chain", expected="at least one solution or step")

    return read


def too_deep(record: RawRecord) -> RecordError:
    """The error of a record whose values are nested beyond Python's stack."""
    return record.error(
        "the record is nested too deeply", expected="lists and objects of a few levels, as chains have them"
    )
