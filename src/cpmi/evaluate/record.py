"""A result back from the JSON that it was written as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from cpmi.errors import InputError

T = TypeVar("T")


def from_record(kind: type[T], facts: Any, *, what: str, marks: Mapping[str, Any], expected: str) -> T:
    """Make a result of its record.

    Args:
        kind: the dataclass.
        facts: JSON values.
        what: it is, for messages: "an evaluation".
        marks: fields by which such a record is known, and their values.
        expected: what to give instead of a damaged record, for messages.

    Raises:
        InputError: not such a record.
    """
    from pydantic import TypeAdapter, ValidationError

    if not isinstance(facts, Mapping) or any(facts.get(name) != value for name, value in marks.items()):
        said = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in marks.items())
        raise InputError(f"not {what} by this cpmi", expected=said)
    try:
        return TypeAdapter(kind).validate_python(facts)
    except ValidationError as error:
        raise InputError(
            f"not the record of {what}", got=str(error.errors()[0]["loc"]), expected=expected
        ) from error
