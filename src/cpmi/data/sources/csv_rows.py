"""CSV as in RFC 4180, with a header; the delimiter is a comma, a semicolon or a tab. Every cell is text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from cpmi.data.record import SKIP_HINT, RawRecord
from cpmi.data.sources.file import BYTE_ORDER_MARK, SourceFile
from cpmi.data.sources.json_lines import too_long
from cpmi.data.sources.json_text import LONGEST_RECORD
from cpmi.errors import InputError, RecordError

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_QUOTED = re.compile(r'"[^"]*"')


def find_delimiter(head: bytes, name: str) -> str | None:
    """What separates the names of the header; None if the first row is no header of two or more columns.

    Raises:
        InputError: more than one of the delimiters separates something there.
    """
    text = head.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace").lstrip("\r\n ")
    header = _QUOTED.sub("", text).partition("\n")[0]
    found = [delimiter for delimiter in _DELIMITERS if delimiter in header]
    if len(found) > 1:
        raise InputError(
            "the delimiter of the CSV file is not clear",
            where=name,
            got=f"{' and '.join(_DELIMITERS[delimiter] for delimiter in found)} in the header",
            expected="names separated by one of comma, semicolon and tab",
            hint='Quote the names of columns that hold one of the others: "name, with comma".',
        )
    return found[0] if found else None


def read_csv(file: SourceFile) -> Iterator[RawRecord | RecordError]:
    """The rows below the header in order; blank lines are none. The line of a row is that of its start.

    Sets the limit of `csv.field_size_limit` of the process, which holds for all its readers.

    Raises:
        InputError: the header is not usable, or a line is longer than any record.
    """
    delimiter = find_delimiter(file.head(), file.name)
    assert delimiter is not None  # the kind of the file says so
    csv.field_size_limit(LONGEST_RECORD)
    with file.open() as stream:
        lines = _Lines(stream, file)
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        header: list[str] | None = None
        index = 0
        while True:
            where = f"{file.name}:{lines.number + 1}"
            lines.not_utf8 = None
            row: list[str] | csv.Error
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                row = error
            if not row:
                continue
            if header is None:
                header = _header(row, lines.not_utf8, where)
                continue
            problem = _problem(row, len(header), lines.not_utf8, where)
            if problem is not None:
                yield problem
            elif not isinstance(row, csv.Error):
                fields = dict(zip(header, row, strict=True))
                yield RawRecord(fields=fields, index=index, stem=file.stem, source=where)
            index += 1


class _Lines:
    """The lines of a stream as text. What is not UTF-8 is noted and kept in place, so that rows stay rows."""

    def __init__(self, stream: io.BufferedReader, file: SourceFile) -> None:
        self._stream = stream
        self._file = file
        self.number = 0
        self.not_utf8: UnicodeDecodeError | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(LONGEST_RECORD)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_RECORD:
            raise too_long(self._file, f"{self._file.name}:{self.number}")
        if self.number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            self.not_utf8 = error
            return line.decode("utf-8", "surrogateescape")


def _header(row: list[str] | csv.Error, not_utf8: UnicodeDecodeError | None, where: str) -> list[str]:
    problem = _problem(row, None, not_utf8, where)
    if isinstance(row, csv.Error) or problem is not None:
        got = str(row) if problem is None else problem.got
        raise InputError("the header of the CSV file is not usable", where=where, got=got, expected="names")
    names = [name.strip() for name in row]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(
            "the header of the CSV file names a column twice",
            where=where,
            got=", ".join(map(repr, repeated)),
            expected="a name of its own for every column",
            hint="Rename one of them.",
        )
    return names


def _problem(
    row: list[str] | csv.Error, num_columns: int | None, not_utf8: UnicodeDecodeError | None, where: str
) -> RecordError | None:
    if not_utf8 is not None:
        return RecordError(
            "the row is not UTF-8",
            where=where,
            got=f"byte 0x{not_utf8.object[not_utf8.start]:02x}",
            expected="text in UTF-8",
            hint="Convert the file to UTF-8, or use --on-error skip.",
        )
    if isinstance(row, csv.Error):
        return RecordError(
            "the row is not CSV",
            where=where,
            got=str(row),
            expected='cells with a quote or a line break in quotes, and quotes doubled: "a ""b"" c"',
            hint=SKIP_HINT,
        )
    if num_columns is not None and len(row) != num_columns:
        return RecordError(
            "the row has another number of cells than the header",
            where=where,
            got=f"{len(row)}",
            expected=f"{num_columns}",
            hint=f"Quote cells that hold the delimiter. {SKIP_HINT}",
        )
    return None
