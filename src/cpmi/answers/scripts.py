"""Digits and marks of other scripts in their ASCII forms, so that one set of rules reads all of them.

Full-width, Arabic-Indic and Persian digits, their separators, signs and brackets; `和`, `oder`, `و` between
values; a blank where Chinese writes none around a number. Arabic loses its vowel signs and what only sets the
direction. English text comes back as it is.
"""

from __future__ import annotations

import re

_FULL_WIDTH = {0xFF01 + index: 0x21 + index for index in range(94)}
_DIGITS = {first + digit: 0x30 + digit for first in (0x660, 0x6F0, 0xFF10) for digit in range(10)}
# Those that are followed by a blank are no part of a number.
_MARKS = {
    "、": ", ",
    "。": "。 ",
    "，": ", ",
    "：": ": ",
    "；": "; ",
    "！": "! ",
    "？": "? ",
    "￥": "¥",
    "﹣": "-",
}
_ARABIC_MARKS = {"٫": ".", "٬": ",", "،": ", ", "؛": "; ", "؟": "? ", "٪": "%"}
_TABLE: dict[int, int | str] = {
    **_FULL_WIDTH,
    **_DIGITS,
    **{ord(mark): ascii_form for mark, ascii_form in (_MARKS | _ARABIC_MARKS).items()},
}
_SINGLE = {mark: form if isinstance(form, int) else form.strip() for mark, form in _TABLE.items()}
_FOREIGN = re.compile(r"[\u060c-\u06ff\u3000-\u9fff\uff01-\uffe5]")

_INSIDE_NUMBER = re.compile(r"(?<=[0-9０-９])(?:，(?=[０-９]{3}(?![０-９]))|：(?=[0-9０-９]))")
_IGNORED = re.compile(
    r"[\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)
_LAST_STOP = re.compile(r"。\s*\Z")
_TWO_BLANKS = re.compile(r"(?<=[,;:!?。]) [ \u3000]+")
_HAN = r"\u3041-\u30ff\u3400-\u9fff"
_SEAM = re.compile(rf"(?<=[{_HAN}])(?=[-−+]?[0-9A-Za-z\\$¥€£√*])|(?<=[0-9A-Za-z$}})%*°\]²³])(?=[{_HAN}])")

LETTERS_OF_WORDS = r"\u0620-\u064a\u066e-\u06d3\u3041-\u30ff\u3400-\u9fffÄÖÜäöüß"
"""Letters that no formula has, for a character class."""
_FEW_WORDS = re.compile(
    r"[\u3400-\u9fff]{1,6}|[\u0620-\u064a]{2,}(?: [\u0620-\u064a]{2,}){0,2}"
    r"|(?=[^ ]*[ÄÖÜäöüß])[A-Za-zÄÖÜäöüß]{2,}"
)
_ARABIC_MONTHS = r"(?:يناير|فبراير|مارس|[أا]بريل|مايو|يونيو|يوليو|[أا]غسطس|سبتمبر|[أا]كتوبر|نوفمبر|ديسمبر)"
DATE_OR_TIME = re.compile(
    r"(?:\d{4} ?年 ?)?\d{1,2} ?月 ?\d{1,2} ?[日号]"
    r"|(?:[上下中]午|早上|晚上|凌晨)? ?\d{1,2} ?[点时](?: ?(?:\d{1,2} ?分|半))?"
    r"|(?:(?:der|am|dem|den)\s)?\d{1,2}\. ?[A-ZÄ][a-zäö]{2,8}(?: \d{4})?|\d{1,2}(?::\d{2})? Uhr(?: \d{1,2})?"
    rf"|(?:يوم )?\d{{1,2}} (?:من )?{_ARABIC_MONTHS}(?: \d{{4}})?"
    r"|الساعة \d{1,2}(?::\d{2})?(?: (?:صباحا|مساء|ظهرا))?"
)
"""A day of the calendar or a time of the day in Chinese, German or Arabic, as `readable` has it."""
# The letters that stand for x, y and z.
_VARIABLE = re.compile(r"(?<![\u0620-\u06d3])[سصع](?![\u0620-\u06d3])")
_LATIN = {"س": "x", "ص": "y", "ع": "z"}

_VALUE_FOLLOWS = r"(?=[-−]?(?:\d|[$\\(])|[A-Za-z]\s?=)"
_VALUE_BEFORE = r"(?<=[\d)}$\]%])"
_JOINED = tuple(
    (re.compile(_VALUE_BEFORE + words + _VALUE_FOLLOWS), joined)
    for words, joined in (
        (r"\s+und\s+", " and "),
        (r"\s+oder\s+", " or "),
        (r"\s*(?:和|与|以及|及)\s*", " and "),
        (r"\s*(?:或者|或)\s*", " or "),
        (r"\s+و\s*", " and "),
        (r"\s+أو\s+", " or "),
    )
)


def readable(text: str) -> str:
    """The text as the readers of answers expect it; a text in English is returned as it is."""
    if _FOREIGN.search(text) is not None:
        text = _INSIDE_NUMBER.sub(lambda mark: "," if mark.group() == "，" else ":", text)
        text = _IGNORED.sub("", _LAST_STOP.sub(".", text)).translate(_TABLE)
        text = _SEAM.sub(" ", _TWO_BLANKS.sub(" ", text))
        text = _VARIABLE.sub(lambda letter: _LATIN[letter.group()], text)
    elif " und " not in text and " oder " not in text:
        return text
    for pattern, joined in _JOINED:
        text = pattern.sub(joined, text)
    return text


def in_place(text: str) -> str:
    """The digits and marks of a text in ASCII, each character at its place."""
    return text if _FOREIGN.search(text) is None else text.translate(_SINGLE)


def is_foreign_word(text: str) -> bool:
    """Whether a text is a word or a name in Chinese, Arabic or with a German letter."""
    return _FEW_WORDS.fullmatch(text) is not None


def num_words(text: str) -> float:
    """How many words a text has; a Chinese one has about two characters."""
    han = len(re.findall(rf"[{_HAN}]", text))
    return len(text.split()) + han / 2


_WRITTEN = (
    (re.compile("[٠-٩]"), "٠", {".": "٫", ",": "٬"}),
    (re.compile("[۰-۹]"), "۰", {".": "٫", ",": "٬"}),
    (re.compile("[０-９]"), "０", {".": "．", ",": "，"}),
)


_OTHER_MARKS = re.compile(r"[^\x00-\x7f\d٫٬．]+")  # runs of what is neither ASCII nor in a number
_MAX_LENGTH = 2_000  # of what is read as an answer
_GERMAN_JOINS = ((" and ", " und "), (" or ", " oder "))


def in_script_of(text: str, model: str) -> str:
    """A text that `readable` has made in the writing of another: its marks, blanks, words and digits.

    So `4.5 千克` is `4.5千克` beside `3.5千克`, `8.5` is `٨٫٥` beside `٧٫٥`: no answer should be told from
    another by its look.
    """
    for joined, german in _GERMAN_JOINS:
        if german in model:
            text = text.replace(joined, german)
    if model.isascii() or len(model) > _MAX_LENGTH:
        return text
    for run in dict.fromkeys(_OTHER_MARKS.findall(model)):
        read = readable(f"1{run}1")[1:-1]
        spaced = readable(f"1 {run} 1")[1:-1].strip()
        forms = dict.fromkeys((read, read.rstrip(), read.lstrip(), read.strip(), spaced))
        form = next((form for form in forms if form and form in text), None)
        if form is None or form == run:
            continue
        bounds = r"\b" if form.isascii() and form.isalpha() else ""
        text = re.sub(bounds + re.escape(form) + bounds, run, text)  # without a backslash, as it has no ASCII
    return _in_digits_of(text, model)


def _in_digits_of(text: str, model: str) -> str:
    """A text with ASCII digits in the digits of another text, with the separators of these."""
    for digits, zero, separators in _WRITTEN:
        if digits.search(model):
            has_ascii_marks = re.search(r"\d[.,]\d", model) is not None
            for ascii_mark, mark in () if has_ascii_marks else separators.items():
                text = re.sub(rf"(?<=\d){re.escape(ascii_mark)}(?=\d)", mark, text)
            return text.translate({0x30 + digit: ord(zero) + digit for digit in range(10)})
    return text
