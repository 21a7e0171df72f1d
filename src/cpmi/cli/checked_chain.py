"""One chain as it is understood, in words: for `cpmi check` and for the first lines of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpmi.types import LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpmi.api.check import CheckedChain

_CUT = 300  # characters of a text


def answer_facts(first: CheckedChain) -> list[tuple[str, str]]:
    """What a chain states, its gold, and whether they agree."""
    stated = "none found in the last step" if first.answer is None else f"{first.answer} (by {first.rule})"
    return [("stated answer", stated), *_compared_with(first)]


def _compared_with(first: CheckedChain) -> Iterator[tuple[str, str]]:
    """What there is to compare the stated answer with."""
    chain = first.chain
    if chain.options:
        shown = zip(LETTERS, chain.options, strict=False)
        yield "options", short("; ".join(f"{letter}. {text}" for letter, text in shown))
    if chain.gold is not None:
        yield "gold", f"{chain.gold}: the stated answer is {first.outcome}"
    elif chain.outcome is None:
        yield "gold", "none"
    if chain.outcome is not None:
        yield "outcome", "right" if chain.outcome else "wrong"
    for name, texts in (("other golds", chain.other_golds), ("wrong answers", chain.distractors)):
        if texts:
            yield name, short("; ".join(texts))


def printable(text: str) -> str:
    """The text with halves of surrogate pairs, which no terminal takes, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def short(text: str, most: int = _CUT) -> str:
    """The text in one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
