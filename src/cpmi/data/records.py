"""Read raw records with their positions from whatever a user names: the one door to `cpmi.data.sources`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType

from cpmi.data.record import RawRecord
from cpmi.data.sources.csv_rows import read_csv
from cpmi.data.sources.datasets_library import (
    HUB_PREFIX,
    HubName,
    is_saved,
    open_hub,
    open_saved,
    saved_split,
)
from cpmi.data.sources.file import SourceFile
from cpmi.data.sources.files import CHAINS_NAME as CHAINS_NAME
from cpmi.data.sources.files import chains_file, files_of, is_pattern
from cpmi.data.sources.json_document import read_array, read_object
from cpmi.data.sources.json_lines import read_lines
from cpmi.data.sources.kinds import Kind, kind_of
from cpmi.data.sources.parquet import read_parquet
from cpmi.data.sources.pipes import STANDARD_INPUT, at_rest, is_pipe, kept
from cpmi.data.sources.saved_rows import read_rows
from cpmi.data.sources.unpacking import DamagedError
from cpmi.digests import expect_as_beside, expect_folder_intact, expect_intact
from cpmi.errors import InputError, RecordError, StorageError

Records = Iterator[RawRecord | RecordError]
_ONE = "at least one record"

_READERS: Mapping[Kind, Callable[[SourceFile], Records]] = MappingProxyType(
    {
        Kind.LINES: read_lines,
        Kind.ARRAY: read_array,
        Kind.OBJECT: read_object,
        Kind.CSV: read_csv,
        Kind.PARQUET: read_parquet,
    }
)


def read_records(source: str | Path) -> Records:
    """The records of `source` in order; one that cannot be parsed comes as a RecordError in its place.

    Args:
        source: one of

            - a file: JSONL, JSON (an array of objects, or an object with one list of them), CSV with a
              header, or Parquet, plain or compressed by gzip or zstandard; all seen from its first bytes;
            - a folder of such files of one kind, in natural order, or a pattern such as `runs/*.jsonl`;
              hidden files, README, *.md and checksum files are passed over;
            - a folder written by `cpmi sample`;
            - `-` (standard input) or a named pipe, read once, to its end, into a temporary file;
            - a folder written by `datasets.save_to_disk`, with `:SPLIT` where it holds several;
            - `hf://OWNER/NAME[/CONFIG][:SPLIT][@REVISION]`, a data set of the Hugging Face Hub.

    Raises:
        InputError: there is no such file, or it cannot be read as a whole. Raised at once, except for
            what shows only later in a file.
        RunError: cpmi wrote it, and it has changed since.
        MissingDependencyError: the source needs `datasets`, which is not installed.
        StorageError: what comes through a pipe cannot be kept.
    """
    if kept(source) is not None or not is_pipe(source):
        return _open(source)
    with ExitStack() as stack:
        stack.enter_context(at_rest(source))
        records = _open(source)
        return _closing(records, stack.pop_all())


def _closing(records: Records, stack: ExitStack) -> Records:
    with stack:
        yield from records


def _open(source: str | Path) -> Records:
    name = str(source)
    if name.startswith(HUB_PREFIX):
        return read_rows(open_hub(name), stem=HubName.parse(name).stem, name=name)
    expect_present(source)
    if kept(source) is not None:
        return _all(_kinds(files_of(source), name), name)
    if split := saved_split(source):
        folder, split_name = split
        expect_folder_intact(folder)
        return read_rows(open_saved(folder, split_name), stem=split_name, name=name)
    path = Path(locate(source))
    if os.path.isdir(path) and is_saved(path):
        expect_folder_intact(path)
        return read_rows(open_saved(path), stem=path.name, name=str(path))
    return _all(_kinds(files_of(path), name), name)


def _kinds(files: tuple[SourceFile, ...], source: str) -> dict[SourceFile, Kind]:
    """The kind of every file that is not empty, once all are as they were written.

    Raises:
        InputError: all are empty, or they are of several kinds.
        RunError: cpmi wrote one of them, and it has changed since.
    """
    found: dict[SourceFile, Kind] = {}
    examples: dict[Kind, str] = {}
    for file in files:
        if kept(source) is None:
            expect_intact(file.path, is_input=True)
            expect_as_beside(file.path)
        if kind := kind_of(file):
            found[file] = kind
            examples.setdefault(kind, file.name)
    if not found:
        what = "the file is empty" if len(files) == 1 else "all files are empty"
        raise InputError(what, where=files[0].name if len(files) == 1 else source, expected=_ONE)
    if len(examples) > 1:
        raise InputError(
            "the files are of several kinds",
            where=source,
            got=", ".join(f"{kind.value} in {name}" for kind, name in examples.items()),
            expected="files of one kind",
            hint="Name those that hold the records, one or by a quoted pattern.",
        )
    return found


def _all(kinds: Mapping[SourceFile, Kind], source: str) -> Records:
    is_empty = True
    for file, kind in kinds.items():
        read = _READERS[kind](file)
        try:
            for record in read if file.compression is None else _to_the_damage(read, file):
                is_empty = False
                yield record
        except StorageError:
            raise
        except OSError as error:
            raise InputError("the file cannot be read", where=file.name, got=str(error)) from error
    if is_empty:
        what = "the file is empty" if len(kinds) == 1 else "no file holds a record"
        where = next(iter(kinds)).name if len(kinds) == 1 else source
        raise InputError(what, where=where, expected=_ONE)


def _to_the_damage(records: Records, file: SourceFile) -> Records:
    """The records of a compressed file.

    Raises:
        InputError: it breaks off; the record before is named.
    """
    place = "before the first record"
    try:
        for record in records:
            where = record.source if isinstance(record, RawRecord) else record.where
            place = f"after the record at {where}"
            yield record
    except DamagedError as error:
        raise file.damaged(error, place) from error


def expect_present(source: str | Path) -> None:
    """Check that something is there; of a data set of the Hub and of standard input nothing is asked.

    Raises:
        InputError: there is no such file or folder, or no file matches the pattern.
    """
    name = str(source)
    if name.startswith(HUB_PREFIX) or name == STANDARD_INPUT:
        return
    if kept(source) is not None or os.path.exists(source):
        return
    if "\0" in name:
        raise InputError("there is no such file or folder", where=name, got="a NUL character in its name")
    if is_pattern(source):
        files_of(source)
    elif saved_split(source) is None:
        raise InputError(
            "there is no such file or folder",
            where=name,
            hint=f"Check the path; a data set of the Hugging Face Hub is written {HUB_PREFIX}OWNER/NAME.",
        )


def locate(source: str | Path) -> str:
    """The source that really is read: the file of chains, where a folder of `cpmi sample` is named."""
    if str(source) == STANDARD_INPUT:
        return STANDARD_INPUT
    return str(chains_file(Path(source)) or source)
