"""One raw record of a file, with its place and with checked access to its fields.

Every reader takes its fields from here, so that every wrong field gives the same kind of message: file,
line, id, field, what came, what was expected, what to do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeGuard

from cpmi.answers.decimal_comma import Number
from cpmi.errors import RecordError

SKIP_HINT = "Correct the record, or use --on-error skip to go on without it."
_MAX_SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One record as it is in its file.

    Attributes:
        fields: the record's fields, unchecked.
        index: position among the records of the source, from 0; bad ones count, so that repairing one
            record changes no other's id.
        stem: name of the source without folder and ending, for ids.
        source: file and line (from 1) or record (from 0), for messages.
        id: the record's id as soon as it is known, for messages.
        path: where `fields` stands inside the record ("label.steps[2]."), for messages.
    """

    fields: Mapping[str, object]
    index: int
    stem: str
    source: str
    id: str = ""
    path: str = ""

    def named(self, record_id: str) -> RawRecord:
        """The same record with its id known."""
        return RawRecord(  # quicker than replace
            fields=self.fields,
            index=self.index,
            stem=self.stem,
            source=self.source,
            id=record_id,
            path=self.path,
        )

    def inner(self, name: str, value: object) -> RawRecord:
        """The object `value` that is at `name` in this record, as a record of its own."""
        if not isinstance(value, Mapping):
            raise self.wrong(name, value, "an object")
        return replace(self, fields=value, path=f"{self.path}{name}.")

    def error(
        self,
        what: str,
        *,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = SKIP_HINT,
    ) -> RecordError:
        """An error about this record, to raise or to yield."""
        where = f"{self.source} [{self.id}]" if self.id else self.source
        return RecordError(
            what, where=where, got=got, expected=expected, hint=hint, record_id=self.id or None
        )

    def wrong(self, name: str, value: object, expected: str) -> RecordError:
        """The error that says that the field `name` holds something else than `expected`."""
        return self.error(
            f"the field {self.path + name!r} is not usable", got=describe(value), expected=expected
        )

    def value(self, name: str, expected: str) -> object:
        """The field `name`, of whatever type; it must be there."""
        try:
            return self.fields[name]
        except KeyError:
            raise self.error(
                f"the field {self.path + name!r} is missing",
                got=f"the fields {', '.join(map(str, self.fields)) or '(none)'}",
                expected=expected,
            ) from None

    def text(self, name: str) -> str:
        value = self.value(name, "text")
        if not isinstance(value, str):
            raise self.wrong(name, value, "text")
        return value

    def optional_text(self, name: str) -> str | None:
        """The field as text; None where it is absent or null."""
        return None if self.fields.get(name) is None else self.text(name)

    def boolean(self, name: str) -> bool:
        value = self.value(name, "true or false")
        if not isinstance(value, bool):
            raise self.wrong(name, value, "true or false")
        return value

    def integer(self, name: str) -> int:
        value = self.value(name, "an integer")
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(name, value, "an integer")
        return value

    def number(self, name: str) -> float:
        """The field as a finite number."""
        value = self.value(name, "a number")
        if not is_number(value):
            raise self.wrong(name, value, "a finite number")
        return float(value)

    def items(self, name: str) -> list[object]:
        value = self.value(name, "a list")
        if not isinstance(value, list):
            raise self.wrong(name, value, "a list")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """The field as a list of texts."""
        texts = self.items(name)
        for index, item in enumerate(texts):
            if not isinstance(item, str):
                raise self.wrong(f"{name}[{index}]", item, "text")
        return tuple(texts)  # type: ignore[arg-type]  # every item was checked just now

    def integers(self, name: str) -> tuple[int, ...]:
        """The field as a list of integers."""
        integers = self.items(name)
        for index, item in enumerate(integers):
            if not isinstance(item, int) or isinstance(item, bool):
                raise self.wrong(f"{name}[{index}]", item, "an integer")
        return tuple(integers)  # type: ignore[arg-type]  # every item was checked just now

    def booleans(self, name: str) -> tuple[bool, ...]:
        """The field as a list of truth values."""
        booleans = self.items(name)
        for index, item in enumerate(booleans):
            if not isinstance(item, bool):
                raise self.wrong(f"{name}[{index}]", item, "true or false")
        return tuple(booleans)  # type: ignore[arg-type]  # every item was checked just now

    def objects(self, name: str) -> list[RawRecord]:
        """The field as a list of objects; null stands for none."""
        if self.fields.get(name, ...) is None:
            return []
        return [self.inner(f"{name}[{index}]", item) for index, item in enumerate(self.items(name))]

    def check_length(self, column: str, length: int, steps: str, num_steps: int) -> None:
        """Demand one entry of `column` a step; never cut the longer one."""
        if length != num_steps:
            raise self.error(
                f"{column!r} and {steps!r} differ in length",
                got=f"{length} in {column!r}, {num_steps} in {steps!r}",
                expected="one per step",
            )


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether `value` is a number that a float can hold, and finite; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the range of floats
        return False


def as_text(record: RawRecord, name: str, value: object) -> str:
    """Text, or a number as it is written, as a `Number`; 18.0 is 18.

    Raises:
        RecordError: it is something else.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if is_number(value):
        return Number.of(value)
    raise record.wrong(name, value, "text or a number")


def describe(value: object) -> str:
    """A value as a message shows it: short, and telling text from number."""
    if value is None:
        return "null"
    shown = repr(value)
    return shown if len(shown) <= _MAX_SHOWN_CHARACTERS else shown[: _MAX_SHOWN_CHARACTERS - 3] + "..."
