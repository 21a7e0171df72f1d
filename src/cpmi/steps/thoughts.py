"""Tell the thinking part of a text from its final part and its answer, by the tags around them.

- A thought opens at the beginning of the text or of a line, outside fenced code, and closes at the first
  closing tag of its pair.
- A closing tag alone closes a thought that the prompt opened: all before it is thinking, as many templates
  have it.
- A thought without an end reaches to the tags of an answer, else to the end of the text: a chain that was cut
  off, without a final part.
- What the tags of an answer hold (see `cpmi.steps.answer_tags`) is stated, and no step, if it is one line and
  there is text before it; else it is text like all other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from cpmi.steps.answer_tags import AnswerTags, answer_tags
from cpmi.steps.fences import FENCE, code_spans, fence_after
from cpmi.steps.spans import Spans

_PAIRS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<start_working_out>", "<end_working_out>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
)
_ANY_OPENING = "|".join(re.escape(opening) for opening, _ in _PAIRS)
_ANY_CLOSING = "|".join(re.escape(closing) for _, closing in _PAIRS)
_LINE = rf"[^\S\n]*+(?:(?P<tag>{_ANY_OPENING})|{FENCE})"
_LINES = re.compile(f"^{_LINE}", re.IGNORECASE | re.MULTILINE)
_FIRST_LINE = re.compile(_LINE, re.IGNORECASE)
_ANY_TAG = re.compile(f"{_ANY_OPENING}|{_ANY_CLOSING}", re.IGNORECASE)
_CLOSING = re.compile(_ANY_CLOSING, re.IGNORECASE)
_CLOSINGS = {opening: re.compile(re.escape(closing), re.IGNORECASE) for opening, closing in _PAIRS}
# Around the final part; written by models that were tuned on data with `<|begin_of_thought|>`.
_SOLUTION_BEGIN = re.compile(r"\s*+<\|begin_of_solution\|>")
_SOLUTION_END = "<|end_of_solution|>"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text that begins and ends with a visible character, and whether it is a thought."""

    text: str
    thinking: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A text cut into G parts, thinking and not.

    Attributes:
        parts: the G parts, none blank. Most texts have one (not thinking) or two (a thought, then the rest).
        separators: G + 1 pieces of white space and tags: before, between and after the parts. An answer that
            is no part is among them.
        cut_off: whether the last thought or the answer has no end.
        answer: the answer that is among the separators, stripped; None without one.
    """

    parts: tuple[Part, ...]
    separators: tuple[str, ...]
    cut_off: bool
    answer: str | None = None

    @property
    def thinking(self) -> tuple[str, ...]:
        """The thoughts, in their order."""
        return tuple(part.text for part in self.parts if part.thinking)

    @property
    def final(self) -> str | None:
        """What follows the last thought (the whole text if there is none); None if nothing does."""
        return self.parts[-1].text if self.parts and not self.parts[-1].thinking else None

    def join(self) -> str:
        """The text that was told apart."""
        pairs = zip(self.parts, self.separators[1:], strict=True)
        return self.separators[0] + "".join(part.text + separator for part, separator in pairs)


def parts(text: str) -> Parts:
    """The thinking and the final part of `text`; `parts(text).join() == text` for every text."""
    found: list[Part] = []
    separators = [""]
    position = 0

    def take(end: int, *, thinking: bool) -> None:
        piece = text[position:end]
        body = piece.strip()
        if not body:
            separators[-1] += piece
            return
        begin = len(piece) - len(piece.lstrip())
        separators[-1] += piece[:begin]
        found.append(Part(body, thinking))
        separators.append(piece[begin + len(body) :])

    thoughts, cut_off = _thoughts(text)
    for (begin, inner), (inner_end, end) in thoughts:
        take(begin, thinking=False)
        separators[-1] += text[begin:inner]
        position = inner
        take(inner_end, thinking=True)
        separators[-1] += text[inner_end:end]
        position = end
    answer = None
    if (tags := _answer(text, position)) is not None:
        take(tags.opening[0], thinking=False)
        separators[-1] += text[slice(*tags.opening)]
        position = tags.opening[1]
        inside = text[position : tags.closing[0]]
        cut_off = cut_off or not tags.is_closed
        if tags.is_closed and found and len(inside.strip().splitlines()) == 1:
            answer = inside.strip()
            separators[-1] += inside
        else:
            take(tags.closing[0], thinking=False)
        separators[-1] += text[slice(*tags.closing)]
        position = tags.closing[1]
    tail = len(text)
    if thoughts and text.rstrip().endswith(_SOLUTION_END):
        tail = len(text.rstrip()) - len(_SOLUTION_END)
    if tail >= position:
        take(tail, thinking=False)
        position = tail
    separators[-1] += text[position:]
    return Parts(parts=tuple(found), separators=tuple(separators), cut_off=cut_off, answer=answer)


def _answer(text: str, begin: int) -> AnswerTags | None:
    """The tags of the answer behind the thoughts, which end at `begin`."""
    return answer_tags(text, begin, Spans(code_spans(text))) if "<" in text else None


_Tags = tuple[tuple[int, int], tuple[int, int]]
"""Spans of the opening and of the closing tag; an absent tag is an empty span."""


def _thoughts(text: str) -> tuple[list[_Tags], bool]:
    """The tags of every thought, and whether the last one has no end."""
    if not _ANY_TAG.search(text):
        return [], False
    code = Spans(code_spans(text))
    found: list[_Tags] = []
    position = 0
    opening = _opening(text, 0)
    alone = next((match for match in _CLOSING.finditer(text) if match.start() not in code), None)
    if alone and (opening is None or alone.start() < opening.start("tag")):
        position = _with_solution(text, alone.end())
        found.append(((0, 0), (alone.start(), position)))
        opening = _opening(text, position)
    while opening is not None:
        begin = opening.start("tag")
        closing = _CLOSINGS[_opening_name(opening["tag"])].search(text, opening.end())
        if closing is None and (tags := answer_tags(text, opening.end(), code)) and tags.is_closed:
            found.append(((begin, opening.end()), (tags.opening[0], tags.opening[0])))
            return found, False
        if closing is None:
            found.append(((begin, opening.end()), (len(text), len(text))))
            return found, True
        position = _with_solution(text, closing.end())
        found.append(((begin, opening.end()), (closing.start(), position)))
        opening = _opening(text, position)
    return found, False


def _opening(text: str, position: int) -> re.Match[str] | None:
    """The first tag from `position` on that opens a thought: it begins a line, and is not in fenced code."""
    fence = ""
    first = _FIRST_LINE.match(text, position)
    following = _LINES.finditer(text, first.end() if first else position)
    for match in chain([first] if first else [], following):
        if match["fence"]:
            fence = fence_after(fence, match)
        elif not fence:
            return match
    return None


def _opening_name(tag: str) -> str:
    """The tag as `_PAIRS` writes it."""
    return tag if tag in _CLOSINGS else next(name for name in _CLOSINGS if name.lower() == tag.lower())


def _with_solution(text: str, position: int) -> int:
    """The end of a tag that opens the final part at `position`, else `position`."""
    match = _SOLUTION_BEGIN.match(text, position)
    return match.end() if match else position
