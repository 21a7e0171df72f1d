"""JSONL: one JSON object per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from cpmi.data.record import SKIP_HINT, RawRecord
from cpmi.data.sources.file import BYTE_ORDER_MARK, SourceFile
from cpmi.data.sources.json_text import LONGEST_RECORD, RepeatedNameError, object_of
from cpmi.errors import InputError, RecordError

_decode = json.JSONDecoder(object_pairs_hook=object_of).decode


def read_lines(file: SourceFile) -> Iterator[RawRecord | RecordError]:
    """The records of the lines in order; blank lines are none.

    Raises:
        InputError: a line is longer than any record.
    """
    name, stem = file.name, file.stem
    index = 0
    with file.open() as stream:
        lines = iter(partial(stream.readline, LONGEST_RECORD), b"")
        for line_number, line in enumerate(lines, start=1):
            if len(line) == LONGEST_RECORD:
                raise too_long(file, f"{name}:{line_number}")
            if line_number == 1:
                line = line.removeprefix(BYTE_ORDER_MARK)
            if not line.strip():
                continue
            where = f"{name}:{line_number}"
            try:
                value = _decode(line.decode("utf-8"))
            except RepeatedNameError as error:
                yield file.repeated(error.name, where)
            except (ValueError, RecursionError) as error:
                yield _broken_line(error, line, where)
            else:
                if type(value) is dict:
                    yield RawRecord(fields=value, index=index, stem=stem, source=where)
                else:
                    yield file.record(value, index, where)
            index += 1


def too_long(file: SourceFile, where: str) -> InputError:
    """The error of a line that is longer than any record; what follows cannot be found without reading it."""
    return InputError(
        "the line is too long for a record",
        where=where,
        got=f"at least {LONGEST_RECORD:,} bytes"
        + (f" out of a {file.compression} file" if file.compression else ""),
        expected="one record per line",
        hint="Write the records one per line; do not open compressed files that you do not trust.",
    )


def _broken_line(error: Exception, line: bytes, where: str) -> RecordError:
    if isinstance(error, UnicodeDecodeError):
        return RecordError(
            "the line is not UTF-8",
            where=where,
            got=f"byte 0x{line[error.start]:02x} at {error.start}",
            expected="text in UTF-8",
            hint="Convert the file to UTF-8, or use --on-error skip.",
        )
    # Only the last line of a file lacks its newline: a writer or a download was cut off there.
    if not line.endswith(b"\n"):
        return RecordError(
            "the last line is cut off",
            where=where,
            got=f"{len(line)} bytes, {error}",
            expected="one whole JSON object",
            hint="The file looks truncated: fetch or write it again, or use --on-error skip to do without "
            "this record.",
        )
    return RecordError(
        "the line is not JSON",
        where=where,
        got=str(error),
        expected="one whole JSON object per line",
        hint=SKIP_HINT,
    )
