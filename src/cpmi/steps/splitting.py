"""Cut a text into steps by a rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from cpmi.arguments import checked
from cpmi.steps.blocks import Block, BlockKind, find_blocks, find_lists, outermost
from cpmi.steps.cutting import SplitText, Unsplit, cut
from cpmi.steps.numbered import numbered_lines
from cpmi.steps.pattern import matches
from cpmi.steps.rule import StepRule
from cpmi.steps.sentences import sentence_breaks
from cpmi.steps.spans import Span, Spans
from cpmi.steps.thoughts import parts

Splitter = Callable[[str], SplitText]
"""Cuts a text into steps."""

_WHITE_SPACE = re.compile(r"\s+")
_WHY = {
    "paragraph": Unsplit.NO_BLANK_LINE,
    "line": Unsplit.ONE_LINE,
    "auto": Unsplit.ONE_LINE,
    "numbered": Unsplit.NO_NUMBERS,
    "sentence": Unsplit.ONE_SENTENCE,
    "regex": Unsplit.NO_MATCH,
}


@checked
def split_steps(text: str, rule: StepRule | str = "auto") -> tuple[str, ...]:
    """The steps of `text`, none blank; `cpmi.steps.split_text` also gives what lies between them.

    Args:
        text: a solution. Code, displayed formulas, LaTeX environments, tables and block quotes stay whole.
        rule: paragraph, line, numbered, sentence, auto or regex:PATTERN (see `cpmi.steps.StepRule`).

    Raises:
        ConfigError: there is no such rule, or the expression is not one or takes too long.
    """
    return split_text(text, rule).steps


def splitter(rule: StepRule | str) -> Splitter:
    """What `--split-steps RULE` asks for: a function that cuts texts by `rule`, which is read once, here.

    Raises:
        ConfigError: there is no such rule, or the expression is not one.
    """
    return partial(split_text, rule=StepRule.parse(rule))


def split_text(text: str, rule: StepRule | str = StepRule.AUTO) -> SplitText:
    """Cut `text` into steps by `rule`; `split_text(text, rule).join() == text` for every text.

    Thinking parts (see `cpmi.steps.parts`) and the rest are cut each for itself. All rules but `regex` keep
    blocks whole (see `cpmi.steps.find_blocks`).

    Raises:
        ConfigError: there is no such rule, or the expression is not one or takes too long.
    """
    rule = StepRule.parse(rule)
    told = parts(text)
    if rule.name != "auto":
        pieces = [_cut(part.text, rule) for part in told.parts]
    else:
        pieces = [_cut(part.text, StepRule.PARAGRAPH) for part in told.parts]
        if all(len(piece.steps) < 2 for piece in pieces):
            pieces = [_cut(part.text, StepRule.LINE) for part in told.parts]
    steps: list[str] = []
    thinking: list[bool] = []
    separators = [told.separators[0]]
    for part, piece, after in zip(told.parts, pieces, told.separators[1:], strict=True):
        steps += piece.steps
        thinking += [part.thinking] * len(piece.steps)
        separators[-1] += piece.separators[0]
        separators += piece.separators[1:]
        separators[-1] += after
    kept = tuple(kind for piece in pieces for kind in piece.kept)
    return SplitText(
        steps=tuple(steps),
        separators=tuple(separators),
        thinking=tuple(thinking) if any(thinking) else (),
        cut_off=told.cut_off,
        answer=told.answer,
        kept=kept,
        unsplit=_why(text, rule, len(steps), kept),
    )


def _why(text: str, rule: StepRule, num_steps: int, kept: tuple[BlockKind, ...]) -> Unsplit | None:
    if num_steps > 1:
        return None
    if num_steps == 0:
        return Unsplit.ONLY_SEPARATORS if text.strip() else Unsplit.BLANK
    return Unsplit.IN_BLOCK if kept else _WHY[rule.name]


@dataclass(frozen=True, slots=True)
class _Piece:
    """The cut text of one part, and the kinds of the blocks in which the rule would have cut."""

    steps: list[str]
    separators: list[str]
    kept: list[BlockKind]


def _cut(text: str, rule: StepRule) -> _Piece:
    """Cut a text without white space around it by any rule but `auto`."""
    if rule.pattern is not None:
        return _Piece(*cut(text, matches(rule.pattern, text)), [])
    blocks = find_blocks(text)
    if rule.name == "paragraph":
        blocks = outermost([*blocks, *find_lists(text, blocks)])
    breaks, kept = _outside(_breaks(text, rule, blocks), blocks)
    return _Piece(*cut(text, breaks), kept)


def _breaks(text: str, rule: StepRule, blocks: list[Block]) -> Iterable[Span]:
    if rule.name == "numbered":
        taken = Spans((block.begin, block.end) for block in blocks)
        return [(_back(text, begin), begin) for begin in numbered_lines(text, taken)]
    if rule.name == "sentence":
        return sentence_breaks(text, blocks)
    return line_breaks(text, 2 if rule.name == "paragraph" else 1)


def line_breaks(text: str, num_newlines: int) -> list[Span]:
    """White space that holds at least `num_newlines` newlines (two: a blank line)."""
    return [run.span() for run in _WHITE_SPACE.finditer(text) if run.group().count("\n") >= num_newlines]


def _back(text: str, begin: int) -> int:
    """Where the white space before `begin` begins."""
    while begin > 0 and text[begin - 1].isspace():
        begin -= 1
    return begin


def _outside(breaks: Iterable[Span], blocks: list[Block]) -> tuple[list[Span], list[BlockKind]]:
    """The breaks that lie in no block, and the kinds of the blocks that have one inside.

    Args:
        breaks: ascending.
        blocks: ascending; a list may hold others.
    """
    outside: list[Span] = []
    kept: list[Block] = []
    following = iter(blocks)
    block = next(following, None)
    for begin, end in breaks:
        while block is not None and block.end <= begin:
            block = next(following, None)
        if block is None or begin <= block.begin:
            outside.append((begin, end))
        elif not kept or kept[-1] is not block:
            kept.append(block)
    return outside, [block.kind for block in kept]
