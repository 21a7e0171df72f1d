"""The final answer that a chain states."""

from __future__ import annotations

from collections.abc import Sequence

from cpmi.answers.choices import letter_or_text, stated_choice
from cpmi.answers.decimal_comma import Decimal, decimal_of
from cpmi.answers.extract import extract_answer
from cpmi.answers.grading import Grading
from cpmi.answers.raw_readings import raw_answer, tagged_text, texts_wanted
from cpmi.types import TAGGED, Chain


def stated_answer(chain: Chain, grading: Grading | None = None) -> str | None:
    """The chain's own final answer: as its input gives it, else read from its last step.

    With options it is a letter: "(B)", "B. Paris", "Paris" and "the answer is Paris" are B. None where it
    states none. Nothing is read from a chain that its length cut off: what it ends with may be half a number.

    Args:
        chain: the chain.
        grading: how answers are compared; by the check `exact` the answer is as `raw_answer` has it.
    """
    wanted = texts_wanted(chain, grading or Grading())
    if chain.answer is not None:
        if wanted is not None and TAGGED in chain.meta:
            return tagged_text(chain.meta[TAGGED], wanted, decimal_of(chain))
        return letter_or_text(chain.answer, chain.options)
    if chain.cut_off:
        return None
    return answer_in(chain.steps[-1], chain.options, decimal_of(chain), wanted)


def answer_in(
    text: str,
    options: Sequence[str] = (),
    decimal: Decimal = "point",
    wanted: Sequence[str] | None = None,
) -> str | None:
    """The final answer that a text states; with options a letter, or an answer that is none of them.

    Args:
        text: the text.
        options: of a multiple choice.
        decimal: what the numbers of the text are written with.
        wanted: for the check `exact`, the answers that the text as it is written is compared with.
    """
    if options:
        return stated_choice(text, options)
    if wanted is not None:
        return raw_answer(text, wanted, decimal)
    found = extract_answer(text, decimal)
    return None if found is None else found.text
