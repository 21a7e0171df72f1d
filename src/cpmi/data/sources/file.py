"""One file of a source: where it is, how messages call it, and its unpacked content."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path, PurePath

from cpmi.data.record import SKIP_HINT, RawRecord
from cpmi.data.sources.unpacking import DamagedError, compression_of, unpack
from cpmi.errors import InputError, RecordError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEAD_BYTES = 1 << 16
_BUFFER_BYTES = 1 << 16
_PACKED_ENDINGS = frozenset({".gz", ".gzip", ".zst", ".zstd"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that is opened as often as needed.

    Attributes:
        path: what is opened.
        name: what messages call it.
        stem: for the ids of its records.
        compression: "gzip", "zstandard" or None, by its first bytes.
    """

    path: Path
    name: str
    stem: str
    compression: str | None = None

    @classmethod
    def at(cls, path: Path, *, name: str | None = None, stem: str | None = None) -> SourceFile:
        """The file at `path`, with its compression found.

        Raises:
            InputError: it cannot be opened.
        """
        name = str(path) if name is None else name
        try:
            with path.open("rb") as file:
                compression = compression_of(file.read(4))
        except OSError as error:
            raise _unreadable(name, error) from error
        stem = stem_of(path.name, packed=compression is not None) if stem is None else stem
        return cls(path=path, name=name, stem=stem, compression=compression)

    def open(self) -> io.BufferedReader:
        """The unpacked bytes from the start; reading them raises DamagedError where a packed file is broken.

        Raises:
            InputError: it cannot be opened.
        """
        try:
            if self.compression is None:
                return self.path.open("rb")
            return io.BufferedReader(unpack(self.path, self.compression), _BUFFER_BYTES)
        except OSError as error:
            raise _unreadable(self.name, error) from error

    def head(self) -> bytes:
        """The first 64 KiB of content, less where it ends or breaks before.

        Raises:
            InputError: it cannot be read, or is broken before its first byte of content.
        """
        head = b""
        with self.open() as stream:
            try:
                while len(head) < _HEAD_BYTES and (more := stream.read1(_HEAD_BYTES)):
                    head += more
            except DamagedError as error:
                if not head:
                    raise self.damaged(error, "before the first record") from error
        if self.compression is not None and compression_of(head) is not None:
            raise InputError(
                "the file is compressed twice",
                where=self.name,
                got=f"{compression_of(head)} inside {self.compression}",
                expected="records, compressed once at most",
                hint="Decompress it once.",
            )
        return head[:_HEAD_BYTES]

    def damaged(self, error: DamagedError, place: str) -> InputError:
        """The error that says where a packed file breaks off."""
        return InputError(
            "the compressed file is cut off" if error.truncated else "the compressed file is damaged",
            where=self.name,
            got=f"{error}, {place}",
            expected=f"one whole {self.compression} file",
            hint="Fetch or write it again; to go on without the rest, decompress what is there to a file.",
        )

    def record(self, value: object, index: int, where: str) -> RawRecord | RecordError:
        """A value that was read as a record, if it is an object.

        Args:
            value: as it was parsed.
            index: position among the records of this file, from 0; bad ones count.
            where: for messages.
        """
        if isinstance(value, dict):
            return RawRecord(fields=value, index=index, stem=self.stem, source=where)
        return RecordError(
            "the record is not an object",
            where=where,
            got=type(value).__name__,
            expected="a JSON object with named fields",
            hint=SKIP_HINT,
        )

    def repeated(self, name: str, where: str) -> RecordError:
        """The error of a record in which an object has a name twice."""
        return RecordError(
            "the record has a field twice",
            where=where,
            got=f"{name!r:.80} twice in one object",
            expected="every name once, since JSON does not say which value counts",
            hint=SKIP_HINT,
        )


def stem_of(name: str, *, packed: bool) -> str:
    """A file's name without its ending, and without that of its compression before."""
    path = PurePath(name)
    if packed and path.suffix.lower() in _PACKED_ENDINGS:
        path = path.with_suffix("")
    return path.stem


def _unreadable(name: str, error: OSError) -> InputError:
    return InputError("the file cannot be opened", where=name, got=error.strerror or str(error))
