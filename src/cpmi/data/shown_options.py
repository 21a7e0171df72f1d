"""The options of a multiple choice in the text of its question: seen there, or put there.

A model can answer with a letter only if the question says which option has it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cpmi.golds import LETTERS


def with_options_shown(question: str, options: Sequence[str]) -> str:
    """The question, with a line "A. text" for every option unless it shows them all with their letters."""
    if not options or shows_options(question, options):
        return question
    return f"{question.rstrip()}\n{_lines(options)}"


def without_options_shown(question: str, options: Sequence[str]) -> str:
    """The question without the lines that `with_options_shown` puts there, if it has them."""
    return question.removesuffix(f"\n{_lines(options)}") if options else question


def shows_options(question: str, options: Sequence[str]) -> bool:
    """Whether every option is there behind its letter, in order: "A. Rome", "(a) Rome", "B: Rome" ..."""
    text, start = _line(question), 0
    for letter, option in zip(LETTERS, options, strict=False):
        mark = rf"(?<!\w)[(\[]?(?:{letter}|{letter.lower()})[)\].:]\**\s*"
        found = re.compile(rf"{mark}{re.escape(_line(option))}(?!\w)").search(text, start)
        if found is None:
            return False
        start = found.end()
    return True


def _lines(options: Sequence[str]) -> str:
    return "\n".join(f"{letter}. {_line(option)}" for letter, option in zip(LETTERS, options, strict=False))


def _line(text: str) -> str:
    return " ".join(text.split())
