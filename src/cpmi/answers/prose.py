r"""The answer in a sentence: what it says at its head, or the last value that it names."""

from __future__ import annotations

import re
from typing import NamedTuple

from cpmi.answers.forms import Answer, Kind
from cpmi.answers.formulas import Span, assignment, find_formulas, is_value, join, value_of
from cpmi.answers.latex import MINUS_SIGNS
from cpmi.answers.measures import measure_of
from cpmi.answers.numerals import GROUPED
from cpmi.answers.reading import MAX_LENGTH, parse_answer
from cpmi.answers.results import last_result
from cpmi.answers.scripts import DATE_OR_TIME, LETTERS_OF_WORDS, num_words

_DIGITS = rf"(?:(?:{GROUPED}|\d+)(?:\.\d+)?|(?<!\w)\.\d+)"
# A minus with a blank behind it is a sign only where no term comes before it: not in `12 - 7`.
_SIGN = rf"(?<![\w)}}\]])[{MINUS_SIGNS}](?:(?=\S)|(?<![\w)}}\]]\s[{MINUS_SIGNS}])\s)"
_EXPONENT = r"(?:\s?\^\s?(?:\{[-−]?\d{1,4}\}|[-−]?\d{1,4}(?!\d))|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]{1,5})"
_TIMES_TEN = rf"(?:\s?(?:×|x|\*|\\times|\\cdot)\s?10{_EXPONENT}|{_EXPONENT})?"
# What is multiplied by a number in front of it: π, π/3, √2
_CONSTANT = r"(?:\s?(?:π|\\pi(?![A-Za-z]))(?:\s?/\s?\d+(?!\d|\.\d))?|\s?(?:√\s?\d+|\\sqrt\{\d+\}))?"
_NO_EXPONENT = r"(?<!\d)(?<!\^)(?<!\^\{)(?<!\^[-−])(?<!\^\{[-−])"
_NUMBER = (
    rf"{_NO_EXPONENT}(?:{_SIGN})?(?:\\[dt]?frac\{{\d+\}}\{{\d+\}}"
    rf"|(?:(?:\\?\$\s?|€|£|¥)[{MINUS_SIGNS}]?)?(?:\d+\s[1-9]/(?:[2-9]|1[0-6])(?!\d|\.\d)|{_DIGITS}(?:\s?/\s?\d+(?!\d|\.\d))?))"
    rf"{_TIMES_TEN}{_CONSTANT}(?:\s?\\?%)?"
)
_SIGNED = rf"[{MINUS_SIGNS}]?(?:{_DIGITS}(?:/\d+)?|∞|\\infty)"
# `Week 3:210 pages` is no ratio.
_NO_LABEL = r"(?<!day )(?<!week )(?<!step )(?<!month )(?<!year )"
_MAGNITUDE = (
    r"\s?[十百千]?[万亿]|\s(?:Millionen|Milliarden|Mio\.|Mrd\.|(?:ألف|آلاف|مليون|ملايين|مليار)(?!\w))"
)
_VALUE = re.compile(
    rf"[(\[]\s?{_SIGNED}(?:,\s?{_SIGNED})+\s?[)\]]"
    r"|(?<![\d:.])\d{1,2}:[0-5]\d(?:\s?[ap]\.?m\b\.?)?(?![\d:])"
    rf"|{_NO_LABEL}(?<![\d:.])\d+(?::\d+)+|(?<!\d)\d+(?:\s:\s\d+)+"
    rf"|{_NUMBER}(?:{_MAGNITUDE})?",
    re.I,
)
_CALCULATOR = re.compile(r"<<[^<>]*>>")
# But of `<<4+1=5>>5:00 pm` the mark holds the number.
_REPEATED_BEHIND = re.compile(r"<<[^<>]*>>(?=[$\d.-])(?!\d?\d:\d)")
_BOLD = re.compile(r"\*\*(?!\s?step\b)([^*\n]+)\*\*", re.I)
_SENTENCE_END = re.compile(
    r"(?<!i\.e)(?<!e\.g)(?<!approx)(?<!\bDr)(?<!\bSt)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bMt)(?<!\bProf)[.!?](?=\s+[A-ZÄÖÜ(*$\\\u0620-\u064a\u3400-\u9fff]|\s*$)|。|(?<!\\);\s|,\s(?=which|so|because|since|and\s(?!\}?\\?[$(]*[\d-]))|\s(?=because|since)\b"
)
_LAST_SENTENCE = re.compile(
    r"(?:(?<=[.!?。])|(?<=[.!?。]\*\*))\s+(?=\S)|\n(?=\s|\W?[A-ZÄÖÜ\u0620-\u064a\u3400-\u9fff])"
)
# `der 3. Mai`
_GERMAN_DAY = re.compile(r"\b(?:der|dem|den|am|vom|zum|ab|bis)\s\d{1,2}\Z")
# `7. Juni`
_GERMAN_MONTH = re.compile(
    r"\.\s(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b"
)
_TIME_END = re.compile(r"\d\s?[ap]\.m$", re.I)
_FILLER = re.compile(
    r"(?:exactly|equal to|option|choice|just|simply|actually|really|indeed|about|approximately|either"
    r"|therefore|thus|then|选项|选择)\s+",
    re.I,
)
_APPROXIMATELY = re.compile(
    r",?\s+(?:or|which is)\s+(?:about|approximately|roughly)\s+|\s+\((?:about|approximately|roughly)\s+", re.I
)
# A sentence that begins so announces, explains or doubts.
_NO_ANSWER = re.compile(
    r"(?:let|lets|let's|we|(?-i:I)|you|to|first|firstly|now|here|given|since|because|if|not|nicht|keine?|as|by|in|from|this|these|that"
    r"|it|there|see|start|starting|obtained|found|again|going|using|consider|step|solution|explanation|what|when|how)\b",
    re.I,
)
_COPULA = re.compile(
    r"(?:\b(?:is|are|was|were|be|equals|becomes|either|ist|sind|lautet|lauten|beträgt|هو|هي)\b|[是为]\s|=|:\s)\s*",
    re.I,
)
# `7 (see step 3)`, but not `5 (mod 7)`
_REMARK = re.compile(r"([$\d][^()]{0,80}?)\s+\((?!mod\b)(?=[^()]*[A-Za-z]{2})[^()]{1,200}\)")
# `2 hours and 30 minutes` is more than its last number.
_UNIT = r"(?:hours?|minutes?|seconds?|days?|weeks?|months?|years?|dollars?|cents?|feet|foot|inch(?:es)?)"
_COMPOUND = re.compile(rf"\d+ {_UNIT}(?:,? and |, | )\d+ {_UNIT}\b")
_PLURAL = re.compile(r"(?:\b(?:are|were|is|be|either)\b|[=:])\s*(?:both\s+)?$", re.I)
_CONCLUSION = re.compile(r"\b(?:so|hence|thus|therefore|then|is|are|solutions?|answers?|get|have)\W*$", re.I)
_BETWEEN = re.compile(r"\s*(?:[,;]|,?\s*(?:and|or))\s*")
_OTHER_SIDE = re.compile(r"[ \t]*=")
_AND = re.compile(r"\s*,?\s*\b(?:and|or)\b\s*")
_WORDS = re.compile(
    rf"(?<!\\)\b(?!sqrt|pi|sin|cos|tan|log|ln|and|or)[A-Za-z]{{2,}}|[{LETTERS_OF_WORDS}]{{2,}}"
)
_OPERATOR = re.compile(r"[\di)}]\s?[-+*/^]\s?[\w({]|\dπ|√|[<>≤≥]")
_POWER = re.compile(r"\^|[²³⁻]")
_MANY = (Kind.LIST, Kind.TUPLE, Kind.SET, Kind.INTERVAL, Kind.RATIO, Kind.ROOT, Kind.EXPRESSION, Kind.MIXED)
_NEAR = 150  # characters before the closing sentence in which its result may be
# `It cannot be 5`, `5 is not the answer` deny their number.
_DENIED = re.compile(
    r"(?:\b(?:cannot|can't|(?:is|are|must|should|could|would|can)(?:n't|\snot)|nicht|keine?)\b"
    r"(?:\sbe\b|\sequal(?:\sto)?\b)?"
    r"|不是|不等于|不为|ليست?(?:\s(?:الجواب|ال[إا]جابة|هو|هي))?)[\s$*:(\\]{0,6}(?=-?\d)"
    r"|\d[\s$*]{0,4}(?:is|are)(?:n't|\snot)\s(?:the|our)\s(?:\w+\s)?answer\b"
)
_CUT_WORD = re.compile(r"\A[!-~]+")
_MAX_WORDS = 6
_MAX_SENTENCE = 400


class Head(NamedTuple):
    """The answer at the head of a phrase.

    Attributes:
        text: the answer.
        is_whole: it is a formula or a value that is all of the first sentence, not words or a part of them.
        goes_on: other numbers follow its sentence.
    """

    text: str
    is_whole: bool
    goes_on: bool = False


def at_head(phrase: str) -> Head | None:
    """The formula that begins a phrase, or its first sentence if that reads as an answer.

    None if the sentence only announces, explains or doubts.
    """
    phrase = _CALCULATOR.sub("", phrase)
    while filler := _FILLER.match(phrase):
        phrase = phrase[filler.end() :]
    formulas = find_formulas(phrase[:MAX_LENGTH])
    if formulas and formulas[0].start == 0:
        first = formulas[0]
        rest = re.match(r"\s*(?:is|equals|=)\s+(?=[\d$\\-])", phrase[first.end : first.end + 20])
        if rest and not is_value(first.content):
            return at_head(phrase[first.end + rest.end() :])
        value = _joined(phrase, formulas, first=0) or value_of(first.content, stated=True)
        return Head(value, is_whole=True)
    sentence = first_sentence(phrase).removesuffix(" 选项")
    if not sentence or _NO_ANSWER.match(sentence):
        return None
    if DATE_OR_TIME.fullmatch(sentence):
        return Head(sentence, is_whole=True)
    if len(sentence) <= _MAX_SENTENCE:
        value = value_of(_APPROXIMATELY.sub(r" \\approx ", sentence), stated=True)
        # A named value keeps its name where the text is one assignment and nothing more.
        value = sentence if assignment(sentence) and value in sentence[-len(value) :] else value
        answer = parse_answer(value)
        if answer.kind not in (Kind.TEXT, Kind.WORD):
            return Head(_without_and(answer), is_whole=True)
        if not re.search(r"\d", sentence):
            short = num_words(sentence) <= _MAX_WORDS
            return Head(sentence, is_whole=False) if answer.kind is Kind.WORD or short else None
    if remark := _REMARK.fullmatch(sentence):
        return at_head(remark[1])
    found = by_place(sentence)
    goes_on = re.search(r"\d", phrase[phrase.find(sentence) + len(sentence) :]) is not None
    return Head(found[0], is_whole=False, goes_on=goes_on) if found else None


def first_sentence(phrase: str) -> str:
    """The first sentence of the first line of a phrase, without the period and the stars around it."""
    line = phrase.strip().split("\n", 1)[0]
    for end in _SENTENCE_END.finditer(line):
        near = line[max(0, end.start() - 8) : end.start()]
        is_month = near[-1:].isdecimal() and _GERMAN_MONTH.match(line, end.start())
        if not is_month and not _TIME_END.search(near) and not _GERMAN_DAY.search(near):
            return line[: end.start()].strip(" *")
    return line.strip(" *")


def by_place(text: str) -> tuple[str, str] | None:
    """The answer of a text that announces none, and the rule that found it: bold, last formula or number."""
    if _DENIED.search(text, max(0, len(text) - _MAX_SENTENCE)) and _denies_all(closing_sentence(text)):
        return None
    for rule, find in (("bold", _last_bold), ("last_formula", _last_formula), ("last_number", _last_value)):
        if found := find(text):
            return found, rule
    return None


def _denies_all(sentence: str) -> bool:
    """Whether a sentence denies the only number that it names."""
    return _DENIED.search(sentence) is not None and len(_VALUE.findall(sentence)) == 1


def _last_bold(text: str) -> str | None:
    """A bold value in the last paragraph."""
    bold = [found for found in _BOLD.findall(text.strip().rsplit("\n\n", 1)[-1]) if re.search(r"\d", found)]
    if not bold:
        return None
    found: str = bold[-1]
    return found if parse_answer(found).kind is not Kind.TEXT else _last_value(found)


def _last_formula(text: str) -> str | None:
    """The value of the last formula, if no number in prose comes after it."""
    formulas = find_formulas(text)
    if formulas and not re.search(r"\d|\\", formulas[-1].content):
        # A name, as in `$\frac{2}{7}$ is nearest to $r$`.
        while formulas and not re.search(r"\d", formulas[-1].content):
            formulas.pop()
    if not formulas or _VALUE.search(text, formulas[-1].end):
        return None
    last = formulas[-1]
    value = value_of(last.content, before=text[max(0, last.start - 200) : last.start])
    return (_joined(text, formulas) or value) if is_value(value) else None


def _joined(text: str, formulas: list[Span], first: int | None = None) -> str | None:
    """Formulas side by side (`$3$ and $-5$`, `$x = 3$ or $x = 7$`) as one answer, or None for a lone one.

    Args:
        text: where they are.
        formulas: all of them.
        first: the one to start at; without it the last ones, if they are assignments or follow `are`.
    """
    start = len(formulas) - 1 if first is None else first
    end = start
    while first is not None and end + 1 < len(formulas) and _are_joined(text, *formulas[end : end + 2]):
        end += 1
    while first is None and start > 0 and _are_joined(text, *formulas[start - 1 : start + 1]):
        start -= 1
    group = formulas[start : end + 1]
    if len(group) == 1 or re.match(r"[ \t]*\w", text[group[-1].end : group[-1].end + 20]):
        return None
    contents = [formula.content.strip(" .,") for formula in group]
    before = text[max(0, group[0].start - 20) : group[0].start]
    if first is None and not _are_answers(contents, before):
        return None
    return join(contents)


def _are_answers(parts: list[str], before: str) -> bool:
    """Whether values side by side are the answers: one name's values, or what follows `are` or `so`."""
    named = [assignment(part) for part in parts]
    if all(named):
        names = {pair[0] for pair in named if pair}
        return len(names) == 1 or (_CONCLUSION.search(before) is not None and max(map(len, names)) == 1)
    return _PLURAL.search(before) is not None and not any("=" in part for part in parts)


def _are_joined(text: str, left: Span, right: Span) -> bool:
    between = text[left.end : right.start] if right.start - left.end < 20 else ""
    tail = "," if left.content.rstrip().endswith(",") and not between.strip() else ""
    return bool(_BETWEEN.fullmatch(tail + between)) and bool(re.search(r"\d|\\", right.content))


def _last_value(text: str) -> str | None:
    """The last number, ratio, time or interval, or the list in which the closing sentence ends.

    But the last result if the closing sentence repeats it: "34 hours in 4 weeks".
    """
    text = _REPEATED_BEHIND.sub("", text)
    sentence = closing_sentence(text)
    values = list(_VALUE.finditer(sentence))
    if not values:
        earlier = [match.group() for match in _VALUE.finditer(text)]
        return earlier[-1] if earlier else None
    if several := _last_words(sentence):
        return several
    for compound in _COMPOUND.finditer(sentence):
        if compound.end() > values[-1].start():
            return compound.group()
    converted = sentence.rfind("which is ") > sentence.rfind("=")
    result = None if converted else last_result(text[-len(sentence) - _NEAR :])
    value = None if result is None else parse_answer(result).value
    if value is not None:
        # Of a chain `13/52 = 1/4` only the last side counts.
        sides = [match.group() for match in values if not _OTHER_SIDE.match(sentence, match.end())]
        if repeats := [side for side in sides if parse_answer(side).value == value]:
            return min(repeats, key=_plainness)
    return values[-1].group()


def _plainness(value: str) -> tuple[bool, int]:
    """Key that sorts equal values by how well they are said: `80%`, then `.8`, `4/5` and `12/15`."""
    is_fraction = "/" in value or "frac" in value
    return "%" not in value, len(value) if is_fraction else 0


def closing_sentence(text: str) -> str:
    """The last sentence of a text, or the end of a long one."""
    text, start = text.strip(), 0
    for end in _LAST_SENTENCE.finditer(text):
        start = end.end()
    sentence = text[start:]
    # A cut word may be a part of a number.
    return sentence if len(sentence) <= MAX_LENGTH else _CUT_WORD.sub("", sentence[-MAX_LENGTH:])


def _last_words(sentence: str) -> str | None:
    """What a sentence ends in after `is` or `=`, if that is more than one number: `2, 3 or 5`, `6 - 2i`."""
    sentence = _CALCULATOR.sub("", sentence).rstrip(" .*")
    if len(sentence) > _MAX_SENTENCE or "<<" in sentence:
        return None
    for copula in _COPULA.finditer(sentence):
        start, tail = copula.start(), sentence[copula.end() :]
        if copula.group().startswith("=") and (
            name := re.search(r"(?<![\w\\])[A-Za-z]\s*$", sentence[:start])
        ):
            parts = _AND.sub(", ", sentence[name.start() :]).split(", ")
            if (
                len(parts) > 1
                and all(map(assignment, parts))
                and _are_answers(parts, sentence[: name.start()])
            ):
                return join(parts)
        if "=" in tail:
            continue
        if _POWER.search(tail) and measure_of(tail) is not None:
            return tail
        exact = value_of(tail)
        answer = parse_answer(exact)
        calculates = answer.kind is not Kind.EXPRESSION or exact != tail or _OPERATOR.search(tail)
        if answer.kind in _MANY and calculates and re.search(r"\d", tail) and not _WORDS.search(tail):
            return _without_and(answer)
    return None


def _without_and(answer: Answer) -> str:
    """A list of bare values with commas, whatever is written between them."""
    if answer.kind is not Kind.LIST or _WORDS.search(answer.text) or "\\text" in answer.text:
        return answer.text
    parts = _AND.sub(", ", answer.text).split(", ")
    return join(parts) if all(assignment(part) for part in parts) else ", ".join(parts)
