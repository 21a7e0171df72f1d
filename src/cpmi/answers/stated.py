"""The final answer that a chain states."""

from __future__ import annotations

from collections.abc import Sequence

from cpmi.answers.choices import letter_of, stated_choice
from cpmi.answers.decimal_comma import Decimal, decimal_of
from cpmi.answers.extract import extract_answer
from cpmi.types import Chain


def stated_answer(chain: Chain) -> str | None:
    """The chain's own final answer: as its input gives it, else read from its last step.

    With options it is a letter: "(B)", "B. Paris", "Paris" and "the answer is Paris" are B. None where it
    states none. Nothing is read from a chain that its length cut off: what it ends with may be half a number.
    """
    if chain.answer is not None:
        return (letter_of(chain.answer, chain.options) if chain.options else None) or chain.answer
    return None if chain.cut_off else answer_in(chain.steps[-1], chain.options, decimal_of(chain))


def answer_in(text: str, options: Sequence[str] = (), decimal: Decimal = "point") -> str | None:
    """The final answer that a text states; with options a letter, or an answer that is none of them."""
    if options:
        return stated_choice(text, options)
    found = extract_answer(text, decimal)
    return None if found is None else found.text
