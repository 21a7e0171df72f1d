"""Find tables, block quotes and tight lists of Markdown by their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cpmi.steps.spans import Span, Spans

_LINE = re.compile(r"[^\n]++")
_ITEM = re.compile(
    r"(?P<indent>[^\S\n]*+)(?:(?P<bullet>[-*+•●◦▪])[^\S\n]"
    r"|(?P<open>[(（]?)(?P<number>\d{1,3}|[A-Za-z])(?:(?P<close>[.)])(?:[^\S\n]|$)|(?P<wide>[、．）])))"
)
_COLONS = (":", "：", "﹕")
_EMPHASIS = "*_ \t\r"
_QUOTE = re.compile(r"[^\S\n]*+>")
_DELIMITER_CHARACTERS = frozenset("|:- \t\r")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its text and where it lies, without the white space around it."""

    text: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """The marker of an item of a list.

    Attributes:
        style: what the markers of one list have in common: indentation and kind.
        number: of a numbered or lettered item, "a" is 1; None of a bulleted one.
    """

    style: tuple[object, ...]
    number: int | None

    @classmethod
    def of(cls, line: str) -> Item | None:
        """The marker at the beginning of `line`, None if there is none."""
        match = _ITEM.match(line)
        if match is None:
            return None
        indent = len(match["indent"].expandtabs(4))
        if match["bullet"]:
            return cls((indent, match["bullet"]), None)
        label = match["number"]
        style = (indent, match["open"], match["close"] or match["wide"], label.isdecimal(), label.isupper())
        return cls(style, int(label) if label.isdecimal() else ord(label.lower()) - ord("a") + 1)


def lines(text: str, begin: int = 0) -> Iterator[Line]:
    """The lines of `text` that are not blank."""
    for match in _LINE.finditer(text, begin):
        line = match.group()
        body = line.strip()
        if body:
            start = match.start() + len(line) - len(line.lstrip())
            yield Line(line, start, start + len(body))


def tables(text: str, taken: Spans) -> list[Span]:
    """Spans of tables: a line with a bar, a line of dashes and bars, all lines with a bar that follow."""
    if "|" not in text or "-" not in text:
        return []
    found: list[Span] = []
    begin = end = -1  # of the table that is open
    before: Line | None = None
    for line in lines(text):
        has_bar = "|" in line.text and line.begin not in taken
        follows = before is not None and text.count("\n", before.end, line.begin) == 1
        if begin >= 0 and has_bar and follows:
            end = line.end
        else:
            if begin >= 0:
                found.append((begin, end))
            begin = -1
            if has_bar and follows and before is not None and "|" in before.text and _is_delimiter(line.text):
                begin, end = before.begin, line.end
        before = line if has_bar else None
    return [*found, (begin, end)] if begin >= 0 else found


def _is_delimiter(line: str) -> bool:
    return "-" in line and _DELIMITER_CHARACTERS.issuperset(line)


def quotes(text: str, taken: Spans) -> list[Span]:
    """Spans of block quotes: lines in a row that begin with `>`."""
    if ">" not in text:
        return []
    found: list[Span] = []
    for line in lines(text):
        if not _QUOTE.match(line.text) or line.begin in taken:
            continue
        if found and text.count("\n", found[-1][1], line.begin) == 1:
            found[-1] = (found[-1][0], line.end)
        else:
            found.append((line.begin, line.end))
    return found


def introduced_lists(text: str, taken: Spans) -> list[Span]:
    """Spans of tight lists, each with the line before it that ends in a colon, across a blank line.

    A list is a paragraph of at least two items. A neighbor paragraph that is an item of the same kind makes
    it a loose list, whose items are paragraphs of their own.
    """
    if not any(colon in text for colon in _COLONS):
        return []
    paragraphs = list(_paragraphs(text, taken))
    items = [
        Item.of(paragraph[0].text) if paragraph[0].begin not in taken else None for paragraph in paragraphs
    ]
    found: list[Span] = []
    for index in range(1, len(paragraphs)):
        item, paragraph, lead_in = items[index], paragraphs[index], paragraphs[index - 1][-1]
        if item is None or not lead_in.text.strip().strip(_EMPHASIS).endswith(_COLONS):
            continue
        neighbors = [items[index - 1], items[index + 1] if index + 1 < len(items) else None]
        loose = any(other is not None and other.style == item.style for other in neighbors)
        if not loose and _num_items(paragraph, item, taken) >= 2:
            found.append((lead_in.begin, paragraph[-1].end))
    return found


def _paragraphs(text: str, taken: Spans) -> Iterator[Sequence[Line]]:
    """Lines in a row; a blank line in a block that is taken does not part them."""
    paragraph: list[Line] = []
    for line in lines(text):
        if paragraph:
            end = paragraph[-1].end
            if text.count("\n", end, line.begin) >= 2 and end not in taken:
                yield paragraph
                paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _num_items(paragraph: Sequence[Line], first: Item, taken: Spans) -> int:
    found = (Item.of(line.text) for line in paragraph if line.begin not in taken)
    return sum(item is not None and item.style == first.style for item in found)
