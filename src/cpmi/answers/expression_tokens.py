"""What the readers of formulas share: the place in the text, the habits of writing, numerals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from cpmi.answers.expressions import Node, number
from cpmi.answers.numerals import GROUPED

_PART = (
    r"(?:\.(?P<part>\d*)(?:\\(?:overline|bar|dot)\s*\{?(?P<repeat>\d+)\}?)?)?"
    r"(?:[eE](?P<exponent>[-+]?\d{1,4})(?![\dA-Za-z.]))?"
)
NUMBER = re.compile(rf"(?P<whole>{GROUPED}|\d*){_PART}")
UNGROUPED = re.compile(rf"(?P<whole>\d*){_PART}")


class UnreadError(ValueError):
    """The text is no formula that could be read with certainty."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How ambiguous writing is read.

    Attributes:
        tight: `1/2x` is 1/(2x), `\\sin x/2` sin(x/2) and `0.1(6)` a product; else (1/2)x, sin(x)/2 and 1/6.
        decadic: a bare `\\log` has base 10; else base e.
    """

    tight: bool = False
    decadic: bool = False


PLAIN_HABITS = Habits()


class Cursor:
    """A place in a text that patterns move on."""

    def __init__(self, text: str, habits: Habits) -> None:
        self._text = text
        self._habits = habits
        self._at = 0

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _take(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        self._skip()
        compiled = re.compile(pattern) if isinstance(pattern, str) else pattern
        match = compiled.match(self._text, self._at)
        if match and match.end() > self._at:
            self._at = match.end()
            return match
        return None

    def _sees(self, pattern: re.Pattern[str]) -> bool:
        self._skip()
        return pattern.match(self._text, self._at) is not None


def numeral(match: re.Match[str], repeat: str) -> Node:
    """The number of a match of `NUMBER`, with digits that repeat without end."""
    whole, part = match["whole"] or "", match["part"] or ""
    digits = re.sub(r"\D", "", whole)
    exponent = int(match["exponent"] or 0)
    value = Fraction(int(digits + part or "0"), 10 ** len(part))
    if repeat:
        value += Fraction(int(repeat), 10 ** len(part) * (10 ** len(repeat) - 1))
    decimals = len(part) - exponent if (part and not repeat) or exponent else None
    return number(value * Fraction(10) ** exponent, decimals)
