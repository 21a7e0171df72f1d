"""JSON values one after the other from a stream, with no more of it in memory than one value and a window."""

from __future__ import annotations

import codecs
import json
import re
from io import BufferedReader

from cpmi.data.sources.unpacking import DamagedError
from cpmi.json_files import repeated_name

_WINDOW_BYTES = 1 << 18
_SPACE = re.compile(r"[ \t\n\r]*")
_LONGEST_TOKEN = 16
"""Nothing that the end of the window can cut is longer, but for strings and numbers."""
_HALF_A_NUMBER = 3
"""A number is whole if so many characters follow: cut before its last digit, 1.5e+7 looks like 1.5."""


LONGEST_RECORD = 1 << 28
"""Bytes or characters of one record; more is no record, and would fill the memory."""
LONGEST_DOCUMENT = 1 << 30
"""Characters of a file that is one JSON object."""


class BrokenJsonError(ValueError):
    """The text is not JSON."""


class RepeatedNameError(ValueError):
    """An object has two values under one name, of which JSON says neither which counts."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the name {name!r:.80} twice in one object")


def object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of these pairs.

    Raises:
        RepeatedNameError: two have one name.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RepeatedNameError(str(repeated_name(name for name, _ in pairs)))
    return found


class JsonText:
    """A place in the text of a stream in UTF-8.

    A value that ends beyond the window is parsed again with twice the window, so that a value costs at most
    about twice its size in time, and at most about four times in memory.
    """

    def __init__(self, stream: BufferedReader, *, longest: int = LONGEST_DOCUMENT) -> None:
        self._stream = stream
        self._longest = longest
        self._repeated: list[str] = []
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._parse = json.JSONDecoder(object_pairs_hook=self._object).raw_decode
        self._text = ""
        self._at = 0
        self._ended = False
        self._damage: DamagedError | None = None

    def peek(self) -> str:
        """The next character that is no white space; "" at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # matches always
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._widen()

    def take(self) -> str:
        """`peek`, and go behind it."""
        character = self.peek()
        self._at += len(character)
        return character

    def value(self) -> object:
        """The next value.

        Raises:
            BrokenJsonError: the text is no JSON there, or the value is longer than `longest`.
            RepeatedNameError: an object in the value has a name twice; the next value is behind it.
            DamagedError: the stream breaks off.
        """
        self.peek()
        while True:
            self._repeated.clear()
            try:
                value, end = self._parse(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._ended or not self._may_go_on(error):
                    raise BrokenJsonError(error.msg) from error
            except RecursionError as error:
                raise BrokenJsonError("too deeply nested") from error
            except ValueError as error:  # of int(), whose own words are for programmers
                raise BrokenJsonError("a whole number of too many digits") from error
            else:
                if end + _HALF_A_NUMBER <= len(self._text) or self._ended:
                    self._at = end
                    if self._repeated:
                        raise RepeatedNameError(self._repeated[0])
                    return value
            if len(self._text) - self._at > self._longest:
                raise BrokenJsonError(f"a value of more than {self._longest:,} characters")
            self._widen()

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        """As `object_of`, but a repeated name is noted, so that the end of the value is found."""
        found = dict(pairs)
        if len(found) != len(pairs):
            self._repeated.append(str(repeated_name(name for name, _ in pairs)))
        return found

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos > len(self._text) - _LONGEST_TOKEN

    def _widen(self) -> None:
        """Drop what was taken, and read as much again as is left, at least a window."""
        if self._damage is not None:
            raise self._damage
        left = self._text[self._at :]
        read = bytearray()
        try:
            while len(read) < max(_WINDOW_BYTES, len(left)):
                block = self._stream.read1(_WINDOW_BYTES)
                if not block:
                    self._ended = True
                    break
                read += block
        except DamagedError as error:
            self._damage = error  # raised when what came before is used up
        try:
            self._text = left + self._decode(bytes(read), self._ended)
        except UnicodeDecodeError as error:
            raise BrokenJsonError(f"not UTF-8: byte 0x{error.object[error.start]:02x}") from error
        self._at = 0
