"""Families of words that answer the same questions, so that one is a plausible wrong answer for another."""

from __future__ import annotations

import re

from cpmi.answers.latex import plain_text

# Order matters: peers are offered from the nearest in the list, so neighbors come first.
FAMILIES: tuple[tuple[str, ...], ...] = (
    ("yes", "no"),
    ("true", "false"),
    ("even", "odd", "neither"),
    ("increasing", "decreasing", "constant"),
    ("positive", "negative", "zero"),
    ("rational", "irrational"),
    ("real", "imaginary"),
    ("convergent", "divergent"),
    ("converges", "diverges"),
    ("finite", "infinite"),
    ("maximum", "minimum"),
    ("more", "less"),
    ("greater", "less", "equal"),
    ("larger", "smaller"),
    ("older", "younger"),
    ("always", "sometimes", "never"),
    ("possible", "impossible"),
    ("left", "right"),
    ("up", "down"),
    ("above", "below"),
    ("clockwise", "counterclockwise"),
    ("heads", "tails"),
    ("morning", "afternoon", "evening", "night"),
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
     "november", "december"),
    ("spring", "summer", "autumn", "winter"),
    ("north", "east", "south", "west"),
    ("northeast", "southeast", "southwest", "northwest"),
    ("red", "orange", "yellow", "green", "blue", "purple", "brown", "black", "white", "gray", "pink"),
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    ("circle", "ellipse", "parabola", "hyperbola", "line", "point"),
    ("triangle", "square", "rectangle", "rhombus", "parallelogram", "trapezoid", "pentagon", "hexagon"),
    ("acute", "right", "obtuse"),
    ("equilateral", "isosceles", "scalene"),
    ("sphere", "cone", "cylinder", "plane", "cube"),
    ("penny", "nickel", "dime", "quarter"),
    ("ja", "nein"),
    ("wahr", "falsch"),
    ("richtig", "falsch"),
    ("gerade", "ungerade"),
    ("größer", "kleiner", "gleich"),
    ("是", "否"),
    ("对", "错"),
    ("正确", "错误"),
    ("奇数", "偶数"),
    ("能", "不能"),
    ("نعم", "لا"),
    ("صحيح", "خاطئ"),
    ("صواب", "خطأ"),
    ("زوجي", "فردي"),
)  # fmt: skip

_NUMBERS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def normalize_words(text: str) -> str:
    r"""Lower-case words without `\text{}`, a leading article or a final period."""
    words = plain_text(text).strip(" .,;:!*\"'").lower()
    return re.sub(r"^(?:the|an?)\s+(?=\w)", "", words)


def number_word(word: str) -> int | None:
    """The number that a word names, up to twelve; None for any other word."""
    return _NUMBERS.index(word) if word in _NUMBERS else None


def peers(word: str) -> tuple[str, ...]:
    """Other members of the word's first family, nearest first; empty for an unknown word. Lower case."""
    word = word.lower()
    for family in FAMILIES:
        if word in family:
            place = family.index(word)
            order = sorted(range(len(family)), key=lambda i: (abs(i - place), i < place))
            return tuple(family[i] for i in order if i != place)
    return ()


def like(word: str, model: str) -> str:
    """`word` capitalized as `model` is."""
    if len(model) > 1 and model.isupper():
        return word.upper()
    return word.capitalize() if model[:1].isupper() else word
