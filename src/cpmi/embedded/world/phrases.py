"""Sentence patterns that work both ways: filled with words they make a sentence, as a regex they read one.

Slots: {A} {B} {C} owners, {x} {y} {z} items, {c} containers, {v} a verb of owning, {n} {d} numbers, {E} an
equation or a number, {P} an operand as a clause ("Tom", or "Tom has pears"), {M} {N} operands as nouns
("Tom's pears"), {T} the subject of a fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cpmi.embedded.world.expression import MAX_DIGITS
from cpmi.embedded.world.words import CONTAINERS, ITEMS, NAMES, STATES, VERBS

_SLOT = re.compile(r"\{(\w)\}")


def _any_of(words: tuple[str, ...]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_NAME = _any_of(NAMES)
_THING = f"(?:{_any_of(CONTAINERS)}|{_any_of(ITEMS)}{_any_of(STATES)}?)"
_SLOTS = {
    **{slot: f"(?P<{slot}>{_NAME})" for slot in "ABC"},
    **{slot: f"(?P<{slot}>{_THING})" for slot in "xyz"},
    "c": f"(?P<c>{_any_of(CONTAINERS)})",
    "v": _any_of(VERBS),
    "n": rf"(?P<n>[0-9]{{1,{MAX_DIGITS}}})",
    "d": rf"(?P<d>[0-9]{{1,{MAX_DIGITS}}})",
    "E": r"(?P<E>[-0-9(][-0-9+*/()= ]*?)",
    "P": f"(?P<P>{_NAME})(?: has (?P<Px>{_THING}))?",
    "M": f"(?P<M>{_NAME})'s (?P<Mx>{_THING})",
    "N": f"(?P<N>{_NAME})'s (?P<Nx>{_THING})",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence pattern."""

    pattern: str

    def fill(self, words: Mapping[str, object]) -> str:
        """The sentence with its slots filled."""
        return _SLOT.sub(lambda slot: str(words[slot.group(1)]), self.pattern)

    def read(self, sentence: str) -> re.Match[str] | None:
        """What stands in the slots, if the whole sentence is of this pattern."""
        return _regex(self.pattern).fullmatch(sentence)


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    pieces = _SLOT.split(pattern)  # text, slot, text, slot, ..., text
    return re.compile("".join(_SLOTS[piece] if i % 2 else re.escape(piece) for i, piece in enumerate(pieces)))


def phrases(*patterns: str) -> tuple[Phrase, ...]:
    """Phrases from their patterns."""
    return tuple(map(Phrase, patterns))
