"""Find the part of a text that tags mark as its answer: `<answer>7</answer>`.

- The last pair counts, whether text follows it or not.
- An opening tag begins a line, or follows a thought; or its pair ends the text.
- One that is not closed is no answer: the text was cut off inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cpmi.steps.spans import Span, Spans

_NAMES = ("answer", "final_answer", "solution")
_OPENING = re.compile(rf"<(?P<name>{'|'.join(_NAMES)})>", re.IGNORECASE)
_CLOSINGS = {name: re.compile(f"</{name}>", re.IGNORECASE) for name in _NAMES}


@dataclass(frozen=True, slots=True)
class AnswerTags:
    """Spans of the two tags around an answer; an absent closing tag is an empty span at the text's end."""

    opening: Span
    closing: Span

    @property
    def is_closed(self) -> bool:
        return self.closing[0] < self.closing[1]


def answer_tags(text: str, begin: int, code: Spans) -> AnswerTags | None:
    """The tags of the last answer from `begin` on, None if there are none.

    Args:
        text: all of it.
        begin: where its last thought ends, if it has one.
        code: fenced code, in which tags are text.
    """
    found: AnswerTags | None = None
    unclosed: Span | None = None
    open_ended: set[str] = set()  # names without a further closing tag
    position, end = begin, len(text.rstrip())
    while (opening := _OPENING.search(text, position)) is not None:
        position, name = opening.end(), opening["name"].lower()
        if opening.start() in code:
            continue
        begins_line = _begins_line(text, begin, opening.start())
        closing = None if name in open_ended else _CLOSINGS[name].search(text, position)
        if closing is None:
            open_ended.add(name)
            unclosed = unclosed or (opening.span() if begins_line else None)
        elif begins_line or closing.end() == end:
            found = AnswerTags(opening.span(), closing.span())
            position = closing.end()
    if found is None and unclosed is not None:
        return AnswerTags(unclosed, (len(text), len(text)))
    return found


def _begins_line(text: str, begin: int, place: int) -> bool:
    """Whether nothing but spaces is between `place` and the beginning of its line or of the final part."""
    while place > begin and text[place - 1].isspace():
        if text[place - 1] == "\n":
            return True
        place -= 1
    return place == begin
