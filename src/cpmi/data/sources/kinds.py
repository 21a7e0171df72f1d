"""What a file is, seen from its first bytes, never from its name."""

from __future__ import annotations

import json
from enum import Enum

from cpmi.data.sources.csv_rows import find_delimiter
from cpmi.data.sources.file import BYTE_ORDER_MARK, SourceFile
from cpmi.data.sources.json_document import records_name
from cpmi.data.sources.json_text import BrokenJsonError, JsonText, RepeatedNameError
from cpmi.data.sources.unpacking import DamagedError
from cpmi.errors import InputError

PARQUET_MAGIC = b"PAR1"
_OTHERS = {
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"PK\x03\x04": "a zip archive (.zip, .xlsx)",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\x00": "an xz file",
    b"ARROW1": "an Arrow file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"%PDF": "a PDF file",
    b"\x89HDF": "an HDF5 file",
    b"\xd0\xcf\x11\xe0": "an old Office file (.xls)",
}


class Kind(Enum):
    """The kinds of files of records; the value is the name that messages use."""

    LINES = "JSONL"
    ARRAY = "a JSON array"
    OBJECT = "a JSON object"
    CSV = "CSV"
    PARQUET = "Parquet"


def kind_of(file: SourceFile) -> Kind | None:
    """What the file is; None if it is empty but for white space.

    What looks like none of the others is JSONL, so that every line of it is complained about.

    Raises:
        InputError: it is of a known kind that is not read, or cannot be read at all.
    """
    head = file.head()
    if head.startswith(PARQUET_MAGIC):
        return Kind.PARQUET
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise InputError(
                "files of this kind are not read",
                where=file.name,
                got=what,
                expected="JSONL, JSON, CSV or Parquet, in UTF-8, plain or compressed by gzip or zstandard",
            )
    text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    if not text:
        return None
    if text.startswith(b"["):
        return Kind.ARRAY
    if text.startswith(b"{"):
        return _of_object(file)
    if _has_json_line(text):
        return Kind.LINES  # only its first line is broken
    return Kind.CSV if find_delimiter(head, file.name) is not None else Kind.LINES


def _of_object(file: SourceFile) -> Kind:
    """JSONL, or one JSON object that is the whole content and no record on a line of its own."""
    with file.open() as stream:
        try:
            text = JsonText(stream)
            value = text.value()
            if text.peek() or not isinstance(value, dict):
                return Kind.LINES
        except (BrokenJsonError, DamagedError):
            return Kind.LINES
        except RepeatedNameError:
            return Kind.LINES if _is_on_one_line(file) else Kind.OBJECT
    return Kind.OBJECT if records_name(value) is not None or not _is_on_one_line(file) else Kind.LINES


def _is_on_one_line(file: SourceFile) -> bool:
    """Whether the first line that is not blank is a whole JSON value."""
    with file.open() as stream:
        lines = (line.removeprefix(BYTE_ORDER_MARK).strip() for line in stream)
        first = next(filter(None, lines), b"")
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def _has_json_line(text: bytes) -> bool:
    """Whether the second line is a JSON object."""
    _, _, rest = text.partition(b"\n")
    line = rest.lstrip().partition(b"\n")[0]
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
