"""The comparison `exact`: answers as texts, and JSON texts by value.

Equal are texts that are equal after Unicode NFC, with every run of white space made one space, without space
at the ends and without a final period. Case counts: `paris` is not `Paris`, and in code it has to be so.
"""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from typing import Any

from cpmi.answers.verdicts import DIFFERENT, SAME
from cpmi.types import Verdict


def compare_texts(first: str, second: str) -> Verdict:
    """SAME or DIFFERENT, never UNDECIDED."""
    return SAME if _are_equal(first, second) else DIFFERENT


def normalized_text(text: str) -> str:
    """The text as it is compared."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return line[:-1].rstrip() if line.endswith(".") and not line.endswith("..") else line


def _are_equal(first: str, second: str) -> bool:
    if normalized_text(first) == normalized_text(second):
        return True
    try:
        return _are_equal_values(_json(first), _json(second))
    except (ValueError, RecursionError):  # one is no JSON
        return False


def _json(text: str) -> Any:
    return json.loads(
        text, parse_int=Decimal, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_object
    )


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _are_equal_values(first: Any, second: Any) -> bool:
    """Whether two JSON values are equal; true is not 1."""
    if type(first) is not type(second):
        return False
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(
            _are_equal_values(value, second[name]) for name, value in first.items()
        )
    if isinstance(first, list):
        return len(first) == len(second) and all(map(_are_equal_values, first, second))
    return bool(first == second)
