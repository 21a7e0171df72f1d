"""The final answer that a chain states."""

from __future__ import annotations

from collections.abc import Sequence

from cpmi.answers.choices import letter_of, stated_choice
from cpmi.answers.extract import extract_answer
from cpmi.types import Chain


def stated_answer(chain: Chain) -> str | None:
    """The chain's own final answer: as its input gives it, else read from its last step.

    With options it is a letter: "(B)", "B. Paris", "Paris" and "the answer is Paris" are B. None where it
    states none. Nothing is read from a chain that its length cut off (`meta["finish"]` is "length"): what it
    ends with may be half a number.
    """
    if chain.answer is not None:
        return (letter_of(chain.answer, chain.options) if chain.options else None) or chain.answer
    if chain.meta.get("finish") == "length":
        return None
    return answer_in(chain.steps[-1], chain.options)


def answer_in(text: str, options: Sequence[str] = ()) -> str | None:
    """The final answer that a text states; with options a letter, or an answer that is none of them."""
    if options:
        return stated_choice(text, options)
    found = extract_answer(text)
    return None if found is None else found.text
