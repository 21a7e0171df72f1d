"""The final answer that a chain states."""

from __future__ import annotations

from cpmi.answers.decimal_comma import decimal_of
from cpmi.answers.extract import extract_answer
from cpmi.types import Chain


def stated_answer(chain: Chain) -> str | None:
    """The chain's own final answer: as its input gives it, else read from its last step.

    None where it states none. Nothing is read from a chain that its length cut off: what it ends with may be
    half a number.
    """
    if chain.answer is not None or chain.cut_off:
        return chain.answer
    found = extract_answer(chain.steps[-1], decimal_of(chain))
    return None if found is None else found.text
