"""Conversations: lists of messages, as chat data sets and trainers have them.

Two spellings: `role` and `content` (OpenAI, TRL, verl), `from` and `value` (ShareGPT). What the last user
turn asks is the question, and what the assistant says after it is the solution.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cpmi.data.content import SAYS_SOMETHING, content_of, is_tool_result
from cpmi.data.record import RawRecord

_SPELLINGS = (("role", "content"), ("from", "value"))
_ROLE_OF = {
    "system": "system", "developer": "system", "user": "user", "human": "user", "assistant": "assistant",
    "gpt": "assistant", "model": "assistant", "bot": "assistant", "tool": "tool", "function": "tool",
    "observation": "tool", "ipython": "tool", "tool_response": "tool", "tool_result": "tool",
    "function_response": "tool", "function_call": "assistant", "tool_call": "assistant", "ai": "assistant",
    "chatgpt": "assistant",
}  # fmt: skip
_MARKS = ('"role"', '"from"')
_JSON = re.compile(r"\s*\[\s*\{")
_PYTHON = re.compile(r"\s*\[\s*\{\s*'(?:role|from|content|value)'\s*:")
_SAID = {"user": "User", "assistant": "Assistant", "tool": "Tool"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn.

    Attributes:
        role: "system", "user", "assistant" or "tool".
        text: what is said.
        thinking: a reasoning that is stored apart from the text; "" without one.
    """

    role: str
    text: str
    thinking: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation cut at its last user turn.

    Attributes:
        system: the system turns' text; "" without any.
        question: the last user turn; with earlier turns before it, each under its speaker's name.
        replies: what follows: the assistant's turns, and those of tools between them.
    """

    system: str
    question: str
    replies: tuple[Message, ...]

    @property
    def thought(self) -> str:
        """What the one turn of replies thinks apart from its text; "" if there are several, or none does."""
        return self.replies[0].thinking if len(self.replies) == 1 else ""

    @property
    def turns(self) -> tuple[str, ...]:
        """The replies as steps of an agent: every assistant turn with the results of its tools."""
        found: list[list[str]] = []
        for message in self.replies:
            said = "\n\n".join(text for text in (message.thinking, message.text) if text.strip())
            if message.role == "assistant" or not found:
                found.append([])
            if said:
                found[-1].append(said)
        return tuple("\n\n".join(texts) for texts in found if texts)


def is_messages(value: object) -> bool:
    """Whether a value is a list of messages in one of the spellings."""
    if isinstance(value, str) or not value or not isinstance(value, Sequence) or isinstance(value, bytes):
        return False
    return all(isinstance(item, Mapping) and _spelling(item) is not None for item in value)


def messages_in(value: object) -> object:
    """The value; the messages in it where it is the JSON of a list of them, as tables of texts store it."""
    if not isinstance(value, str) or not _JSON.match(value) or not any(mark in value for mark in _MARKS):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if is_messages(found) else value


def is_python_messages(value: object) -> bool:
    """Whether a text is a list of messages as Python prints it, which is no JSON."""
    return isinstance(value, str) and _PYTHON.match(value) is not None


def read_messages(record: RawRecord, name: str, value: object) -> tuple[Message, ...]:
    """The messages in a field.

    Raises:
        RecordError: it holds something else, an unknown role, or content that is no text.
    """
    if not is_messages(value):
        raise record.wrong(name, value, "a list of messages with role and content, or from and value")
    assert isinstance(value, Sequence)
    return tuple(_message(record, f"{name}[{index}]", item) for index, item in enumerate(value))


def conversation(record: RawRecord, name: str, messages: Sequence[Message]) -> Conversation:
    """The conversation with its question and replies apart.

    Raises:
        RecordError: there is no user turn.
    """
    spoken = [message for message in messages if message.role != "system"]
    users = [index for index, message in enumerate(spoken) if message.role == "user"]
    if not users:
        raise record.error(
            f"the messages in {name!r} ask nothing",
            got=", ".join(message.role for message in messages),
            expected="a turn by the user",
        )
    before, replies = spoken[: users[-1] + 1], spoken[users[-1] + 1 :]
    return Conversation(
        system="\n\n".join(message.text for message in messages if message.role == "system"),
        question=before[0].text if len(before) == 1 else _dialogue(before),
        replies=tuple(replies),
    )


def ends_with_user(value: object) -> bool:
    """Whether a value is messages of which the last one is the user's: a prompt without a reply."""
    if not isinstance(value, Sequence) or not is_messages(value):
        return False
    last = value[-1]
    names = _spelling(last)
    return names is not None and _ROLE_OF.get(str(last[names[0]]).lower()) == "user"


def _dialogue(messages: Sequence[Message]) -> str:
    return "\n\n".join(f"{_SAID[message.role]}: {message.text}" for message in messages)


def _spelling(item: Mapping[str, object]) -> tuple[str, str] | None:
    for names in _SPELLINGS:
        if names[0] in item and names[1] in item:
            return names
    return _SPELLINGS[0] if "role" in item and any(item.get(name) for name in SAYS_SOMETHING) else None


def _message(record: RawRecord, name: str, item: Mapping[str, object]) -> Message:
    names = _spelling(item)
    assert names is not None
    role = _ROLE_OF.get(str(item[names[0]]).lower())
    if role == "user" and is_tool_result(item.get(names[1])):
        role = "tool"
    if role is None:
        raise record.wrong(f"{name}.{names[0]}", item[names[0]], f"one of {', '.join(_ROLE_OF)}")
    thinking, text = content_of(record, name, item, names[1])
    return Message(role=role, text=text, thinking=thinking)
