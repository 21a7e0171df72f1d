"""Standard input and named pipes: read once and in order into a file that can be read again."""

from __future__ import annotations

import hashlib
import os
import select
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cpmi.errors import InputError, StorageError

STANDARD_INPUT = "-"
_BLOCK_BYTES = 1 << 18
_FOLDERS_OF_DESCRIPTORS = ("/dev/fd", "/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What came through a pipe.

    Attributes:
        path: of the file that holds it.
        name: what messages call the pipe.
        stem: for the ids of its records.
        sha256: of all its bytes.
        num_bytes: their number.
    """

    path: Path
    name: str
    stem: str
    sha256: str
    num_bytes: int


_kept: dict[str, Kept] = {}


def is_pipe(source: str | Path) -> bool:
    """Whether the source can be read once only: "-", or a pipe, socket or terminal with a name."""
    path = Path(source)
    return str(source) == STANDARD_INPUT or (
        os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)
    )


def kept(source: str | Path) -> Kept | None:
    """What came through a pipe, while `at_rest` keeps it."""
    return _kept.get(str(source))


@contextmanager
def at_rest(*sources: str | Path | None) -> Iterator[None]:
    """Read every pipe among `sources` into a temporary file; inside, all readers take it from there.

    What is no pipe is left alone. A pipe that is kept already is not read again.

    Raises:
        InputError: a pipe cannot be read.
        StorageError: the folder of temporary files refused.
    """
    with ExitStack() as stack:
        for source in map(str, (source for source in sources if source is not None)):
            if source not in _kept and is_pipe(source):
                stack.enter_context(keep(source, stack.enter_context(_spooled(source))))
        yield


@contextmanager
def keep(source: str, content: Kept) -> Iterator[None]:
    """Inside, all readers take the source from where it is kept."""
    _kept[source] = content
    try:
        yield
    finally:
        del _kept[source]


@contextmanager
def _spooled(source: str) -> Iterator[Kept]:
    name = f"{source} (standard input)" if source == STANDARD_INPUT else source
    with ExitStack() as stack:
        try:
            file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="cpmi-"))
        except OSError as error:
            raise _refused(name, error) from error
        with _opened(source, name) as stream:
            digest = hashlib.sha256()
            num_bytes = 0
            while block := _next_block(stream, name):
                digest.update(block)
                num_bytes += len(block)
                try:
                    file.write(block)
                    file.flush()
                except OSError as error:
                    raise _refused(name, error) from error
        yield Kept(
            path=Path(file.name),
            name=name,
            stem=_stem(source),
            sha256=digest.hexdigest(),
            num_bytes=num_bytes,
        )


@contextmanager
def _opened(source: str, name: str) -> Iterator[BinaryIO]:
    if source == STANDARD_INPUT:
        stream = getattr(sys.stdin, "buffer", None)
        if stream is None or stream.closed:
            raise InputError("standard input is closed", where=name, hint="Pipe records in, or name a file.")
        yield stream
        return
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(Path(source).open("rb"))
        except OSError as error:
            raise InputError("the pipe cannot be opened", where=name, got=str(error)) from error
        yield opened


def _next_block(stream: BinaryIO, name: str) -> bytes:
    """The next bytes; none at the end only."""
    try:
        while (block := stream.read(_BLOCK_BYTES)) is None:  # a pipe that does not wait for its writer
            select.select([stream], [], [])
    except (OSError, ValueError) as error:
        raise InputError("the pipe cannot be read", where=name, got=str(error)) from error
    return block


def _stem(source: str) -> str:
    if source in (STANDARD_INPUT, "/dev/stdin"):
        return "stdin"
    # Numbers of descriptors differ from run to run, and ids must not.
    return "pipe" if source.startswith(_FOLDERS_OF_DESCRIPTORS) else Path(source).stem


def _refused(name: str, error: OSError) -> StorageError:
    return StorageError(
        "what comes through the pipe cannot be kept",
        where=name,
        got=f"{error.strerror or error}, in {tempfile.gettempdir()}",
        hint="Set TMPDIR to a folder with more room, or write the records to a file and name it.",
    )
