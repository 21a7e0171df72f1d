"""Read raw records with their positions from JSONL, JSON, Parquet, or a data set of the `datasets` library.

The kind of a file is seen from its first bytes, never from its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from cpmi.data.hub import HUB_PREFIX, open_hub, open_saved
from cpmi.data.record import SKIP_HINT, RawRecord
from cpmi.digests import expect_as_beside, expect_folder_intact, expect_intact
from cpmi.errors import InputError, RecordError

CHAINS_NAME = "chains.jsonl"
_FORMER_NAME = "trajectories.jsonl"
"""The file of chains in a folder that `cpmi sample` made; the folder's name stands for it."""

_PARQUET_MAGIC = b"PAR1"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEAD_BYTES = 4096
_ROWS_AT_ONCE = 4096


def read_records(source: str | Path) -> Iterator[RawRecord | RecordError]:
    """The records of `source` in order; one that cannot be parsed comes as a RecordError in its place.

    Args:
        source: a JSONL, JSON or Parquet file, a folder written by `cpmi sample` or by
            `datasets.save_to_disk`, or `hf://OWNER/NAME[/CONFIG][@SPLIT]` for a data set of the Hugging
            Face Hub.

    Raises:
        InputError: there is no such file, or it cannot be read as a whole. Raised at once, except for
            what shows only later in a file.
        RunError: cpmi wrote it, and it has changed since.
        MissingDependencyError: the source needs `datasets`, which is not installed.
    """
    name = str(source)
    if name.startswith(HUB_PREFIX):
        return _number(iter(open_hub(name)), stem=name.rsplit("/", 1)[-1], prefix=f"{name}, row")
    expect_present(source)
    path = Path(locate(source))
    if path.is_dir():
        expect_folder_intact(path)
        return _number(iter(open_saved(path)), stem=path.name, prefix=f"{path}, row")
    expect_intact(path, is_input=True)
    expect_as_beside(path)
    head = _head(path)
    if head.startswith(_PARQUET_MAGIC):
        return _number(_parquet_rows(path), stem=path.stem, prefix=f"{path}, row")
    if head.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"["):
        return _number(iter(_json_array(path)), stem=path.stem, prefix=f"{path}, record")
    return _json_lines(path)


def expect_present(source: str | Path) -> None:
    """Check that something is there; of a data set of the Hub nothing is asked.

    Raises:
        InputError: there is no such file or folder.
    """
    if not str(source).startswith(HUB_PREFIX) and not Path(source).exists():
        raise InputError(
            "there is no such file or folder",
            where=str(source),
            hint=f"Check the path; a data set of the Hugging Face Hub is written {HUB_PREFIX}OWNER/NAME.",
        )


def locate(source: str | Path) -> str:
    """The source that really is read: the file of chains, where a folder of `cpmi sample` is named."""
    found = (path for name in (CHAINS_NAME, _FORMER_NAME) if (path := Path(source) / name).is_file())
    return str(next(found, source))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise InputError("the file cannot be opened", where=str(path), got=str(error)) from error
    if not head.strip():
        raise InputError("the file is empty", where=str(path), expected="at least one record")
    return head


def _number(values: Iterator[object], *, stem: str, prefix: str) -> Iterator[RawRecord | RecordError]:
    """Records of a source that has rows, not lines. Rows count from 0, as their ids do."""
    for index, value in enumerate(values):
        yield _record(value, index=index, stem=stem, source=f"{prefix} {index} (from 0)")


def _record(value: object, *, index: int, stem: str, source: str) -> RawRecord | RecordError:
    if isinstance(value, dict):
        return RawRecord(fields=value, index=index, stem=stem, source=source)
    return RecordError(
        "the record is not an object",
        where=source,
        got=type(value).__name__,
        expected="a JSON object with named fields",
        hint=SKIP_HINT,
    )


def _json_lines(path: Path) -> Iterator[RawRecord | RecordError]:
    stem = path.stem
    index = 0
    with path.open("rb") as file:
        for line_number, line in enumerate(file, start=1):
            if line_number == 1:
                line = line.removeprefix(_BYTE_ORDER_MARK)
            if not line.strip():
                continue
            source = f"{path}:{line_number}"
            try:
                value = json.loads(line.decode("utf-8"))
            except (ValueError, RecursionError) as error:
                yield _broken_line(error, line, source)
            else:
                yield _record(value, index=index, stem=stem, source=source)
            index += 1


def _broken_line(error: Exception, line: bytes, source: str) -> RecordError:
    if isinstance(error, UnicodeDecodeError):
        return RecordError(
            "the line is not UTF-8",
            where=source,
            got=f"byte 0x{line[error.start]:02x} at {error.start}",
            expected="text in UTF-8",
            hint="Convert the file to UTF-8, or use --on-error skip.",
        )
    # Only the last line of a file lacks its newline: a writer or a download was cut off there.
    if not line.endswith(b"\n"):
        return RecordError(
            "the last line is cut off",
            where=source,
            got=f"{len(line)} bytes, {error}",
            expected="one whole JSON object",
            hint="The file looks truncated: fetch or write it again, or use --on-error skip to do without "
            "this record.",
        )
    return RecordError(
        "the line is not JSON",
        where=source,
        got=str(error),
        expected="one whole JSON object per line",
        hint=SKIP_HINT,
    )


def _json_array(path: Path) -> list[object]:
    try:
        values = json.loads(path.read_bytes().removeprefix(_BYTE_ORDER_MARK).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            "the file is not a whole JSON array",
            where=str(path),
            got=str(error),
            expected="[ {...}, {...} ] in UTF-8",
            hint="If it looks truncated, fetch or write it again; JSONL files can be read up to the damage.",
        ) from error
    if not isinstance(values, list) or not values:
        raise InputError("the file is empty", where=str(path), expected="at least one record")
    return values


def _parquet_rows(path: Path) -> Iterator[object]:
    # Imported here because most inputs are JSON and pyarrow takes long to load.
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(
            "the Parquet file cannot be read",
            where=str(path),
            got=str(error),
            hint="If it looks truncated, fetch or write it again.",
        ) from error
