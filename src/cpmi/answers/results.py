r"""What a step states: its intermediate results, and whether it literally prints an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from cpmi.answers.forms import Answer, Kind
from cpmi.answers.latex import MINUS_SIGNS
from cpmi.answers.numerals import PLAIN, Ratio, read_mixed, read_plain, read_ratio
from cpmi.answers.reading import MAX_LENGTH, parse_answer
from cpmi.answers.scripts import readable
from cpmi.answers.words import normalize_words

_CALCULATOR = re.compile(r"<<[^<>]*>>")
_EQUALS = re.compile(r"(?<![<>!:\\])&?=(?!=)")
_NUMBER = re.compile(
    rf"[{MINUS_SIGNS}]?\s?(?:(?:\\?\$|€|£)\s?[{MINUS_SIGNS}]?)?\s?(?:\\[dt]?frac\s*\{{\d+\}}\s*\{{\d+\}}|(?:{PLAIN})(?:\s?/\s?\d+(?![\d.]))?)"
    r"(?:\s?\\?%)?"
)
_OPERATOR = re.compile(r"\s*(?:[-+*/^×·÷−(\\\[=<>_{]|x\s*\d)")
_FACTOR = re.compile(r"[A-Za-z](?![A-Za-z])")
_HARMLESS = re.compile(r"\s*(?:\\\)|\\\]|\\\\|\\text|\\mbox|\\,|\\;|\\quad|\\ |\\end|\$)")
_FORMULA_END = re.compile(r"\\\)|\\\]|\\\\|(?<!\\)\$|\n|\.(?:\s|$)|,\s|;")
_FORMULAS = (Kind.ROOT, Kind.TUPLE, Kind.INTERVAL, Kind.EXPRESSION, Kind.MIXED, Kind.FRACTION, Kind.LIST)
_FRACTION_OR_PLAIN = re.compile(rf"\\[dt]?frac|\d+\s*/\s*\d+|{PLAIN}")
_MAX_NUMERAL = 400
_IGNORED = re.compile(r"\s+|\\left|\\right|\\[,;! ]|\$|\\\(|\\\)|\\displaystyle")


def results_of(step: str) -> list[str]:
    """The results a step states: right-hand sides of `=`, in order, each once.

    `16 - 3 = <<16-3=13>>13 eggs` states 13. A right side that goes on calculating (`= 3 + 5`) is no result.
    """
    results = (_result(side) for side in _right_sides(step))
    return list(dict.fromkeys(result for result in results if result is not None))


def last_result(step: str) -> str | None:
    """The last result a step states, though it may repeat an earlier one; None if it states none."""
    for side in reversed(_right_sides(step)):
        if (result := _result(side)) is not None:
            return result
    return None


def _right_sides(step: str) -> list[str]:
    text = _CALCULATOR.sub("", readable(step))
    ends = [match.end() for match in _EQUALS.finditer(text)]
    return [text[start : end - 1].rstrip("&=") for start, end in pairwise([*ends, len(text) + 1])]


def _result(side: str) -> str | None:
    side = side.strip()
    number = _NUMBER.match(side)
    if number:
        after = side[number.end() :]
        goes_on = _OPERATOR.match(after) and not _HARMLESS.match(after)
        # `2x` is a product and `2 apples` a number of apples.
        if not goes_on and not _FACTOR.match(after):
            return number.group().strip()
    end = _FORMULA_END.search(side)
    formula = side[: end.start()].strip() if end else side
    answer = parse_answer(formula) if formula else None
    if answer is None or answer.kind not in _FORMULAS:
        return None
    letters = re.search(r"[a-z]", re.sub(r"\\(?!pi|infty)[a-z]+", "", formula))
    # Numbers only: a calculation, not its result.
    return formula if letters or answer.kind is not Kind.EXPRESSION else None


def mentions(text: str, answer: str) -> bool:
    """Whether `text` literally prints `answer`.

    Numbers count by value ("1,234" prints 1234; "180", "1.18" and "18.5" do not print 18), percents by their
    number with or without the sign, words and letters at word boundaries, the rest by text without blanks.
    """
    if len(answer) > MAX_LENGTH:
        return _normalized(answer) in _normalized(text)
    text, read = readable(text), parse_answer(answer)
    if read.quantity is not None and read.kind is not Kind.BASED:
        return _mentions_number(text, read)
    if read.kind is Kind.CHOICE:
        return _mentions_choice(text, read.core)
    if read.kind is Kind.WORD:
        words = re.escape(normalize_words(read.core))
        return re.search(rf"(?<!\w){words}(?!\w)", " ".join(text.lower().split())) is not None
    needle = _normalized(read.core)
    haystack = _normalized(text)
    before = r"(?<![\w.\\])" if needle[:1].isalnum() else ""
    after = r"(?![\w]|\.\d|\^)" if needle[-1:].isalnum() else ""
    return bool(needle) and re.search(before + re.escape(needle) + after, haystack) is not None


def _mentions_number(text: str, answer: Answer) -> bool:
    if answer.quantity is None:
        raise TypeError("expected a quantity")
    wanted = {answer.quantity.value, answer.quantity.amount}
    with_ratios = answer.quantity.amount.denominator != 1 or isinstance(answer.quantity.numeral, Ratio)
    return not wanted.isdisjoint(_all_numbers(text, with_ratios))


@lru_cache(maxsize=64)  # a step is asked for every candidate
def _all_numbers(text: str, with_ratios: bool) -> frozenset[Fraction]:
    return frozenset(_numbers(text, with_ratios=with_ratios))


def _numbers(text: str, *, with_ratios: bool) -> Iterator[Fraction]:
    """Values of the numerals in a text; with ratios, also of `a/b` beside its a and its b."""
    index = 0
    while match := _FRACTION_OR_PLAIN.search(text, index):
        start, index = match.start(), match.end()
        # No reader below looks further, and nothing longer is a number to compare.
        near = text[start : start + _MAX_NUMERAL]
        if match.end() - start >= _MAX_NUMERAL:
            continue
        sign = -1 if _is_negative(text[max(0, start - _MAX_NUMERAL) : start]) else 1
        for read in (read_mixed, read_ratio) if with_ratios else ():
            compound = read(near)
            if compound is not None:
                yield sign * (-compound[0].value if _minus_inside(compound[0]) else compound[0].value)
        if (plain := read_plain(near)) is not None:
            yield sign * plain[0].value
            index = start + plain[1]


def _minus_inside(numeral: object) -> bool:
    return isinstance(numeral, Ratio) and numeral.minus_inside


def _is_negative(before: str) -> bool:
    """Whether a numeral after this text has a sign: `-7` and `= -7`, but not `12 - 7` or `12-7`."""
    before = before.rstrip(" $\\")
    if not before or before[-1] not in MINUS_SIGNS:
        return False
    left = before[:-1].rstrip()
    return not left or not (left[-1].isalnum() or left[-1] in ")]}%.")


def _mentions_choice(text: str, letter: str) -> bool:
    if re.search(rf"\({letter}\)", text, re.IGNORECASE):
        return True
    cue = r"(?:option|choice|answer(?:\s+is)?:?)\s*\**"
    # A bare "A" or "I" is a word; other capitals alone are letters.
    bare = "" if letter.upper() in "AI" else rf"|(?<![\w']){letter.upper()}(?![\w'])"
    return re.search(rf"(?i:{cue}){letter.upper()}(?!\w){bare}", text) is not None


def _normalized(text: str) -> str:
    return _IGNORED.sub("", re.sub(r"\\[dt]frac", r"\\frac", text)).replace("−", "-")
