"""The gold answer in a text that may be a whole reference solution."""

from __future__ import annotations

from cpmi.answers import extract_answer

GOLD_MARK = "####"
BOX = "\\boxed"


def stated_gold(text: str) -> str:
    """What is behind the last `####`, else in the last box, else all of the text, stripped."""
    _, mark, behind = text.rpartition(GOLD_MARK)
    if mark and behind.strip():
        return behind.strip()
    if BOX in text and (found := extract_answer(text)) is not None:
        return found.text
    return text.strip()
