"""A JSON file as a whole: an array of objects, or one object that holds the records in a list.

An array is read object by object. An object is read into memory: which of its lists holds the records is
known at its end only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.record import RawRecord
from cpmi.data.sources.file import SourceFile
from cpmi.data.sources.json_text import LONGEST_RECORD, BrokenJsonError, JsonText, RepeatedNameError
from cpmi.errors import InputError, RecordError

_NAMES_OF_RECORDS = frozenset(
    "data records rows examples items instances entries chains problems dataset".split()
)
_NAMES_OF_PARTS = frozenset(
    "messages conversations conversation dialog dialogue turns chat prompt completion completions response "
    "responses solution solutions steps step labels ratings choices options tools tool_calls answers golds "
    "candidates samples outputs".split()
)
"""Lists of objects that a single record has."""
_NAMES_OF_QUESTIONS = frozenset("question problem prompt query instruction input".split())


def read_array(file: SourceFile) -> Iterator[RawRecord | RecordError]:
    """The objects of a JSON array in order.

    Raises:
        InputError: the text is broken somewhere; what came before has been given.
    """
    index = 0
    with file.open() as stream:
        text = JsonText(stream, longest=LONGEST_RECORD)
        try:
            text.take()
            if text.peek() == "]":
                text.take()
            else:
                separator = ","
                while separator == ",":
                    yield _element(text, file, index)
                    index += 1
                    separator = text.take()
                if separator != "]":
                    raise BrokenJsonError("Expecting ',' or ']'" if separator else "the text ends")
            if text.peek():
                raise BrokenJsonError("more text behind the array")
        except BrokenJsonError as error:
            place = f"after record {index - 1} (from 0)" if index else "at its start"
            raise InputError(
                "the file is not a whole JSON array",
                where=file.name,
                got=f"{error}, {place}",
                expected="[ {...}, {...} ] in UTF-8",
                hint="If it looks truncated, fetch or write it again; JSONL can be read up to the damage.",
            ) from error


def _element(text: JsonText, file: SourceFile, index: int) -> RawRecord | RecordError:
    where = f"{file.name}, record {index} (from 0)"
    try:
        return file.record(text.value(), index, where)
    except RepeatedNameError as error:
        return file.repeated(error.name, where)


def read_object(file: SourceFile) -> Iterator[RawRecord | RecordError]:
    """The records of a file that is one JSON object.

    They are in the list that `records_name` names; else the object is the only record, if it has a question
    or no other lists of objects than records have.

    Raises:
        InputError: it could be both; the candidates are named. Or an object in it has a name twice.
    """
    with file.open() as stream:
        try:
            value = JsonText(stream).value()
        except RepeatedNameError as error:
            raise InputError(
                "the file is one JSON object that has a field twice",
                where=file.name,
                got=str(error),
                expected="every name once, since JSON does not say which value counts",
                hint="Write the records as one JSON array, or one per line.",
            ) from error
    assert isinstance(value, dict)  # the kind of the file says so
    if name := records_name(value):
        for index, item in enumerate(value[name]):
            yield file.record(item, index, f"{file.name}, {name}[{index}] (from 0)")
        return
    lists = _lists_of_objects(value)
    if lists and not _NAMES_OF_QUESTIONS & value.keys() and not _NAMES_OF_PARTS.issuperset(lists):
        raise InputError(
            "the file is one JSON object, and its records are not clear",
            where=file.name,
            got=f"lists of objects in {', '.join(map(repr, lists))}",
            expected='an array of records, or an object with one list of them, such as {"data": [...]}',
            hint="Write the records as one JSON array, or one per line.",
        )
    yield file.record(value, 0, f"{file.name}, record 0 (from 0)")


def records_name(value: Mapping[str, object]) -> str | None:
    """The field that holds the records of a file that is one object; None if that is not clear.

    It is the only list of objects, no usual part of one record (messages, steps), and either all that there
    is or under a usual name (data, rows) in an object without a question.
    """
    lists = _lists_of_objects(value)
    if len(lists) != 1 or lists[0] in _NAMES_OF_PARTS or _NAMES_OF_QUESTIONS & value.keys():
        return None
    return lists[0] if lists[0] in _NAMES_OF_RECORDS or len(value) == 1 else None


def _lists_of_objects(value: Mapping[str, object]) -> list[str]:
    return [
        name
        for name, item in value.items()
        if isinstance(item, list) and item and all(isinstance(element, dict) for element in item)
    ]
