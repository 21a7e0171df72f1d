"""A file of finished chunks, which only grows: a chunk is a line that announces it, and its rows.

    {"chunk": {report}, "num_bytes": 812, "sha256": "…"}
    … 812 bytes of rows, whole lines; their digest is in the report

What is torn by a kill, or has changed, is passed over; of two entries of a chunk the later one counts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cpmi.digests import digest_of_bytes
from cpmi.errors import RunError
from cpmi.runs.chunks import ChunkReport
from cpmi.runs.sealed_lines import sealed_line, unsealed_line
from cpmi.storage import refused, sync_folder

SYNC_AFTER_S = 1.0
"""Seconds of work that a power cut may cost; a kill costs nothing that was appended."""

_BEGIN = b'{"chunk": '


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entry is: the offset of its line, that of its rows, and their number of bytes."""

    line: int
    rows: int
    num_bytes: int


class ChunkFile:
    """The chunks in a file, by their index.

    Args:
        path: of the file; it need not exist.
        with_rows: whether the rows are in it, or reports alone.

    Attributes:
        num_passed_over: lines that begin no whole entry.

    Raises:
        RunError: it is a folder or a device.
        StorageError: it cannot be read.
    """

    def __init__(self, path: Path, *, with_rows: bool = True) -> None:
        self._path = path
        self._with_rows = with_rows
        self._places: dict[int, _Place] = {}
        self._end = 0
        self.num_passed_over = 0
        self._appending: BinaryIO | None = None
        self._last_sync_s = time.monotonic()
        self._scan()

    def __contains__(self, chunk_index: int) -> bool:
        return chunk_index in self._places

    def indices(self) -> list[int]:
        """The chunks in the file, in order."""
        return sorted(self._places)

    def report(self, chunk_index: int) -> ChunkReport:
        """Of a chunk that is in the file.

        Raises:
            RunError: the file has changed since it was opened.
            StorageError: it cannot be read.
        """
        place = self._places[chunk_index]
        facts = unsealed_line(self._bytes(place.line, place.rows - place.line))
        if facts is None:
            raise self._changed(chunk_index)
        return ChunkReport.from_facts(facts["chunk"])

    def rows(self, chunk_index: int) -> bytes:
        """Of a chunk that is in the file; errors as `report`."""
        place = self._places[chunk_index]
        rows = self._bytes(place.rows, place.num_bytes)
        if digest_of_bytes(rows) != self.report(chunk_index).rows_sha256:
            raise self._changed(chunk_index)
        return rows

    def append(self, report: ChunkReport, rows: bytes) -> None:
        """Add a chunk.

        Raises:
            StorageError: the disk refused; the chunk is then not in the file.
        """
        line = entry_line(report, len(rows))
        try:
            file = self._appending or self._begin()
            file.write(line + rows)
            file.flush()
            now_s = time.monotonic()
            if now_s - self._last_sync_s >= SYNC_AFTER_S:
                os.fsync(file.fileno())
                self._last_sync_s = now_s
        except OSError as error:
            self._abandon()
            raise refused(self._path, error) from error
        start = self._end
        self._end = start + len(line) + len(rows)
        self._places[report.chunk_index] = _Place(start, start + len(line), len(rows))

    def close(self) -> None:
        """Flush to the disk what was appended.

        Raises:
            StorageError: the disk refused.
        """
        if self._appending is None:
            return
        try:
            os.fsync(self._appending.fileno())
            self._appending.close()
        except OSError as error:
            raise refused(self._path, error) from error
        finally:
            self._abandon()

    def begin(self) -> None:
        """Open the file to be written behind its last whole entry; it exists then.

        Raises:
            StorageError: the disk refused.
        """
        try:
            self._begin()
        except OSError as error:
            self._abandon()
            raise refused(self._path, error) from error

    def _begin(self) -> BinaryIO:
        new = not self._path.exists()
        self._appending = self._path.open("ab")
        self._appending.truncate(self._end)
        if new:
            sync_folder(self._path.parent)
        return self._appending

    def _abandon(self) -> None:
        """Let go of the file; what could not be written is cut off by whoever writes next."""
        if self._appending is not None:
            with suppress(OSError):  # the error that brought us here is raised
                self._appending.close()
        self._appending = None

    def _bytes(self, start: int, length: int) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                return file.read(length)
        except OSError as error:
            raise refused(self._path, error) from error

    def _scan(self) -> None:
        """Find the whole entries."""
        expect_regular(self._path)
        try:
            with self._path.open("rb") as file:
                start = 0
                while line := file.readline():
                    end = self._entry(file, line, start)
                    if end is None:
                        end = start + len(line)
                        self.num_passed_over += 1
                    else:
                        self._end = end
                    file.seek(end)
                    start = end
        except FileNotFoundError:
            return
        except OSError as error:
            raise refused(self._path, error) from error

    def _entry(self, file: BinaryIO, line: bytes, start: int) -> int | None:
        """The offset behind the entry that the line begins; None if it begins none that is whole."""
        facts = unsealed_line(line) if line.startswith(_BEGIN) else None
        if facts is None:
            return None
        report, num_bytes = facts["chunk"], int(facts["num_bytes"])
        if self._with_rows and digest_of_bytes(file.read(num_bytes)) != report["rows_sha256"]:
            return None
        begin = start + len(line)
        self._places[report["chunk_index"]] = _Place(start, begin, num_bytes)
        return begin + num_bytes

    def _changed(self, chunk_index: int) -> RunError:
        return RunError(
            f"chunk {chunk_index} has changed since the file was opened",
            where=str(self._path),
            hint="Run the same command again: the chunk is then made anew.",
        )


def expect_regular(path: Path) -> None:
    """Refuse what is there and no file: a folder, a pipe that nobody writes, a device without an end.

    Raises:
        RunError: it is.
    """
    if os.path.lexists(path) and not path.is_file():
        raise RunError(
            "not a file", where=str(path), hint="Use another --out, or remove it: no run of cpmi wrote it."
        )


def entry_line(report: ChunkReport, num_bytes: int) -> bytes:
    """The line that announces a chunk and its rows."""
    return sealed_line({"chunk": report.to_facts(), "num_bytes": num_bytes})


def write_entries(file: BinaryIO, chunks: Iterable[tuple[ChunkReport, bytes]]) -> None:
    """Write chunks as a new file has them."""
    for report, rows in chunks:
        file.write(entry_line(report, len(rows)))
        file.write(rows)
