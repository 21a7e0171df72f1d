"""Blocks of a text that stay whole: code, formulas, environments, tables, quotes, lists and their lead-in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cpmi.steps.displays import displayed_formulas, environments
from cpmi.steps.fences import code_spans, fenced_blocks
from cpmi.steps.markdown import introduced_lists, quotes, tables
from cpmi.steps.spans import Span, Spans

_DISPLAYS = ("\\[", "$$", "\\begin")


class BlockKind(StrEnum):
    """What a block is."""

    CODE = "code"
    FORMULA = "formula"
    ENVIRONMENT = "environment"
    TABLE = "table"
    QUOTE = "quote"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Block:
    """Characters `begin` to `end` of a text that belong together."""

    kind: BlockKind
    begin: int
    end: int


def find_blocks(text: str) -> list[Block]:
    """The outermost blocks of `text`, disjoint and in ascending order, without lists (see `find_lists`)."""
    blocks: list[Block] = []

    def add(kind: BlockKind, spans: list[Span]) -> None:
        blocks.extend(Block(kind, begin, end) for begin, end in spans)

    code = code_spans(text)
    if code:
        add(BlockKind.CODE, fenced_blocks(text))
    if any(mark in text for mark in _DISPLAYS):
        in_code = Spans(code)
        add(BlockKind.FORMULA, displayed_formulas(text, in_code))
        add(BlockKind.ENVIRONMENT, environments(text, in_code))
    taken = Spans((block.begin, block.end) for block in blocks)
    add(BlockKind.TABLE, tables(text, taken))
    add(BlockKind.QUOTE, quotes(text, taken))
    return outermost(blocks)


def find_lists(text: str, blocks: list[Block]) -> list[Block]:
    """Lists of `text` that the rule `paragraph` keeps whole, in ascending order; `blocks` are the other
    blocks.

    Such is a list without blank lines between its items, with the line before it that ends in a colon. Under
    finer rules every item is a step.
    """
    taken = Spans((block.begin, block.end) for block in blocks)
    return [Block(BlockKind.LIST, begin, end) for begin, end in introduced_lists(text, taken)]


def outermost(blocks: list[Block]) -> list[Block]:
    """The blocks in ascending order; those that overlap are made one, of the first one's kind."""
    found: list[Block] = []
    for block in sorted(blocks, key=lambda block: (block.begin, -block.end)):
        if not found or block.begin >= found[-1].end:
            found.append(block)
        elif block.end > found[-1].end:
            found[-1] = Block(found[-1].kind, found[-1].begin, block.end)
    return found
