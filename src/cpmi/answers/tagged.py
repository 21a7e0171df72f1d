"""The answer in what tags such as `<answer>` hold."""

from __future__ import annotations

from cpmi.answers.decimal_comma import Decimal
from cpmi.answers.extract import BY_PLACE, extract_answer


def tagged_answer(inside: str | None, decimal: Decimal = "point") -> str | None:
    """What is boxed, marked or announced there, else all of it: "Paris", "3 and 4". None gives None.

    Of a sentence, what a text without tags would be read for: "He has 7 pens." gives 7.
    """
    if inside is None:
        return None
    found = extract_answer(inside, decimal)
    is_sentence = inside.endswith((".", "!")) and " " in inside
    return inside if found is None or (found.rule in BY_PLACE and not is_sentence) else found.text
