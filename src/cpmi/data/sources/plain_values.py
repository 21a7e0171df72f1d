"""Values as JSON has them, from those of Arrow and `datasets`."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

_PLAIN = (str, int, float, bool, type(None))


class NotPlainError(ValueError):
    """A value that JSON has no form for.

    Attributes:
        path: where it is inside of the record.
        got: what it is.
    """

    def __init__(self, path: str, got: str) -> None:
        self.path = path
        self.got = got
        super().__init__(f"{path}: {got}")


def plain(value: object, path: str) -> object:
    """The value in the types of JSON: dates and times as ISO text, decimals as text, maps as objects.

    Args:
        value: as pyarrow or `datasets` give it.
        path: where it is inside of the record.

    Raises:
        NotPlainError: it holds bytes, a duration, an image or another such value.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        if wrong := [key for key in value if not isinstance(key, str)]:
            raise NotPlainError(path, f"a map with the key {wrong[0]!r}")
        return {key: plain(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) for item in value):  # pyarrow's form of a map
            return plain(_object_of(value, path), path)
        return [plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise NotPlainError(path, type(value).__name__)


def _object_of(pairs: list[tuple[object, object]], path: str) -> dict[object, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NotPlainError(path, "a map with the same key twice")
    return found
