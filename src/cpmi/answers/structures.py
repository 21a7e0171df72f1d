r"""Answers made of answers: `(2,5)`, `1, -2`, `\{1,2\}`, `[0,1) \cup (2,\infty)`, `2:3`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cpmi.answers.forms import Answer, Kind

Reader = Callable[[str], Answer]

_OPENING = re.compile(r"(?:\\left|\\[bB]igg?l?)?\s*(?P<bracket>\(|\[|\\\{|\{|\\langle|\\lbrace(?![a-z]))\s*")
_CLOSING = re.compile(r"\s*(?:\\right|\\[bB]igg?r?)?\s*(?P<bracket>\)|\]|\\\}|\}|\\rangle|\\rbrace)$")
_UNION = re.compile(r"\s*(?:\\cup|∪|\bU\b)\s*")
_SET_OPERATION = re.compile(r"\s*(?:\\(?:cup|cap|setminus)(?![A-Za-z])|[∪∩∖])\s*")
_OPERATORS = {"∪": r"\cup", "∩": r"\cap", "∖": r"\setminus"}
_COMMA = re.compile(r"\s*(?:,|;)(?!\\!)(?:\\[,; ])?\s*")
_BLANK = r"(?:\\[,; ]|\\q?quad(?![A-Za-z])|~|\s)*"
_LIST_SEAM = re.compile(
    rf"{_BLANK}(?:,{_BLANK})?(?:\\text\{{\s*(?:and|or)\s*\}}|\b(?:and|or)\b){_BLANK}|\s*(?:,|;)(?!\\!){_BLANK}"
)
_COLON = r"\s*(?::|\{:\}|\\colon(?![A-Za-z]))\s*|\s+to\s+|\s*\\text\{\s*to\s*\}\s*"
_RATIO = re.compile(rf"(\d+)({_COLON})(\d+)(?:({_COLON})(\d+))?")
_INFINITE = re.compile(r"\s*[-+−]?\s*(?:\\\$\s*)?(?:\\infty(?![A-Za-z])|∞|oo|[iI]nf(?:inity)?)\s*")
_EMPTY = re.compile(r"\\(?:varnothing|emptyset)|∅|\\(?:left)?\\\{\s*\\(?:right)?\\\}|\\\{\s*\\\}|\{\s*\}")
_PARTS = (Kind.TEXT,)


def read_structure(core: str, read: Reader) -> Answer | None:
    """Read `core` as a union of intervals, a bracketed structure, a ratio or a bare list; else None."""
    return (
        _read_union(core, read)
        or _read_bracketed(core, read)
        or _read_ratio(core, read)
        or _read_list(core, read)
    )


def is_infinite(text: str) -> bool:
    """Whether a text is an infinity, of either sign."""
    return bool(_INFINITE.fullmatch(text))


def is_empty_set(text: str) -> bool:
    """Whether a text is the empty set."""
    return bool(_EMPTY.fullmatch(text.strip()))


def bracket_of(seam: str) -> str:
    """The bracket character in a seam: `(`, `[`, `{`, `)` ...; "" if there is none."""
    match = re.search(r"[()\[\]{}]|\\[lr]angle", seam)
    return match.group() if match else ""


def split_sets(text: str) -> list[str]:
    r"""The sets and the operators between them of `[0,2] \cap (1,3)`; empty where there is no operator."""
    pieces, seams = _split(text, _SET_OPERATION)
    found = [pieces[0]]
    for seam, piece in zip(seams, pieces[1:], strict=True):
        found += [_OPERATORS.get(seam.strip(), seam.strip()), piece]
    return found if seams else []


def _read_union(core: str, read: Reader) -> Answer | None:
    pieces, seams = _split(core, _UNION)
    if len(pieces) < 2:
        return None
    intervals = [_read_bracketed(piece, read) for piece in pieces]
    if any(i is None or i.kind not in (Kind.INTERVAL, Kind.TUPLE) or len(i.parts) != 2 for i in intervals):
        return None
    known = [interval for interval in intervals if interval is not None]
    flat: list[str] = [known[0].seams[0]]
    for index, interval in enumerate(known):
        flat.append(interval.seams[1])
        last = interval.seams[2]
        flat.append(last + seams[index] + known[index + 1].seams[0] if index < len(seams) else last)
    parts = tuple(part for interval in known for part in interval.parts)
    return Answer(text=core, kind=Kind.INTERVAL, core=core, parts=parts, seams=tuple(flat))


def _read_bracketed(core: str, read: Reader) -> Answer | None:
    opening, closing = _OPENING.match(core), _CLOSING.search(core)
    if opening is None or closing is None or opening.end() > closing.start():
        return None
    inside = core[opening.end() : closing.start()]
    pieces, seams = _split(inside, _COMMA)
    left, right = opening["bracket"], closing["bracket"]
    if r"\choose" in inside:
        return None
    if not all(piece.strip() for piece in pieces) or not _balanced(inside):
        return None
    kind = _bracket_kind(left, right, pieces)
    if kind is None:
        return None
    parts = tuple(read(piece) for piece in pieces)
    if any(part.kind in _PARTS for part in parts):
        return None
    return Answer(
        text=core, kind=kind, core=core, parts=parts, seams=(opening.group(), *seams, closing.group())
    )


def _bracket_kind(left: str, right: str, pieces: Sequence[str]) -> Kind | None:
    if left in (r"\{", "{", r"\lbrace"):
        return Kind.SET if right in (r"\}", "}", r"\rbrace") else None
    if len(pieces) < 2:
        return None
    if len(pieces) == 2 and right in ")]" and left in "([":
        # (2,5) is read as a point; brackets or an infinite end make an interval.
        if left == "[" or right == "]" or any(is_infinite(piece) for piece in pieces):
            return Kind.INTERVAL
        return Kind.TUPLE
    if (left, right) in (("(", ")"), ("[", "]"), (r"\langle", r"\rangle")):
        return Kind.TUPLE
    return None


def _read_ratio(core: str, read: Reader) -> Answer | None:
    match = _RATIO.fullmatch(core)
    if match is None:
        return None
    terms = [term for term in (match[1], match[3], match[5]) if term]
    seams = ("", match[2], *([match[4]] if match[4] else []), "")
    return Answer(
        text=core, kind=Kind.RATIO, core=core, parts=tuple(read(term) for term in terms), seams=seams
    )


def _read_list(core: str, read: Reader) -> Answer | None:
    pieces, seams = _split(core, _LIST_SEAM)
    if len(pieces) < 2 or not all(piece.strip() for piece in pieces):
        return None
    parts = tuple(read(piece) for piece in pieces)
    if any(part.kind in _PARTS for part in parts):
        return None
    return Answer(text=core, kind=Kind.LIST, core=core, parts=parts, seams=("", *seams, ""))


def _split(text: str, seam: re.Pattern[str]) -> tuple[list[str], list[str]]:
    """Cut `text` at `seam` outside all brackets: the pieces and the seams between them."""
    pieces: list[str] = []
    seams: list[str] = []
    depth = start = index = 0
    while index < len(text):
        match = seam.match(text, index) if depth == 0 else None
        if match and match.end() > index and not _inside_word(text, index):
            pieces.append(text[start:index])
            seams.append(match.group())
            start = index = match.end()
            continue
        # The comma of `\,` separates nothing.
        index += text[index] == "\\" and text[index + 1 : index + 2] in (",", ";")
        depth += (text[index] in "([{") - (text[index] in ")]}")
        index += 1
    pieces.append(text[start:])
    return pieces, seams


def _inside_word(text: str, index: int) -> bool:
    """Whether the letter at `index` goes on a word or a command."""
    before = text[index - 1 : index]
    return text[index].isalpha() and (before.isalpha() or before == "\\")


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character in "({[") - (character in ")}]")
        if depth < 0:
            return False
    return depth == 0
