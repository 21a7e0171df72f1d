"""Values as JSON has them, from those of Arrow and `datasets`."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

_PLAIN = (str, int, float, bool, type(None))


class Unreadable:
    """What is in the place of a value that JSON has no form for: bytes, a duration, an image.

    It harms nothing unless it is used: no text, no number and no list, it is refused like any wrong value.
    """

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"<{self.what}>"


def plain(value: object) -> object:
    """The value in the types of JSON: dates and times as ISO text, decimals as text, maps as objects.

    Args:
        value: as pyarrow or `datasets` give it; what has no form is `Unreadable`, alone or inside.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        if wrong := [key for key in value if not isinstance(key, str)]:
            return Unreadable(f"a map with the key {wrong[0]!r}")
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) for item in value):  # pyarrow's form of a map
            found = dict(value)
            return plain(found) if len(found) == len(value) else Unreadable("a map with the same key twice")
        return [plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value if isinstance(value, Unreadable) else Unreadable(type(value).__name__)
