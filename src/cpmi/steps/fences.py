"""Find code in a text: fenced blocks and what backticks enclose in a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

FENCE = r"(?P<marker>(?:[-*+•]|\d{1,3}[.)])[^\S\n]++)?(?P<fence>`{3,}+|~{3,}+)(?P<info>[^\n]*+)"
_FENCE = re.compile(rf"^[^\S\n]*+{FENCE}", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)(`++)[^`\n]++\1(?!`)")


def fenced_blocks(text: str) -> list[tuple[int, int]]:
    """Spans of the fenced code blocks of `text`, as Markdown has them.

    A block opens at a line of at least three backticks or tildes, also in an item of a list, and ends at a
    line of at least as many of the same. One without an end reaches to the end of the text.
    """
    blocks: list[tuple[int, int]] = []
    begin, fence = 0, ""
    for match in _FENCE.finditer(text):
        now = fence_after(fence, match)
        if now and not fence:
            begin = match.start("fence")
        elif fence and not now:
            blocks.append((begin, match.end("fence")))
        fence = now
    if fence:
        blocks.append((begin, len(text.rstrip())))
    return blocks


def fence_after(fence: str, match: re.Match[str]) -> str:
    """The fence that is open after a line that matches FENCE, "" if none is; `fence` was open before."""
    found, info = match["fence"], match["info"]
    if not fence:
        return found if found[0] == "~" or "`" not in info else ""
    closes = found.startswith(fence) and not info.strip() and match["marker"] is None
    return "" if closes else fence


def code_spans(text: str) -> list[tuple[int, int]]:
    """Spans of fenced blocks and of code in a line, ascending and disjoint."""
    if "`" not in text and "~~~" not in text:
        return []
    blocks = fenced_blocks(text)
    return sorted([*blocks, *_inline_outside(text, blocks)])


def _inline_outside(text: str, blocks: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    position = 0
    for begin, end in [*blocks, (len(text), len(text))]:
        yield from (match.span() for match in _INLINE.finditer(text, position, begin))
        position = end
