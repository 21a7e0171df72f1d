r"""Text of users as people see it: what moves the cursor, turns the direction or has no width is escaped.

An escape is written as Python writes it (`\x1b`, `\u202e`). Joiners stay between letters that are not ASCII,
where scripts need them, and so do the signs of Unicode's category Cf that are drawn.
"""

from __future__ import annotations

import json
import re

CUT = 2_000
"""Characters of a text in a message at most."""

_ALWAYS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
    "\u115f\u1160\u3164\uffa0"  # fillers: letters that are blank
    "\ud800-\udfff"
)
_JOINERS = "[\u200c\u200d](?![^\x00-\x7f])|(?<![^\x00-\x7f])[\u200c\u200d]"
_IN_TEXT = re.compile(f"[{_ALWAYS}]|{_JOINERS}")
_IN_LINE = re.compile(f"[\t\n{_ALWAYS}]|{_JOINERS}")


def printable(text: str) -> str:
    """The text for a display of several lines: line feeds and tabs stay."""
    return _IN_TEXT.sub(_escape, text)


def in_line(text: str) -> str:
    """The text for a place within a line: line feeds and tabs are escaped too."""
    return _IN_LINE.sub(_escape, text)


def cut(text: str, most: int = CUT) -> str:
    """The beginning of a text that is longer than `most` characters, and its length."""
    return text if len(text) <= most else f"{text[:most]}... [{len(text):,} characters]"


def told(value: object) -> str:
    """`repr` for a message, of any value."""
    try:
        return repr(value)
    except (ValueError, RecursionError):  # whole numbers of more than 4,300 digits; what holds itself
        return f"a {type(value).__name__} that cannot be shown"


def printable_json(value: object) -> str:
    """JSON in lines, with other escapes for the same characters: it is read back as the value."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _IN_TEXT.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _escape(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode()
