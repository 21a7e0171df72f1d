"""Known names of fields in any spelling: `Final Answer`, `final-answer` and `finalAnswer` are one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_MOST_KEPT = 64  # fields of a record whose spelling is remembered, so that memory is bounded
_BETWEEN = re.compile(r"[\s_-]+")


def spelled(fields: Mapping[str, object], names: tuple[str, ...]) -> tuple[str, ...]:
    """The fields of a record that have one of the names in some spelling, in the order of the names.

    Names of inner fields (with dots) are returned as they are.
    """
    find = _spelled if len(fields) <= _MOST_KEPT else _spelled.__wrapped__
    return find(tuple(fields), names)


def plain_name(name: str) -> str:
    """What is compared: the name without case, blanks, - and _."""
    return _BETWEEN.sub("", name).casefold()


@lru_cache(maxsize=1024)
def _spelled(fields: tuple[object, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    by_name: dict[str, list[str]] = {}
    for field in fields:
        if isinstance(field, str):
            by_name.setdefault(plain_name(field), []).append(field)
    return tuple(
        field for name in names for field in ([name] if "." in name else by_name.get(plain_name(name), ()))
    )
