"""Small LaTeX readings shared by the answer modules: balanced braces, arguments, wrappers."""

from __future__ import annotations

import re
from typing import NamedTuple

MINUS_SIGNS = "-−–"

# Each pair encloses a whole answer without changing its meaning.
_WRAPPERS = (
    ("$$", "$$"),
    ("$", "$"),
    (r"\(", r"\)"),
    (r"\[", r"\]"),
    ("**", "**"),
    ("`", "`"),
)
_COMMAND_WRAPPER = re.compile(r"\\(?:boxed|fbox|displaystyle|mathbf|boldsymbol)\s*(?=\{)")
_TEXT_WRAPPER = re.compile(r"\\(?:text|textbf|textit|textrm|textnormal|mathrm|mbox|mathit)\s*(?=\{)")


class Peeled(NamedTuple):
    """A text cut in three; `prefix + core + suffix` is the text itself."""

    prefix: str
    core: str
    suffix: str


def closing_brace(text: str, opening: int) -> int | None:
    """Index of the brace that closes the one at `opening`, or None if it stays open.

    Escaped braces do not count.
    """
    depth = 0
    index = opening
    while index < len(text):
        character = text[index]
        if character == "\\":
            index += 2
            continue
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return index
        index += 1
    return None


def read_argument(text: str, start: int) -> tuple[str, int] | None:
    r"""The LaTeX argument at `start`: `{...}`, or one character as in `\frac12`.

    Returns:
        its content and the index after it, or None if nothing fits.
    """
    while start < len(text) and text[start] == " ":
        start += 1
    if start >= len(text):
        return None
    if text[start] == "{":
        end = closing_brace(text, start)
        return None if end is None else (text[start + 1 : end], end + 1)
    if text[start].isalnum():
        return text[start], start + 1
    return None


def unwrap(text: str) -> Peeled:
    r"""Peel `$...$`, `\(...\)`, `\boxed{...}`, `**...**`, blanks and a trailing period."""
    prefix, core, suffix = "", text, ""
    while True:
        inner = _unwrap_once(core)
        if inner is None:
            return Peeled(prefix, core, suffix)
        prefix, core, suffix = prefix + inner.prefix, inner.core, inner.suffix + suffix


def _unwrap_once(text: str) -> Peeled | None:
    stripped = text.strip()
    if stripped != text:
        start = len(text) - len(text.lstrip())
        return Peeled(text[:start], stripped, text[start + len(stripped) :])
    for opening, closing in _WRAPPERS:
        width = len(opening)
        if len(text) > 2 * width and text.startswith(opening) and text.endswith(closing):
            inner = text[width : -len(closing)]
            # `$3 and $4` is two amounts, `\$5\$`... an escaped closing sign closes nothing.
            if not re.search(rf"(?<!\\){re.escape(opening)}", inner) and not inner.endswith("\\"):
                return Peeled(opening, inner, closing)
    if (match := _COMMAND_WRAPPER.match(text)) and (peeled := _braced(text, match.end())):
        return peeled
    if len(text) > 1 and text[-1] in ".;,:" and not text.endswith("\\,") and not text.endswith(".."):
        return Peeled("", text[:-1], text[-1])
    return None


def unwrap_text(text: str) -> Peeled | None:
    r"""Peel one `\text{...}` that spans the whole text; None if there is none."""
    match = _TEXT_WRAPPER.match(text)
    return _braced(text, match.end()) if match else None


def _braced(text: str, opening: int) -> Peeled | None:
    end = closing_brace(text, opening)
    if end != len(text) - 1:
        return None
    return Peeled(text[: opening + 1], text[opening + 1 : end], "}")


def plain_text(text: str) -> str:
    r"""Text without `\text{}` and its kin, LaTeX blanks and dollar signs, for words and units."""
    text = re.sub(
        r"\\(?:text|textbf|textit|textrm|textnormal|mathrm|mbox|mathit)\s*\{([^{}]*)\}", r"\1", text
    )
    text = re.sub(r"\\[,;!: ]|~|\\quad", " ", text)
    return " ".join(text.replace("$", "").split())
