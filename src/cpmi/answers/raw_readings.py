"""What a text may end with, as it is written: the check `exact` compares these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpmi.answers.decimal_comma import Decimal, like
from cpmi.answers.exact_text import compare_texts
from cpmi.answers.extract import BY_PLACE, announced, extract_answer
from cpmi.answers.formulas import find_boxes
from cpmi.answers.grading import Grading
from cpmi.answers.prose import closing_sentence, first_sentence
from cpmi.answers.verdicts import SAME
from cpmi.types import Chain, Problem

_FINAL_MARKS = ".。．!！۔ \t\n"
_WRAPPERS = ("**", "`", '"', "$", "“”", "「」", "*", "'")
_SEEN = 1_000  # characters whose script the answer is written in


def texts_wanted(problem: Problem | Chain, grading: Grading) -> tuple[str, ...] | None:
    """The golds, then the wrong answers that the problem brings; None where no texts are compared."""
    if grading.check != "exact" or problem.options:
        return None
    golds = () if problem.gold is None else (problem.gold, *problem.other_golds)
    return (*golds, *problem.distractors)


def raw_answer(text: str, wanted: Sequence[str], decimal: Decimal = "point") -> str | None:
    """The reading of a text that equals a wanted answer, the first of them first.

    Else the answer that the text announces, as it is written, and None where it announces none: of a text
    that only ends, nobody can say which part of it is the answer.
    """
    found = extract_answer(text, decimal)
    extracted = None if found is None else like(found.text, text[-_SEEN:], decimal)
    behind = announced(text)
    readings = [*_readings(text, behind), *([extracted] if extracted else [])]
    for gold in wanted:
        for reading in readings:
            if compare_texts(gold, reading) is SAME:
                return reading
    if found is None or found.rule in BY_PLACE:
        return None
    if found.rule != "boxed" and behind and (sentence := first_sentence(behind)):
        return sentence
    return extracted


def tagged_text(inside: str, wanted: Sequence[str], decimal: Decimal = "point") -> str:
    """`raw_answer` of what tags of an answer hold; all of it where it announces nothing."""
    return raw_answer(inside, wanted, decimal) or inside


def _readings(text: str, behind: str | None) -> Iterator[str]:
    """All readings, each also without the marks around it."""
    for reading in dict.fromkeys(_as_written(text, behind)):
        bare = reading.strip()
        yield bare
        while (inner := _unwrapped(bare.rstrip(_FINAL_MARKS))) != bare:
            bare = inner
            yield bare


def _as_written(text: str, behind: str | None) -> Iterator[str]:
    text = text.strip()
    if behind is not None:
        yield first_sentence(behind)
        yield behind.split("\n", 1)[0]
        yield behind
    if boxes := find_boxes(text):
        yield boxes[-1].content
    if (code := _last_fence(text)) is not None:
        yield code
    yield text[text.rfind("\n") + 1 :]
    yield closing_sentence(text)
    yield text


def _last_fence(text: str) -> str | None:
    """What the last block of code between lines of three backticks holds."""
    found: str | None = None
    block: list[str] | None = None
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            if block is None:
                block = []
            else:
                found, block = "\n".join(block), None
        elif block is not None:
            block.append(line)
    return found


def _unwrapped(text: str) -> str:
    for wrapper in _WRAPPERS:
        opening, closing = (wrapper[0], wrapper[1]) if wrapper in ("“”", "「」") else (wrapper, wrapper)
        inner = text[len(opening) : -len(closing)]
        if inner.strip() and text == opening + inner + closing and not inner.count(opening):
            return inner.strip()
    return text
