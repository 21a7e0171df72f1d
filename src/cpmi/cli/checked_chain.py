"""One chain as it is understood, in words: for `cpmi check` and for the first lines of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpmi.api.check import CheckedChain

_CUT = 300  # characters of a text


def answer_facts(first: CheckedChain) -> list[tuple[str, str]]:
    """What a chain states, its gold, and whether they agree."""
    chain = first.chain
    stated = "none found in the last step" if first.answer is None else f"{first.answer} (by {first.rule})"
    gold = "none" if chain.gold is None else f"{chain.gold}: the stated answer is {first.outcome}"
    return [("stated answer", stated), ("gold", gold)]


def printable(text: str) -> str:
    """The text with halves of surrogate pairs, which no terminal takes, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def short(text: str, most: int = _CUT) -> str:
    """The text in one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
