"""Find the ends of sentences.

Blank lines, items of lists, headings and lines that are not wrapped end a sentence, and so do code, tables
and quotes; a displayed formula belongs to the sentence that it stands in. Else a sentence ends at `.`, `!`,
`?`, an ellipsis or what other scripts have for them, with the quotes and brackets that close behind, if white
space follows (not needed after `。` and the like), what follows does not begin in lower case, and the dot
belongs to no abbreviation, initial, number, marker of a line, formula or code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cpmi.steps.abbreviations import dot_of_abbreviation
from cpmi.steps.blocks import Block, BlockKind
from cpmi.steps.fences import code_spans
from cpmi.steps.markdown import Item, Line, lines
from cpmi.steps.spans import Span, Spans

_STRONG = "。！？｡．؟۔।॥"
# Quotes that close in German or French, and open elsewhere, close if nothing follows at once.
_CLOSE = r"""["'”’»)\]}*_」』）】〉》]|[“‘«](?=\s|\Z)"""
_END = re.compile(rf"(?P<mark>[.!?…{_STRONG}]++)(?P<close>(?:{_CLOSE})*+)(?P<space>\s*+)")
# As pandoc has it: no white space inside the dollars, no digit behind, so that "$5. Then $6" is none.
_FORMULA = re.compile(
    r"(?<![\\$])\$(?=[^\s$])(?:[^$\\\n]|\\.|\n(?!\s*\n))++(?<=\S)\$(?![\d$])"
    r"|\\\((?:[^\\\n]|\\[^()]|\n(?!\s*\n))*+\\\)"
)
_OPENING = re.compile(r"""["'“‘«„‚(\[{*_¿¡「『（【]*+""")
_NO_BEGIN = ".,;:!?)]}…，；：、。！？）؛،"
_MARKER = re.compile(
    r"^[^\S\n]*+(?:\#{1,6}[^\S\n]++)?(?:\*\*|__)?(?:[^\W\d_]{2,10}[^\S\n])?"
    r"(?:\d{1,4}|[A-Za-z]|[ivxIVX]{2,5})\.(?!\d)",
    re.MULTILINE,
)
_HEADING = re.compile(r"[^\S\n]*+#{1,6}[^\S\n]")
_SPACE = re.compile(r"\s*+")
_VARIABLE = re.compile(r"[b-z](?![\w.'’])|a(?:\s+is\b|\s*[=<>+*/^-])")
_NO_OPERAND = "=+<>^&%×÷·≤≥≈≡→⇒|/"
_FORMULA_ENDS = ("$", "$$", "\\)", "\\]")
_ALONE = frozenset({BlockKind.CODE, BlockKind.TABLE, BlockKind.QUOTE})


def sentence_breaks(text: str, blocks: Sequence[Block]) -> list[Span]:
    """What lies between the sentences of `text`: white space, or nothing after full-width marks.

    Args:
        text: without white space around it.
        blocks: of the text; what would end a sentence inside of them is given too.
    """
    found = {*_line_breaks(text, blocks), *_mark_breaks(text, blocks)}
    return sorted(span for span in found if span[1] < len(text))


def _line_breaks(text: str, blocks: Sequence[Block]) -> Iterator[Span]:
    """Line ends at which a sentence ends, whatever its last character.

    In a paragraph none of whose lines begins in lower case, the lines are not wrapped, and every line that
    begins with a capital letter begins a sentence.
    """
    alone = Spans((block.begin, block.end) for block in blocks if block.kind in _ALONE)
    formulas = Spans((block.begin, block.end) for block in blocks if block.kind not in _ALONE)
    numbers: dict[object, int] = {}
    for paragraph in _paragraphs(text):
        free = [line.begin not in alone and line.begin not in formulas for line in paragraph]
        wrapped = any(
            text[line.begin].islower()
            for line, is_free in zip(paragraph[1:], free[1:], strict=True)
            if is_free
        )
        items = [_begins_item(line.text, numbers) for line in paragraph]
        for before, line, is_item in zip(paragraph, paragraph[1:], items[1:], strict=False):
            begin, end = before.end, line.begin
            if (
                is_item
                or _HEADING.match(before.text)
                or _HEADING.match(line.text)
                or alone.at(begin - 1) != alone.at(end)
                or (
                    _begins_sentence(text, end)
                    and (not wrapped or (begin - 1 in formulas and end not in formulas))
                )
            ):
                yield begin, end
        yield paragraph[-1].end, _end_of(_SPACE, text, paragraph[-1].end)


def _paragraphs(text: str) -> Iterator[list[Line]]:
    """Lines without a blank line between them."""
    paragraph: list[Line] = []
    for line in lines(text):
        if paragraph and text.count("\n", paragraph[-1].end, line.begin) >= 2:
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _begins_item(line: str, numbers: dict[object, int]) -> bool:
    """Whether a line begins an item of a list: with a bullet, the first number or the next of its kind."""
    item = Item.of(line)
    if item is None or item.number is None:
        return item is not None
    if item.number not in (0, 1, numbers.get(item.style, 0) + 1):
        return False
    numbers[item.style] = item.number
    return True


def _mark_breaks(text: str, blocks: Sequence[Block]) -> Iterator[Span]:
    """The ends of sentences by their marks."""
    inline = [match.span() for match in _FORMULA.finditer(text)] if "$" in text or "\\(" in text else []
    inner = Spans([*code_spans(text), *inline])
    displayed = Spans((block.begin, block.end) for block in blocks)
    markers = {match.end() for match in _MARKER.finditer(text)}
    for match in _END.finditer(text):
        mark, begin, end = match["mark"], match.start(), match.start("space")
        formula = inner.at(begin) or displayed.at(begin)
        if formula and mark == "." and text[match.end("mark") : formula[1]].strip() in _FORMULA_ENDS:
            end = formula[1]  # the formula holds the full stop of the sentence that it ends
        elif begin in inner:
            continue
        following = _end_of(_SPACE, text, end)
        if following == len(text) or (mark == "." and match.end("mark") in markers):
            continue
        if _ends_sentence(text, mark, begin, following, spaced=following > end):
            yield end, following


def _ends_sentence(text: str, mark: str, begin: int, following: int, *, spaced: bool) -> bool:
    """Whether the marks at `begin` end a sentence; the text goes on at `following`, `spaced` or not."""
    if text[following] in _NO_BEGIN:
        return False
    if any(character in _STRONG for character in mark):
        return not (mark == "．" and text[begin - 1 : begin].isdecimal() and text[following].isdecimal())
    if not spaced and not _is_wide(text[following]):
        return False
    letter = _end_of(_OPENING, text, following)
    next_character = text[letter : letter + 1]
    begins = _begins_sentence(text, following)
    if next_character in _NO_OPERAND or (next_character.islower() and not _VARIABLE.match(text, letter)):
        return False
    if mark == ".":
        return not dot_of_abbreviation(text, begin, following)
    if "?" not in mark and ("…" in mark or ".." in mark):
        return begins
    if mark == "!" and _may_be_factorial(text, begin):
        return begins
    return True


def _begins_sentence(text: str, position: int) -> bool:
    """Whether a letter that is not in lower case follows, behind quotes and brackets that open."""
    letter = _end_of(_OPENING, text, position)
    character = text[letter : letter + 1]
    return character.isalpha() and not character.islower()


def _may_be_factorial(text: str, mark: int) -> bool:
    before = text[max(0, mark - 2) : mark]
    return not before[-1:].isalpha() or not before[:1].isalpha()


def _is_wide(character: str) -> bool:
    """Whether a character is of the scripts that write no spaces between sentences."""
    return (
        "\u3000" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or "\uff00" <= character <= "\uffef"
    )


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
