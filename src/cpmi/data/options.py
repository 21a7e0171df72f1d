"""Multiple choice in users' own records: the options in their usual forms, and the gold as their letter.

Options are a list of texts; ARC's `{"text": [...], "label": [...]}`; an object by letter; or a list of
objects with `text` and `label`. The gold is a label, a letter, an index from 0, or the text of an option. A
gold that could name two options is refused: no reading is a guess.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cpmi.answers.choices import letter_alone, letter_of, letters_of_text
from cpmi.answers.decimal_comma import Number
from cpmi.data.record import RawRecord, as_text, describe, is_number
from cpmi.data.stated_gold import stated_gold
from cpmi.errors import UnknownFormatError
from cpmi.golds import LETTERS

OPTIONS = ("options", "choices", "endings")
"""Names of columns of options."""

KEYS = ("answerKey", "answer_key", "answer_index", "answer_idx", "correct_option", "label")
"""Names of columns of golds that are found beside options only."""

LETTER_KEY = "correct"
"""The same where it holds a letter; elsewhere it is an outcome."""

_LONGEST_PRINTED = 10_000  # characters of options as Python prints them

_LABELS = ("label", "key")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one record: their texts in order, and the labels that the input gives them, if any."""

    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()

    @property
    def has_plain_labels(self) -> bool:
        """Whether a label in an answer can mean its own option only: A, B, C ... or 1, 2, 3 ..., or none."""
        if not self.labels or [label.upper() for label in self.labels] == list(LETTERS[: len(self.labels)]):
            return True
        counted = list(self.labels) == [str(number) for number in range(1, len(self.labels) + 1)]
        return counted and not any(re.search(r"\d", text) for text in self.texts)


def options_in(value: object) -> Options | None:
    """The options that a value holds, or None if it holds none."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):  # of a CSV
        value = _parsed(value)
    if isinstance(value, list):
        return _of_list(value)
    if not isinstance(value, Mapping):
        return None
    texts, labels = value.get("text"), value.get("label")
    if isinstance(texts, list) and isinstance(labels, list):
        found = _of_list(texts)
        fits = found is not None and len(labels) == len(texts)
        return Options(found.texts, tuple(map(str, labels))) if found and fits else None
    return _by_letter(value)


def gold_letter(record: RawRecord, name: str, value: object, options: Options, role: str = "gold") -> str:
    """The letter of the option that a gold names.

    Args:
        record: for messages.
        name: of the column of the gold.
        value: the gold: a label, a letter, an index from 0, or a text.
        options: those of the record.
        role: "gold_index" or "gold_text" where the user says which it is, else "gold".

    Raises:
        RecordError: it names none of the options, or could name two.
    """
    text = stated_gold(as_text(record, name, value))
    letters = LETTERS[: len(options.texts)]
    if text in options.labels and role == "gold":
        return letters[options.labels.index(text)]
    found: dict[str, str] = {}
    index = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None
    if index is not None and index < len(letters) and role != "gold_text":
        found[letters[index]] = "as an index from 0"
    if role != "gold_index":
        for letter in letters_of_text(text, options.texts):
            found.setdefault(letter, "by its text")
    if role == "gold":
        if (alone := letter_alone(text)) is not None and alone in letters and not is_number(value):
            found.setdefault(alone, "by its letter")
        if not found and (named := letter_of(text, options.texts)) is not None:
            found[named] = "by letter and text"
    if len(found) == 1:
        return next(iter(found))
    shown = ", ".join(f"{letter}. {option}" for letter, option in zip(letters, options.texts, strict=True))
    if found:
        raise record.error(
            f"the gold in {name!r} could be several of the options",
            got=f"{describe(value)}: {', '.join(f'{letter} {how}' for letter, how in found.items())}",
            expected="one of them",
            hint="Say which by --columns gold_index=... or gold_text=... in place of gold=...",
        )
    if index is not None and role != "gold_text":
        raise record.error(
            f"the gold in {name!r} points outside the options",
            got=f"{index} of {len(letters)} options",
            expected=f"an index from 0 to {len(letters) - 1}, or the text of an option",
        )
    raise record.error(f"the gold in {name!r} is none of the options", got=describe(value), expected=shown)


def expect_readable(name: str, value: object, where: str) -> None:
    """Refuse a column of options that holds something like options and cannot be read as such.

    Raises:
        UnknownFormatError: a gold that is an index would be taken for a number.
    """
    is_like = isinstance(value, list) or (isinstance(value, Mapping) and "text" in value)
    if not (is_like or isinstance(value, str)) or not value or options_in(value) is not None:
        return
    if isinstance(value, str) and not value.strip():
        return
    raise UnknownFormatError(
        f"the options in {name!r} cannot be read",
        where=where,
        got=describe(value),
        expected=f"2 to {len(LETTERS)} texts: a list, or an object by letter",
        hint="Write them so, or rename the column if it holds something else.",
    )


def _parsed(text: str) -> object:
    """A list or object in JSON, or as Python prints it; None if it is neither."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text) if len(text) <= _LONGEST_PRINTED else None
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _of_list(items: list[object]) -> Options | None:
    if not 2 <= len(items) <= len(LETTERS):
        return None
    if all(isinstance(item, str) or is_number(item) for item in items):
        return Options(_without_letters(tuple(map(_text, items))))
    texts, labels = [], []
    for item in items:
        if not isinstance(item, Mapping):
            return None
        label, text = next((item[name] for name in _LABELS if name in item), None), item.get("text")
        if not isinstance(text, str) or not isinstance(label, str):
            return None
        texts.append(text)
        labels.append(label)
    return Options(tuple(texts), tuple(labels))


def _without_letters(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The texts of `["A) 12", "B) 15"]` without their letters, if every one begins with its own."""
    bare = [
        re.sub(rf"^\s*(?:\({letter}\)|{letter}[).:])\s*", "", text)
        for letter, text in zip(LETTERS, texts, strict=False)
    ]
    marked = all(short.strip() and short != text for short, text in zip(bare, texts, strict=True))
    return tuple(bare) if marked else texts


def _by_letter(value: Mapping[object, object]) -> Options | None:
    """The options of {"A": ..., "B": ...}, where no letter is left out; a null is no option."""
    given = {str(name): text for name, text in value.items() if text is not None}
    names = sorted(given)
    wanted = LETTERS[: len(names)]
    if len(names) < 2 or [name.upper() for name in names] != list(wanted):
        return None
    texts = [given[name] for name in names]
    if not all(isinstance(text, str) or is_number(text) for text in texts):
        return None
    return Options(tuple(map(_text, texts)), tuple(names))


def _text(value: Any) -> str:
    """Text, or a number as it is written; 18.0 is 18."""
    return value if isinstance(value, str) else str(Number.of(value))
