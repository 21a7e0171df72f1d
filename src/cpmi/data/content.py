"""What one message of a conversation says: text, thoughts apart from it, and calls of tools."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cpmi.data.record import RawRecord

_THOUGHTS = ("reasoning_content", "thinking", "reasoning")
_CALLS = ("tool_calls", "function_call")
_TEXT_PARTS = frozenset({"text", "input_text", "output_text"})
_THOUGHT_PARTS = frozenset({"thinking", "reasoning", "redacted_thinking"})
_CALL_PARTS = frozenset({"tool_use", "tool_call", "function_call", "server_tool_use"})
_RESULT_PARTS = frozenset({"tool_result", "function_call_output"})

SAYS_SOMETHING = (*_CALLS, *_THOUGHTS)
"""Fields of a message that may be there without a content."""


def content_of(record: RawRecord, name: str, item: Mapping[str, object], key: str) -> tuple[str, str]:
    """The thoughts and the text of a message, calls of tools behind the text.

    Args:
        record: for messages.
        name: the place of the message.
        item: the message.
        key: its field with the content.

    Raises:
        RecordError: something in it is no text.
    """
    thoughts = [_thought(record, f"{name}.{field}", item[field]) for field in _THOUGHTS if item.get(field)]
    texts: list[str] = []
    content = item.get(key)
    if isinstance(content, Sequence) and not isinstance(content, str):
        more, texts = _of_parts(record, f"{name}.{key}", content)
        thoughts += more
    elif isinstance(content, str):
        texts = [content] if content.strip() else []
    elif content is not None or not any(item.get(field) for field in SAYS_SOMETHING):
        raise record.wrong(f"{name}.{key}", content, "text")
    calls = [_as_json(item[field]) for field in _CALLS if item.get(field)]
    said = texts[0] if len(texts) == 1 and not calls else "\n\n".join([*texts, *calls])
    return "\n\n".join(thoughts), said if said or not isinstance(content, str) else content


def is_tool_result(content: object) -> bool:
    """Whether a content is nothing but results of tools, which some write as a turn of the user."""
    return (
        isinstance(content, list)
        and bool(content)
        and all(isinstance(part, Mapping) and _kind_of(part) in _RESULT_PARTS for part in content)
    )


def _of_parts(record: RawRecord, name: str, parts: Sequence[object]) -> tuple[list[str], list[str]]:
    """The thoughts, and the texts, those that follow each other as one."""
    thoughts: list[str] = []
    texts: list[str] = []
    is_open = False  # whether a text can be continued
    for index, part in enumerate(parts):
        place = f"{name}[{index}]"
        kind = _kind_of(part)
        if kind in _THOUGHT_PARTS:
            assert isinstance(part, Mapping)
            thoughts += _thoughts_of_part(record, place, part)
        elif kind in _CALL_PARTS:
            assert isinstance(part, Mapping)
            texts.append(_as_json({field: value for field, value in part.items() if field != "type"}))
        elif kind in _RESULT_PARTS:
            assert isinstance(part, Mapping)
            texts.append(_result(record, place, part))
        elif kind in _TEXT_PARTS:
            text = part.get("text") if isinstance(part, Mapping) else part
            if not isinstance(text, str):
                raise record.wrong(place, part, "text")
            texts[-1:] = [texts[-1] + text] if is_open else [*texts[-1:], text]
        else:
            raise record.wrong(
                place, kind, "a part that is text, thinking, or the call of a tool or its result"
            )
        is_open = kind in _TEXT_PARTS
    return [text for text in thoughts if text.strip()], [text for text in texts if text.strip()]


def _kind_of(part: object) -> str:
    """What a part says it is; a text says nothing. What is no name of a kind comes as JSON."""
    return _as_json(part.get("type", "text")) if isinstance(part, Mapping) else "text"


def _thoughts_of_part(record: RawRecord, name: str, part: Mapping[str, object]) -> list[str]:
    if part.get("type") == "redacted_thinking":
        return []
    for field in ("thinking", "text", "reasoning", "content", "summary"):
        if part.get(field):
            return [_thought(record, f"{name}.{field}", part[field])]
    return []


def _thought(record: RawRecord, name: str, value: object) -> str:
    """A thought: text, or a list of texts or of objects with one."""
    if isinstance(value, list):
        texts = [item.get("text") if isinstance(item, Mapping) else item for item in value]
        if all(isinstance(text, str) for text in texts):
            return "\n\n".join(map(str, texts))
    if not isinstance(value, str):
        raise record.wrong(name, value, "text")
    return value


def _result(record: RawRecord, name: str, part: Mapping[str, object]) -> str:
    value = part.get("content", part.get("output", ""))
    if isinstance(value, list):
        return "\n\n".join(_of_parts(record, f"{name}.content", value)[1])
    return value if isinstance(value, str) else _as_json(value)


def _as_json(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
