r"""Numbers written with a decimal comma: `7,5`, `1.234,5`, `7{,}5`, `(1; 2)`, `(1 | 2)`.

Texts of a chain stay as they are written. What reads or compares them reads `plain` of them; what is shown
beside them is `like` them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal, TypeVar

from cpmi.answers.scripts import in_script_of
from cpmi.types import Chain, Problem

Decimal = Literal["point", "comma"]
Asked = TypeVar("Asked", Chain, Problem)

DECIMAL = "decimal"
"""The entry of a chain's `meta` that says "comma" where its numbers are written with one."""

# The comma of `1\,234` is a narrow blank.
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![\d.])(?<!(?<!\\),)", r"(?!\d|[.,]\d)"
_NARROW_BLANK = re.compile(r"(?<=\d)[\u00a0\u202f](?=\d{3}(?!\d))")
_COMMA_NUMBER = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?:(?P<grouped>[1-9]\d{{0,2}}(?:\.\d{{3}})+)|(?P<whole>\d+(?=,|\{{,\}})))"
    rf"(?:(?:,|\{{,\}})(?P<decimals>\d+))?{_NO_DIGIT_AFTER}"
)
_POINT = re.compile(r"\(\s*(?P<entries>[^\s()|;]+(?:\s*[|;]\s*[^\s()|;]+){1,3})\s*\)")
_POINT_NUMBER = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?P<whole>[1-9]\d{{0,2}}(?:,\d{{3}})+|\d*)(?:\.(?P<decimals>\d+))?{_NO_DIGIT_AFTER}"
)
_ONLY_COMMA = re.compile(
    r"\$?[-−+]?(?:€\s?)?(?:[1-9]\d{0,2}(?:\.\d{3})+(?:,|\{,\})\d+|0,\d+|\d+(?:,|\{,\})(?:\d{1,2}|\d{4,}))"
    r"(?:\s?(?:\\?%|€|[^\W\d_]{1,12}[²³]?))?\$?"
)
_SEPARATOR = re.compile(r"(?<=[\d)}])[,;] (?=[-−\d(\\])")
_TIGHT_COMMA = re.compile(r"(?<=[\d)}]),(?=[-−\d(\\])")


class Number(str):
    """The text of what the data hold as a number, not as text: it has a decimal point in any case."""

    __slots__ = ()

    @classmethod
    def of(cls, value: float) -> Number:
        """A finite number as it is written; 18.0 is 18."""
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
        return cls(int(value) if whole else repr(value))


def as_written(text: str | None, decimal: Decimal) -> str | None:
    """A text as it is, a `Number` with the decimal mark of the texts around it."""
    return like(text, "", decimal) if isinstance(text, Number) else text


def with_answers_written(problem: Asked, decimal: Decimal) -> Asked:
    """The problem or chain with its golds and wrong answers `as_written`."""
    return replace(
        problem,
        gold=as_written(problem.gold, decimal),
        other_golds=tuple(as_written(gold, decimal) or "" for gold in problem.other_golds),
        distractors=tuple(as_written(wrong, decimal) or "" for wrong in problem.distractors),
    )


def decimal_of(chain: Chain) -> Decimal:
    """How the numbers of a chain are written."""
    return "comma" if chain.meta.get(DECIMAL) == "comma" else "point"


def plain(text: str, decimal: Decimal) -> str:
    r"""The text with decimal points and commas between thousands.

    With "comma", `7,5` is 7.5, `1.234` is 1,234, and `(1 | 2)` a pair. What cannot be such a number is kept:
    `3.5`, `1,2,3`, a date.
    """
    if decimal == "point" or not re.search(r"[.,;|]", text):
        return text
    text = _NARROW_BLANK.sub(" ", _POINT.sub(_with_commas, text))
    return _COMMA_NUMBER.sub(_with_point, text)


def looks_like_comma(answer: str) -> bool:
    """Whether an answer is one number that only a decimal comma explains: `7,5`, `1.234,56 €`."""
    return _ONLY_COMMA.fullmatch(answer.strip()) is not None


def like(text: str, model: str, decimal: Decimal) -> str:
    """A plain text written as the model is: with its decimal mark, in its script."""
    if decimal == "comma" and not re.search("[٫٬．]", model):
        # Commas between entries first: what is left groups digits.
        tight = _TIGHT_COMMA.sub(_kept_in_groups, text)
        mark = "{,}" if "{,}" in model else ","
        between = re.search(r"\s*[;|]\s*", model)
        if between or (not model and "." in tight):
            separator = between.group() if between else "; "
            tight = re.sub(_SEPARATOR, lambda _: separator, tight)
        text = _POINT_NUMBER.sub(lambda number: _with_comma(number, mark), tight)
    return in_script_of(text, model)


def _with_point(number: re.Match[str]) -> str:
    whole = number["whole"] or number["grouped"].replace(".", ",")
    return f"{whole}.{number['decimals']}" if number["decimals"] else whole


def _with_commas(point: re.Match[str]) -> str:
    return "(" + re.sub(r"\s*[|;]\s*", ", ", point["entries"]) + ")"


def _with_comma(number: re.Match[str], mark: str) -> str:
    whole = number["whole"].replace(",", ".")
    return f"{whole}{mark}{number['decimals']}" if number["decimals"] else whole


def _kept_in_groups(comma: re.Match[str]) -> str:
    text, at = comma.string, comma.start()
    group = re.compile(r"\d{3}(?!\d)").match(text, at + 1)
    begins = re.compile(r"(?<!\d)\d{1,3}\Z").search(text, max(0, at - 4), at)
    return "," if group and begins else "; "
