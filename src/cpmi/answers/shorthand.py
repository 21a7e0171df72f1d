"""Numbers in shorthands that are no numerals of ours: `2k`, `$1.5M`, `3rd`, `2nd place`, `IV`.

A letter behind a number may as well be a variable, and Roman numerals are letters. So a shorthand decides
nothing: it only keeps its number from being called another one.
"""

from __future__ import annotations

import re
from fractions import Fraction

_FACTORS = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_SHORT = re.compile(r"(?:\\?\$|[€£¥])?\s?(\d{1,12}(?:\.\d{1,6})?)\s?([kKmMbBtT])")
_ORDINAL = re.compile(r"(\d{1,6})(?:st|nd|rd|th)(?:\s[A-Za-z]{1,20})?")
_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def shorthand_value(text: str) -> Fraction | None:
    """The number that a shorthand stands for; None for any other text."""
    text = text.strip()
    if match := _SHORT.fullmatch(text):
        return Fraction(match[1]) * _FACTORS[match[2].lower()]
    if match := _ORDINAL.fullmatch(text):
        return Fraction(match[1])
    if text and _ROMAN.fullmatch(text):
        values = [_LETTERS[letter] for letter in text]
        after = [*values[1:], 0]
        return Fraction(
            sum(-own if own < next_one else own for own, next_one in zip(values, after, strict=True))
        )
    return None
