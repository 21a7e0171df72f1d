"""What a problem says of its answer - options, golds, distractors - and whether these fit together."""

from __future__ import annotations

from typing import Protocol

from cpmi.errors import RecordError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Of the options of a multiple choice, in their order."""


class Answered(Protocol):
    """A problem or a chain, as `cpmi.types` describes its attributes."""

    @property
    def id(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def gold(self) -> str | None: ...
    @property
    def options(self) -> tuple[str, ...]: ...
    @property
    def other_golds(self) -> tuple[str, ...]: ...
    @property
    def distractors(self) -> tuple[str, ...]: ...


def check_golds(content: Answered) -> None:
    """Refuse blank options and golds, and a gold that is none of the options.

    Raises:
        RecordError: one of them.
    """
    options, where, id = content.options, content.where, content.id
    if options and not 2 <= len(options) <= len(LETTERS):
        raise RecordError(
            "a multiple choice has another number of options than it can have",
            where=where,
            got=str(len(options)),
            expected=f"2 to {len(LETTERS)}",
            record_id=id,
        )
    if content.other_golds and content.gold is None:
        raise RecordError("there are further golds, and no first one", where=where, record_id=id)
    lists = {"option": options, "gold": content.other_golds, "distractor": content.distractors}
    for name, texts in lists.items():
        if not all(text.strip() for text in texts):
            raise RecordError(f"an empty {name} is among several", where=where, got=str(texts), record_id=id)
    letters = LETTERS[: len(options)]
    for gold in (content.gold, *content.other_golds) if options else ():
        if gold is not None and (len(gold) != 1 or gold not in letters):
            raise RecordError(
                "the gold answer is not the letter of an option",
                where=where,
                got=repr(gold),
                expected=f"one of {', '.join(letters)}",
                record_id=id,
            )
