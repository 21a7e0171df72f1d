"""Spans of characters in a text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

Span = tuple[int, int]
"""Begin and end of characters in a text."""


class Spans:
    """Disjoint spans; tells which one holds a position.

    Args:
        spans: in any order; those that overlap are made one.
    """

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []
        for begin, end in sorted(spans):
            if self._ends and begin < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._begins.append(begin)
                self._ends.append(end)

    def __contains__(self, position: object) -> bool:
        return isinstance(position, int) and self.at(position) is not None

    def at(self, position: int) -> Span | None:
        """The span that holds the character at `position`, None if none does."""
        index = bisect_right(self._begins, position) - 1
        if index < 0 or position >= self._ends[index]:
            return None
        return self._begins[index], self._ends[index]
