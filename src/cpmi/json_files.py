"""JSON of our own files and of those that users write for us: read strictly, whatever it holds.

Records of data have readers of their own (`cpmi.data.sources`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

_DEPTH = 100
"""Levels of nesting that are read; ours have ten."""


def parse_json(content: str | bytes) -> Any:
    """The value of a text in UTF-8, with or without a byte order mark.

    Raises:
        ValueError: it is not JSON, names an entry twice, holds NaN, an infinity or a number that is not
            representable, or is nested deeper than `_DEPTH`.
    """
    text = content.decode("utf-8") if isinstance(content, bytes) else content
    try:
        value = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_entries,
            parse_constant=_no_number,
            parse_int=_whole,
        )
        return _expect_shallow(value)
    except RecursionError:
        raise _too_deep() from None


def _entries(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError(f"the entry {repeated_name(name for name, _ in pairs)!r} appears twice")
    return entries


def repeated_name(names: Iterable[str]) -> str | None:
    """The first name that was there before; None if all are different."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _whole(digits: str) -> int:
    if len(digits) > 4_000:  # Python refuses more than 4,300 with advice for programmers
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def _expect_shallow(value: Any) -> Any:
    level = [value]
    for _ in range(_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return value
    raise _too_deep()


def _too_deep() -> ValueError:
    return ValueError(f"nested deeper than {_DEPTH} levels")
