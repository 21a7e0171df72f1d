"""Lists of objects that hold completions, as servers and engines for inference return them.

`outputs: [{"text": ...}]`, `completions: [{"content": ...}]`, `choices: [{"message": {"content": ...}}]`.
"""

from __future__ import annotations

from collections.abc import Mapping

from cpmi.data.field_path import FieldPath
from cpmi.data.messages import is_messages

CHOICES = "choices"
"""The options of a question, but where its objects are those of an API of completions."""

_TEXTS = ("text", "content", "generated_text", "completion", "response", "output")
_MARKS = ("index", "finish_reason", "logprobs", "stop_reason")
_REASONS = ("finish_reason", "finishReason", "stop_reason", "stopReason")
_LISTS = (*_REASONS, "finish_reasons")
_ALL_REASONS = frozenset(_LISTS)
_BY_LENGTH = frozenset({"length", "max_tokens", "max_length", "max_output_tokens", "model_length"})


def path_of_completions(name: str, value: object) -> str | None:
    """The path to the completions in the field `name`, if it is a list of objects that each hold one.

    None if it is something else, or holds two texts that could be the completion.
    """
    if not isinstance(value, list) or not value or is_messages(value):
        return None
    if not all(isinstance(item, Mapping) for item in value):
        return None
    if all(_is_message(item.get("message")) for item in value):
        return f"{name}[*].message"
    if name == CHOICES and not all(any(mark in item for mark in _MARKS) for item in value):
        return None
    found = [key for key in _TEXTS if all(isinstance(item.get(key), str) for item in value)]
    return f"{name}[*].{found[0]}" if len(found) == 1 else None


def _is_message(value: object) -> bool:
    return isinstance(value, Mapping) and is_messages([value])


def ended_by_length(fields: object) -> bool:
    """Whether an object says of its completion that the limit of tokens ended it."""
    if not isinstance(fields, Mapping):
        return False
    return any(_is_length(fields.get(name)) for name in _REASONS)


def reasons_of(fields: Mapping[str, object], items: FieldPath | None, num_completions: int) -> list[bool]:
    """Whether each completion of a record was ended by its length, as its object or the record says.

    Args:
        fields: of the record.
        items: the path to the objects that hold the completions; None where they are not in objects.
        num_completions: how many there are.
    """
    if items is None and _ALL_REASONS.isdisjoint(fields):
        return [False] * num_completions
    if ended_by_length(fields):
        return [True] * num_completions
    lists = [
        [_is_length(one) for one in value] for value in map(fields.get, _LISTS) if isinstance(value, list)
    ]
    objects = None if items is None else items.get(fields)
    if isinstance(objects, list):
        lists.append([ended_by_length(item) for item in objects])
    return next((found for found in lists if len(found) == num_completions), [False] * num_completions)


def _is_length(reason: object) -> bool:
    return isinstance(reason, str) and reason.casefold() in _BY_LENGTH
