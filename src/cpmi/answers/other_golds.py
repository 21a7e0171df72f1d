"""Wrong answers from the gold answers of other problems, for words and texts, which have no near misses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property

from cpmi.answers.forms import Kind
from cpmi.answers.reading import parse_answer

MOST = 1000
"""Gold answers that are kept, the first ones: memory stays bounded, and --limit changes no label."""


class OtherGolds:
    """Gold answers of other problems by their kind, read when they are first asked for.

    Args:
        golds: in the order of the input; the first `MOST` different ones are kept.
    """

    def __init__(self, golds: Iterable[str]) -> None:
        self._golds = golds

    @cached_property
    def _by_kind(self) -> dict[Kind, list[str]]:
        found: dict[Kind, list[str]] = {}
        seen: set[str] = set()
        for gold in self._golds:
            if gold not in seen:
                seen.add(gold)
                found.setdefault(parse_answer(gold).kind, []).append(gold)
            if len(seen) == MOST:
                break
        return found

    def like(self, gold: str, *, key: str, most: int) -> list[str]:
        """Answers of the gold's kind: those of nearest length first, for a longer one is told by its look.

        Args:
            gold: the right answer.
            key: breaks ties, so that problems with equal golds get different answers.
            most: how many.
        """
        others = (text for text in self._by_kind.get(parse_answer(gold).kind, ()) if text != gold)
        return sorted(
            others, key=lambda text: (abs(len(text.split()) - len(gold.split())), _draw(key, text))
        )[:most]


def _draw(key: str, text: str) -> bytes:
    return hashlib.sha256(f"{key}\0{text}".encode()).digest()
