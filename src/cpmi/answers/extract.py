r"""The final answer that a text states, and by which rule it was found.

A text is read for candidates: boxes, the mark `#### 18`, a heading `# Answer`, a line `Answer: 18`, "the
answer is". The strongest wins, among equals the last. Only a text without any is read by place: a bold value,
the last formula, the last number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

from cpmi.answers.announcements import CHECK, FINAL, announcements
from cpmi.answers.decimal_comma import Decimal, like, plain
from cpmi.answers.formulas import find_boxes, join
from cpmi.answers.latex import unwrap
from cpmi.answers.prose import at_head, by_place
from cpmi.answers.reading import MAX_LENGTH
from cpmi.answers.scripts import in_place, readable
from cpmi.arguments import checked

_GAP = r"[ \t]{0,9}"
_ANNOUNCEMENT = re.compile(
    rf"(?P<hash>^[ \t>*]*####(?!\#){_GAP}:?|\s####(?=\s?:?\s?[$\d-]))"
    rf"|(?P<answer_heading>^[ \t]*\#{{1,6}}{_GAP}(?:final\s)?answer{_GAP}:?{_GAP}$)"
    rf"|(?P<answer_line>^[ \t>*\#-]*(?:the\s)?(?:final\s|correct\s)?answer{_GAP}\*{{0,2}}{_GAP}:)"
    rf"|(?P<last_line>^(?-i:A){_GAP}:)"
    # `2 points/answer = 48` and `each answer is worth 2` count answers.
    r"|(?P<the_answer_is>(?:\bfinal\s)?\b(?<!/)(?<!/\s)(?<!per\s)(?<!each\s)(?<!every\s)(?:answer(?:s(?=\sare|:))?|correct\s(?:option|choice))\b(?:\sto\s[^.\n]{1,60}?)?"
    rf"(?:{_GAP}\*{{0,2}}{_GAP}[=:]|\*{{0,2}}\s(?:is|are|would\sbe|must\sbe)\b{_GAP}:?))"
    rf"|(?P<is_the_answer>\sis\s(?:the|our)\s(?:final\s|correct\s)?answer(?=[.!\n]|{_GAP}\Z))",
    re.M | re.I,
)
# What each announcement contains, found fast; at the line of the first the slow search begins.
_CUE = re.compile(rf"[Aa](?i:nswer)|[Cc](?i:orrect)|####|A{_GAP}:")
_BEFORE_CUE = len(" is the correct ")
_BETWEEN_BOXES = re.compile(r"(?:[,;]|,?\s*(?:and|or))\s*(?:\\?[A-Za-z]\w?\s*=)?")
_MARKUP = re.compile(r"\\(?:text|mbox|textrm)\b|\\q?quad|\\[()\[\],;! ]|[{}$~*]")
# The most frequent answer, which needs none of the slower readers.
_NUMBER_ALONE = re.compile(r"(-?\d+(?:\.\d+)?)\.?\s*")
# `We may check our answer: 17 * 44 = 748` announces none.
_CHECK = re.compile(r"\b(?:check|verify|confirm|test)(?:ing)?(?:\s+\w+)?\s*$", re.I)
_CLAUSE = re.compile(r"[.!?,;]\s|\b(?:that|so|hence|thus|therefore)\b", re.I)
_RULES = {"last_line": "answer_line", "is_the_answer": "the_answer_is", "last_result": "the_answer_is"}
_CUT_WORD = re.compile(r"[!-~]+\Z")
_ONLY_LAST = ("last_line", "last_result")
_MAX_TRIED = 20

BY_PLACE = ("bold", "last_formula", "last_number")
"""Rules that read a text without any announcement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """A final answer found in a text.

    Attributes:
        text: the answer, without the words around it and without a final period; signs, percent and
            money signs and units are kept. Several values are one list: `3, -7`.
        rule: which rule found it: "boxed", "hash", "answer_heading", "answer_line", "the_answer_is",
            "bold", "last_formula" or "last_number".
        at_end: the text ends with it: where a text was cut off, it may be half of the answer.
    """

    text: str
    rule: str
    at_end: bool


class _Strength(IntEnum):
    HINTED = 0  # "the answer is" with words, or with a value among words
    STATED = 1


class _Candidate(NamedTuple):
    strength: _Strength
    place: int
    text: str
    rule: str


@checked
def extract_answer(text: str, decimal: Decimal = "point") -> Extraction | None:
    """The final answer stated in `text`, or None if it states nothing that looks like one.

    Args:
        text: in English, Chinese, German or Arabic.
        decimal: what its numbers are written with; a comma stays one in the answer.
    """
    found = _extract(readable(plain(text, decimal)))
    return found and replace(found, text=like(found.text, "", "comma")) if decimal == "comma" else found


def announced(text: str) -> str | None:
    """What is written behind the last announcement of a text, to its end; None where nothing is announced."""
    same_places = in_place(text)
    for match in reversed(_announcements(same_places, 0)[-_MAX_TRIED:]):
        is_inside = match.lastgroup == "is_the_answer" or _only_checks(same_places, match.start())
        if not is_inside and (behind := text[match.end() :].lstrip("*:： \t\n").rstrip()):
            return behind
    return None


def _extract(text: str) -> Extraction | None:
    boxed = list(_boxed(text))
    # A box outdoes what is announced before it.
    candidates = [*boxed, *_announced(text, boxed[0].place if boxed else 0)]
    if candidates:
        best = max(candidates)
        return _extraction(text, best.text, best.rule)
    found = by_place(text)
    cleaned = _clean(found[0]) if found else ""
    return _extraction(text, cleaned, found[1]) if found and cleaned else None


def _extraction(text: str, answer: str, rule: str) -> Extraction:
    # Of a list `3, -7` the text ends with the last entry.
    at_end = text.rstrip().endswith((answer, re.split(r"\W+", answer)[-1] or answer))
    return Extraction(text=answer, rule=rule, at_end=at_end)


def _boxed(text: str) -> Iterator[_Candidate]:
    """The last box, with those that are joined to it by `and`, `or` or a comma."""
    boxes = find_boxes(text)
    while boxes:
        group = [boxes.pop()]
        while boxes and _are_joined(text[boxes[-1].end : group[-1].start]):
            group.append(boxes.pop())
        contents = [_clean(box.content) for box in reversed(group)]
        if answer := join(contents) if len(contents) > 1 else contents[0]:
            yield _Candidate(_Strength.STATED, group[0].start, answer, "boxed")
            return


def _are_joined(between: str) -> bool:
    return len(between) < 60 and _BETWEEN_BOXES.fullmatch(_MARKUP.sub(" ", between).strip()) is not None


def _announced(text: str, start: int) -> Iterator[_Candidate]:
    """The answers at the last announcements from `start` on; elsewhere than at its end, `A: 18` is none."""
    found = _announcements(text, start)[-_MAX_TRIED:]
    for index, match in enumerate(found, start=1):
        end = found[index].start() if index < len(found) else len(text)
        phrase = text[match.end() : min(end, match.end() + MAX_LENGTH)].lstrip("*: \t\n")
        if end > match.end() + MAX_LENGTH:
            phrase = _CUT_WORD.sub("", phrase)
        is_last = end == len(text) and "\n" not in phrase.rstrip()
        rule = match.lastgroup or ""
        if _only_checks(text, match.start()) or (rule in _ONLY_LAST and not is_last):
            continue
        if rule == "is_the_answer":
            clause = _CLAUSE.split(text[max(0, match.start() - 200) : match.start()])[-1]
            value = by_place(clause)
            read = (value[0], _Strength.HINTED) if value else None
        elif number := _NUMBER_ALONE.fullmatch(phrase):
            yield _Candidate(_Strength.STATED, match.start(), number[1], _RULES.get(rule, rule))
            continue
        else:
            is_final = FINAL.search(match.group()) is not None
            read = _read(phrase, _RULES.get(rule, rule), is_last=is_last, is_final=is_final)
            if rule == "last_result" and read is not None and not re.search(r"\d", read[0]):
                continue  # `die Lösung ist richtig`
        if read is not None and (answer := _clean(read[0])):
            yield _Candidate(read[1], match.start(), answer, _RULES.get(rule, rule))


def _only_checks(text: str, at: int) -> bool:
    before = max(0, at - 30), at
    return (_CHECK.search(text, *before) or CHECK.search(text, *before)) is not None


def _announcements(text: str, start: int) -> list[re.Match[str]]:
    """The announcements from `start` on, in order, in all languages."""
    others = announcements(text, start)
    cue = _CUE.search(text, start)
    if cue is None:
        return sorted(others, key=lambda match: match.start())
    line_start = text.rfind("\n", 0, cue.start()) + 1
    begin = min(line_start, max(0, cue.start() - _BEFORE_CUE))
    found = list(_ANNOUNCEMENT.finditer(text, begin))
    return sorted([*found, *others], key=lambda match: match.start()) if others else found


def _read(phrase: str, rule: str, *, is_last: bool, is_final: bool) -> tuple[str, _Strength] | None:
    """The answer that an announcement is followed by, and how surely it is one."""
    head = at_head(phrase)
    if head is None:
        return None
    heads = rule == "hash" and not is_last  # `#### Step 2`
    reasons = rule == "answer_line" and head.goes_on  # `Answer: Ann has 3 and 4. Then 3 + 4 = 7.`
    if not head.is_whole and (heads or reasons):
        return None
    has_value = head.is_whole or re.search(r"\d", head.text) is not None
    stated = head.is_whole or rule != "the_answer_is" or (is_final and has_value)
    return head.text, _Strength.STATED if stated else _Strength.HINTED


def _clean(found: str) -> str:
    text = found.strip()
    while True:
        # The wrappers go, `\boxed{}` too; what is no wrapper (signs, units) is in the core.
        shorter = unwrap(text).core.strip().strip("*").strip()
        if shorter == text:
            break
        text = shorter
    if re.search(r"\d\s?[ap]\.m$", text, re.I):
        return text + "."
    if not re.search(r"[^\W_]", text):
        return ""
    # `2600$` is money with its sign behind.
    return text[:-1] if re.fullmatch(r"[^$]*\d\s?\$", text) else text
