r"""The final answer that a text states, and by which rule it was found.

Rules, first that fires: `\boxed{}`, `#### 18`, a heading `# Answer`, a line `A: 18`, "the answer is", a bold
last number, the last formula, the last number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cpmi.answers.forms import Kind
from cpmi.answers.latex import MINUS_SIGNS, closing_brace, unwrap
from cpmi.answers.numerals import GROUPED
from cpmi.answers.reading import parse_answer
from cpmi.answers.results import results_of

_BOXED = re.compile(r"\\(?:boxed|fbox)\s*(?:(?P<brace>\{)|(?P<single>[0-9A-Za-z]))")
_HASH = re.compile(r"^\s*####[ \t]*(?P<answer>\S.*)$", re.MULTILINE)
_HEADING = re.compile(
    r"^\s*#{1,6}[ \t]*(?:final[ \t]+)?answer[ \t]*:?[ \t]*\n+(?P<answer>[^\n]*\S)", re.M | re.I
)
_LINE = re.compile(
    r"^[\s>*#-]*(?:the[ \t]+)?(?:final[ \t]+|correct[ \t]+)?answer[ \t]*\**[ \t]*:[ \t]*\**[ \t]*"
    r"(?P<answer>\S.*)$",
    re.M | re.I,
)
_LAST_LINE = re.compile(r"^A[ \t]*:[ \t]*(?P<answer>\S[^\n]*)\s*\Z", re.M)
_IS = re.compile(
    r"\banswer(?:[ \t]+to[ \t]+[^.\n]{1,60}?)?[ \t]*(?:is|are|=|would[ \t]+be)?[ \t]*:?(?<=[s=e:t])"
    r"(?:[ \t]+(?:therefore|thus|then))?[ \t]*:?\s*(?P<answer>\S[^\n]*)",
    re.I,
)
_BOLD = re.compile(r"\*\*(?P<answer>[^*\n]*\d[^*\n]*)\*\*")
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w)}}\]])[{MINUS_SIGNS}]\s?)?(?P<currency>\\?\$\s?|€|£)?(?:{GROUPED}|\d+)(?:\.\d+)?"
    r"(?:\s?/\s?\d+(?![\d.]))?(?P<percent>\s?\\?%)?"
)
_MATH = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\\\((?P<b>.+?)\\\)|\\\[(?P<c>.+?)\\\]|(?<!\\)\$(?P<d>[^$\n]+?)(?<!\\)\$", re.S
)
_MAX_WORDS = 6
_SENTENCE_END = re.compile(
    r"[.!?](?=\s+[A-Z(]|\s*$)|;\s|,\s(?=which|so|because|since|and)|\s(?=because|since)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """A final answer found in a text.

    Attributes:
        text: the answer, without the words around it and without a final period; signs, percent and
            money signs and units are kept.
        rule: which rule found it: "boxed", "hash", "answer_heading", "answer_line", "the_answer_is",
            "bold", "last_formula" or "last_number".
    """

    text: str
    rule: str


def extract_answer(text: str) -> Extraction | None:
    """The final answer stated in `text`, or None if it states nothing that looks like one."""
    for rule, find in _RULES:
        found = find(text)
        if found is not None and (cleaned := _clean(found)):
            return Extraction(text=cleaned, rule=rule)
    return None


def _boxed(text: str) -> str | None:
    for match in reversed(list(_BOXED.finditer(text))):
        if match["single"]:
            return match["single"]
        end = closing_brace(text, match.start("brace"))
        if end is not None and text[match.end() : end].strip():
            return text[match.end() : end]
    return None


def _last_of(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def find(text: str) -> str | None:
        matches = list(pattern.finditer(text))
        return matches[-1]["answer"] if matches else None

    return find


def _answer_line(text: str) -> str | None:
    """`Answer: 18`, as the last line that begins so; what follows must be one answer, not prose."""
    found = _last_of(_LINE)(text)
    return None if found is None else _leading_answer(found)


def _last_line(text: str) -> str | None:
    """`A: 18` as the very last line: elsewhere it may be a person or a choice."""
    found = _last_of(_LAST_LINE)(text)
    # `A: red, B: blue So the answer is (B)` lists what A has and answers later.
    return None if found is None or "answer" in found.lower() else _leading_answer(found)


def _the_answer_is(text: str) -> str | None:
    found = _last_of(_IS)(text)
    return None if found is None else _leading_answer(found)


def _leading_answer(phrase: str) -> str | None:
    """The answer at the head of a phrase: its formula, or its first sentence if that reads as an answer."""
    phrase = phrase.strip()
    if math := _MATH.match(phrase):
        after = phrase[math.end() :].strip(" .*,")
        # `$18 and then $5` is money and no formula.
        if not (phrase[0] == "$" and after[:1].isalnum() and " " in (math["d"] or "")):
            return _right_side(_content(math))
    sentence = _SENTENCE_END.split(phrase, maxsplit=1)[0].strip()
    sentence = re.sub(r"^(?:exactly|equal to|option|choice|just|simply|about)\s+", "", sentence, flags=re.I)
    answer = parse_answer(sentence)
    if answer.kind not in (Kind.TEXT, Kind.WORD) or not re.search(r"\d", sentence):
        short = len(sentence.split()) <= _MAX_WORDS
        return sentence if answer.kind is not Kind.TEXT or short else None
    return _last_bold(sentence) or _last_number(sentence)


def _last_bold(text: str) -> str | None:
    """A bold number in the last paragraph that holds any."""
    matches = list(_BOLD.finditer(text.strip().rsplit("\n\n", 1)[-1]))
    if not matches:
        return None
    found: str = matches[-1]["answer"]
    return found if parse_answer(found).kind is not Kind.TEXT else _last_number(found)


def _last_formula(text: str) -> str | None:
    """The right side of the last formula, if no number in prose comes after it."""
    formulas = list(_MATH.finditer(text))
    if not formulas or _NUMBER.search(text, formulas[-1].end()):
        return None
    content = _right_side(_content(formulas[-1]))
    # `$18 per egg, so $` is what lies between two amounts of money.
    if formulas[-1]["d"] and parse_answer(content).kind is Kind.TEXT:
        return None
    return content if re.search(r"\d|\\", content) else None


def _content(match: re.Match[str]) -> str:
    return next(group for group in match.groupdict().values() if group is not None)


def _right_side(formula: str) -> str:
    """What stands after the last `=` of a chain `a = b = c`; an equation such as `y = 2x` loses its name."""
    pieces = re.split(r"(?<![<>!\\])=|\\approx", formula)
    return pieces[-1].strip()


def _last_number(text: str) -> str | None:
    """The last number, but the last result if the closing sentence repeats it: "34 hours in 4 weeks"."""
    matches = list(_NUMBER.finditer(text))
    if not matches:
        return None
    results = results_of(text)
    closing = re.split(r"(?<=[.!?])\s+", text.strip())[-1]
    if results and (value := parse_answer(results[-1]).value) is not None:
        for match in _NUMBER.finditer(closing):
            if parse_answer(match.group()).value == value:
                return match.group()
    return matches[-1].group()


def _clean(found: str) -> str:
    text = found.strip()
    while True:
        peeled = unwrap(text)
        # The wrappers go, `\boxed{}` too; what is no wrapper (signs, units) is in the core.
        shorter = peeled.core.strip().strip("*").strip()
        if shorter == text:
            return text
        text = shorter


_RULES: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("boxed", _boxed),
    ("hash", _last_of(_HASH)),
    ("answer_heading", _last_of(_HEADING)),
    ("answer_line", _answer_line),
    ("answer_line", _last_line),
    ("the_answer_is", _the_answer_is),
    ("bold", _last_bold),
    ("last_formula", _last_formula),
    ("last_number", _last_number),
)
