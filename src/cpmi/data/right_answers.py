"""What a user's record says of the right answer: gold, further golds, options, wrong answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cpmi.answers.choices import letter_of
from cpmi.answers.decimal_comma import Number
from cpmi.data.columns import GOLD_ROLES, Columns
from cpmi.data.field_path import ABSENT
from cpmi.data.options import Options, gold_letter, options_in
from cpmi.data.record import RawRecord, as_text
from cpmi.data.shown_options import with_options_shown
from cpmi.data.stated_gold import say_the_same, stated_gold
from cpmi.golds import LETTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class RightAnswers:
    """The facts of a problem that its answers are judged by; see `cpmi.types.Chain`.

    Attributes:
        question: with the options shown.
        asked: the question as the input has it, where that does not show the options; else "".
    """

    question: str
    gold: str | None = None
    other_golds: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    distractors: tuple[str, ...] = ()
    asked: str = ""

    @property
    def has_more(self) -> bool:
        """Whether there is more to know than a gold."""
        return bool(self.options or self.other_golds or self.distractors)

    def says_the_same(self, other: RightAnswers) -> bool:
        """Whether both name the same answers, whatever the white space of their questions."""
        return replace(self, question="", asked="") == replace(other, question="", asked="")


def right_answers(record: RawRecord, columns: Columns, question: str) -> RightAnswers:
    """What the columns of a record say of the right answer to its question.

    Raises:
        RecordError: a column holds something else, or the gold is none of the options.
    """
    options = _options(record, columns)
    role = next((role for role in GOLD_ROLES if role in columns.paths), "gold")
    name = columns.paths[role].text if role in columns.paths else role
    if role != "gold" and options is None:
        raise record.error(f"{name!r} is the {role}, and there are no options", expected="options=... too")
    stated = _listed(_value(record, columns, role))
    if options is None:
        found = [_stated(_gold_text(record, name, value)) for value in stated]
    else:
        found = [gold_letter(record, name, value, options, role) for value in stated]
    golds = _different(gold for gold in found if gold)
    texts = () if options is None else options.texts
    shown = with_options_shown(question, texts)
    return RightAnswers(
        question=shown,
        asked="" if shown == question else question,
        gold=golds[0] if golds else None,
        other_golds=tuple(golds[1:]),
        options=texts,
        distractors=_distractors(record, columns),
    )


def own_right_answers(record: RawRecord, question: str, gold: str | None) -> RightAnswers:
    """The same of a record of cpmi's own form, in which a letter is the letter of an option.

    Raises:
        RecordError: a gold is neither the letter nor the text of an option.
    """
    found = RightAnswers(
        question=question,
        gold=gold,
        options=_texts(record, "options"),
        other_golds=_texts(record, "other_golds"),
        distractors=_texts(record, "distractors"),
    )
    return found if not found.options else with_letters(record, found)


def with_letters(record: RawRecord, found: RightAnswers) -> RightAnswers:
    """The same with its options shown and its golds as letters; errors as `own_right_answers`."""

    def letter(gold: str) -> str:
        if gold in LETTERS[: len(found.options)] and len(gold) == 1:
            return gold
        if (named := letter_of(gold, found.options)) is None:
            raise record.error(
                "the gold is none of the options", got=repr(gold), expected=f"one of {found.options}"
            )
        return named

    shown = with_options_shown(found.question, found.options)
    return replace(
        found,
        question=shown,
        asked="" if shown == found.question else found.question,
        gold=None if found.gold is None else letter(found.gold),
        other_golds=tuple(map(letter, found.other_golds)),
    )


def _stated(text: str) -> str:
    return text if isinstance(text, Number) else stated_gold(text)


def _different(golds: Iterable[str]) -> list[str]:
    """The golds without those that say the same as an earlier one."""
    kept: list[str] = []
    for gold in golds:
        if not any(say_the_same(gold, one) for one in kept):
            kept.append(gold)
    return kept


def _value(record: RawRecord, columns: Columns, role: str) -> object:
    value = columns.get(role, record.fields)
    return None if value is ABSENT else value


def _options(record: RawRecord, columns: Columns) -> Options | None:
    value = _value(record, columns, "options")
    if value is None:
        return None
    name = columns.paths["options"].text
    found = options_in(value)
    if found is None:
        raise record.wrong(
            name, value, f"2 to {len(LETTERS)} options: a list of texts, or an object by letter"
        )
    if len({" ".join(text.split()) for text in found.texts}) < len(found.texts):
        what = f"two options in {name!r} are equal"
        raise record.error(what, got=str(found.texts), expected="different ones")
    if not found.has_plain_labels:
        raise record.error(
            f"the labels of the options in {name!r} may be taken for others in an answer",
            got=", ".join(f"{label}: {text}" for label, text in zip(found.labels, found.texts, strict=True)),
            expected="A, B, C ... in order, or 1, 2, 3 ... for texts that are no numbers",
            hint="Give the texts alone, and the gold as a letter or a text.",
        )
    return found


def _listed(value: object) -> list[object]:
    """The golds that a value holds; of `{"value": ..., "aliases": [...]}` all of them."""
    if isinstance(value, Mapping) and "value" in value and isinstance(value.get("aliases"), list):
        return [item for item in (value["value"], *value["aliases"]) if item is not None]
    return [item for item in (value if isinstance(value, list) else [value]) if item not in (None, "")]


def _gold_text(record: RawRecord, name: str, value: object) -> str:
    if isinstance(value, Mapping):  # an answer in JSON
        return json.dumps(value, ensure_ascii=False)
    return as_text(record, name, value)


def _distractors(record: RawRecord, columns: Columns) -> tuple[str, ...]:
    value = _value(record, columns, "distractors")
    if value is None:
        return ()
    name = columns.paths["distractors"].text
    items = value if isinstance(value, list) else [value]
    texts = (_gold_text(record, name, item) for item in items if item not in (None, ""))
    return tuple(dict.fromkeys(text for text in texts if text.strip()))


def _texts(record: RawRecord, name: str) -> tuple[str, ...]:
    return () if record.fields.get(name) is None else record.texts(name)
