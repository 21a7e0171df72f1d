"""Paths to values inside a record: `reward_model.ground_truth`, `messages[-1].content`, `outs[*].text`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cpmi.errors import ConfigError

_PART = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+|\*)\]")
_INDEX = re.compile(r"-?\d+")


class Absent:
    """What a path gives where nothing is; null is a value."""


ABSENT = Absent()


class Each:
    """The part of a path that goes on into every item of a list."""


EACH = Each()


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A way from a record to one of its values.

    A name that holds dots is taken as it is where the record has it; otherwise dots and brackets go inward.
    """

    text: str
    parts: tuple[str | int | Each, ...]

    @classmethod
    def parse(cls, text: str) -> FieldPath:
        """Read `name.name[index]`; an index may also stand between dots, and `[*]` is every item of a list.

        Raises:
            ConfigError: another form.
        """
        return _parse(text)

    def get(self, fields: Mapping[str, object]) -> object:
        """The value there, or ABSENT; behind `[*]` a list, with null for an item that lacks it."""
        if self.text in fields:
            return fields[self.text]
        return _along(fields, self.parts)

    @property
    def items(self) -> FieldPath | None:
        """The path of the list whose items a path with `[*]` goes into; None for other paths."""
        if EACH not in self.parts:
            return None
        text, _, _ = self.text.rpartition("[*]")
        return FieldPath.parse(text)

    @property
    def top(self) -> str:
        """The field of the record that the path begins with."""
        return str(self.parts[0])


@lru_cache(maxsize=1024)
def _parse(text: str) -> FieldPath:
    parts: list[str | int | Each] = []
    end = 0
    for match in _PART.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        name, index = match.groups()
        inside = bool(parts) and name is not None and _INDEX.fullmatch(name)
        parts.append(EACH if index == "*" else int(index or name) if index or inside else name)
    if end != len(text) or not parts or isinstance(parts[0], int | Each):
        raise ConfigError(
            "not the path of a column",
            where="option columns",
            got=repr(text),
            expected="a name, inner names after dots, and indices: reward_model.ground_truth, "
            "messages[-1].content, responses[*].text",
        )
    return FieldPath(text, tuple(parts))


def _along(found: object, parts: tuple[str | int | Each, ...]) -> object:
    for number, part in enumerate(parts):
        if isinstance(part, Each):
            return _of_each(found, parts[number + 1 :])
        found = _inside(found, part)
        if found is ABSENT:
            return ABSENT
    return found


def _of_each(items: object, parts: tuple[str | int | Each, ...]) -> object:
    if not isinstance(items, list):
        return ABSENT
    found = [_along(item, parts) for item in items]
    if found and all(item is ABSENT for item in found):
        return ABSENT
    if EACH in parts:  # lists in lists are one list
        return [item for inner in found for item in (inner if isinstance(inner, list) else [None])]
    return [None if item is ABSENT else item for item in found]


def _inside(value: object, part: str | int) -> object:
    if isinstance(value, Mapping):
        return value.get(str(part), ABSENT)
    if isinstance(part, int) and isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return value[part] if -len(value) <= part < len(value) else ABSENT
    return ABSENT
