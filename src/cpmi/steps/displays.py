r"""Find displayed formulas and LaTeX environments: `\[ … \]`, `$$ … $$`, `\begin{align*} … \end{align*}`.

An opener without its end is no formula, so that it cannot swallow the rest of a text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from cpmi.steps.spans import Span, Spans

_TOKEN = re.compile(
    r"\\\\|\\\$|(?P<open>\\\[)|(?P<close>\\\])|(?P<dollars>\$\$)"
    r"|\\(?P<edge>begin|end)[ \t]*+\{(?P<name>[^{}\n]{1,40})\}"
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n")
_SPACE = re.compile(r"\s*+")
_PUNCTUATION = ".,;:!?。，；：！？ \t\r"

# Their content is prose with steps of its own, often the whole solution, or a list of such.
_PROSE = frozenset(
    "abstract answer case claim conclusion corollary definition description document enumerate example "
    "exercise fact hint itemize lemma note problem proof proposition question remark solution step steps "
    "theorem".split()
)


def displayed_formulas(text: str, code: Spans) -> list[Span]:
    r"""Spans of `\[ … \]` and `$$ … $$` outside of `code`, in no order.

    `\[` and `\]` belong together if neither stands between them; across a blank line, the first must begin or
    end its line. `$$` belongs to the next `$$` of its paragraph; the odd one of a paragraph belongs to that
    of the next paragraph with any, if the first begins its line and the second ends its own.
    """
    found: list[Span] = []
    begin = -1
    dollars: list[int] = []
    for match in _tokens(text, code):
        if match.lastgroup == "open":
            begin = match.start()
        elif match.lastgroup == "close":
            if begin >= 0 and _belong_together(text, begin, match.start()):
                found.append((begin, match.end()))
            begin = -1
        elif match.lastgroup == "dollars":
            dollars.append(match.start())
    return found + _dollar_pairs(text, dollars)


def environments(text: str, code: Spans) -> list[Span]:
    r"""Spans of `\begin{name} … \end{name}` outside of `code` but for prose and lists, in no order."""
    found: list[Span] = []
    opened: list[tuple[str, int]] = []
    names: Counter[str] = Counter()
    for match in _tokens(text, code):
        name = match["name"]
        if match["edge"] == "begin":
            opened.append((name, match.start()))
            names[name] += 1
        elif match["edge"] == "end" and names[name]:
            while True:  # an inner environment without an end is none
                opened_name, begin = opened.pop()
                names[opened_name] -= 1
                if opened_name == name:
                    break
            if name.lower() not in _PROSE:
                found.append((begin, match.end()))
    return found


def _tokens(text: str, code: Spans) -> Iterator[re.Match[str]]:
    return (match for match in _TOKEN.finditer(text) if match.lastgroup and match.start() not in code)


def _dollar_pairs(text: str, places: Sequence[int]) -> list[Span]:
    paragraphs: list[list[int]] = []
    last = 0
    for place in places:
        if paragraphs and not _BLANK_LINE.search(text, last, place):
            paragraphs[-1].append(place)
        else:
            paragraphs.append([place])
        last = place
    order: list[int] = []
    carried = -1  # the odd `$$` of the paragraph before
    for paragraph in paragraphs:
        if len(paragraph) % 2 == 0:
            order += paragraph
            carried = -1
        elif carried >= 0 and _closes(text, carried, paragraph[0]):
            order += [carried, *paragraph]
            carried = -1
        else:
            order += paragraph[:-1]
            carried = paragraph[-1] if _begins_line(text, paragraph[-1]) else -1
    return [(begin, end + 2) for begin, end in zip(order[::2], order[1::2], strict=True)]


def _closes(text: str, begin: int, end: int) -> bool:
    """Whether the `$$` at `end` may close that at `begin` across blank lines.

    It ends its line; and if it stands at the beginning of its paragraph, that at `begin` stands at the end of
    its own, for else it opens a formula itself.
    """
    before = len(text[begin:end].rstrip()) + begin
    after = _SPACE.match(text, begin + 2)
    paired = text.count("\n", before, end) < 2 or (after is not None and after.group().count("\n") >= 2)
    return paired and _ends_line(text, end + 2)


def _belong_together(text: str, begin: int, end: int) -> bool:
    """Whether no blank line lies between two brackets, or the first one begins or ends its line."""
    if not _BLANK_LINE.search(text, begin, end):
        return True
    return _begins_line(text, begin) or _ends_line(text, begin + 2)


def _begins_line(text: str, position: int) -> bool:
    return not text[text.rfind("\n", 0, position) + 1 : position].strip()


def _ends_line(text: str, position: int) -> bool:
    end = text.find("\n", position)
    return not text[position : len(text) if end < 0 else end].strip(_PUNCTUATION)
