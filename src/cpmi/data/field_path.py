"""Paths to a value inside a record: `reward_model.ground_truth`, `messages[-1].content`, `choices.0.text`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cpmi.errors import ConfigError

_PART = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+)\]")
_INDEX = re.compile(r"-?\d+")


class Absent:
    """What a path gives where nothing is; null is a value."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A way from a record to one of its values.

    A name that holds dots is taken as it is where the record has it; otherwise dots and brackets go inward.
    """

    text: str
    parts: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> FieldPath:
        """Read `name.name[index]`; an index may also stand between dots.

        Raises:
            ConfigError: another form.
        """
        parts: list[str | int] = []
        end = 0
        for match in _PART.finditer(text):
            if match.start() != end:
                break
            end = match.end()
            name, index = match.groups()
            inside = bool(parts) and name is not None and _INDEX.fullmatch(name)
            parts.append(int(index or name) if index or inside else name)
        if end != len(text) or not parts or isinstance(parts[0], int):
            raise ConfigError(
                "not the path of a column",
                where="option columns",
                got=repr(text),
                expected="a name, inner names after dots, and indices: reward_model.ground_truth, "
                "messages[-1].content",
            )
        return cls(text, tuple(parts))

    def get(self, fields: Mapping[str, object]) -> object:
        """The value there, or ABSENT."""
        if self.text in fields:
            return fields[self.text]
        found: object = fields
        for part in self.parts:
            found = _inside(found, part)
            if found is ABSENT:
                return ABSENT
        return found

    @property
    def top(self) -> str:
        """The field of the record that the path begins with."""
        return str(self.parts[0])


def _inside(value: object, part: str | int) -> object:
    if isinstance(value, Mapping):
        return value.get(str(part), ABSENT)
    if isinstance(part, int) and isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return value[part] if -len(value) <= part < len(value) else ABSENT
    return ABSENT
