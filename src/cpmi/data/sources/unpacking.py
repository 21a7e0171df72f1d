"""Decompress gzip and zstandard while reading; a file that breaks off gives all that comes before.

gzip is read by the standard library, zstandard by pyarrow.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_GZIP, _ZSTANDARD = "gzip", "zstandard"
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTANDARD_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE_FRAME = b"\x2a\x4d\x18"
"""Bytes 1 to 3 of a zstandard frame without content, as pzstd writes first; byte 0 is 0x50 to 0x5f."""


class DamagedError(Exception):
    """Compressed bytes break off (`truncated`) or are not what was written."""

    def __init__(self, message: str, *, truncated: bool) -> None:
        self.truncated = truncated
        super().__init__(message)


def compression_of(head: bytes) -> str | None:
    """What a file is compressed by, from its first bytes; None if it is not."""
    if head.startswith(_GZIP_MAGIC):
        return _GZIP
    skippable = len(head) >= 4 and 0x50 <= head[0] <= 0x5F and head[1:4] == _SKIPPABLE_FRAME
    return _ZSTANDARD if skippable or head.startswith(_ZSTANDARD_MAGIC) else None


def unpack(path: Path, compression: str) -> io.RawIOBase:
    """The content of a compressed file, all its members or frames one after the other."""
    return _Gzip(path) if compression == _GZIP else _Zstandard(path)


class _Unpacked(io.RawIOBase):
    """A stream over `read(size)`, which returns at least one byte before the end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._read_some(len(view))
        view[: len(data)] = data
        return len(data)

    def _read_some(self, size: int) -> bytes:
        raise NotImplementedError


class _Gzip(_Unpacked):
    def __init__(self, path: Path) -> None:
        self._file = gzip.GzipFile(path, "rb")

    def _read_some(self, size: int) -> bytes:
        try:
            return self._file.read1(size)
        except EOFError as error:
            raise DamagedError("the file ends before its end mark", truncated=True) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise DamagedError(str(error), truncated=False) from error

    def close(self) -> None:
        self._file.close()
        super().close()


class _Zstandard(_Unpacked):
    """pyarrow drops what a failing read had decompressed, so that part is read again byte by byte."""

    def __init__(self, path: Path) -> None:
        self._open = _zstandard_opener(path)
        self._stream = self._open()
        self._position = 0
        self._bytewise = False

    def _read_some(self, size: int) -> bytes:
        try:
            data: bytes = self._stream.read(1 if self._bytewise else size)
        except OSError as error:
            if self._bytewise:
                truncated = "truncated" in str(error).lower()
                raise DamagedError(str(error), truncated=truncated) from error
            self._rewind()
            return self._read_some(size)
        self._position += len(data)
        return data

    def _rewind(self) -> None:
        self._stream.close()
        self._stream = self._open()
        self._bytewise = True
        passed = 0
        while passed < self._position:
            passed += len(self._stream.read(min(1 << 16, self._position - passed)))

    def close(self) -> None:
        self._stream.close()
        super().close()


def _zstandard_opener(path: Path) -> Callable[[], Any]:
    # Imported here because most inputs are plain and pyarrow takes long to load.
    import pyarrow

    return lambda: pyarrow.input_stream(str(path), compression="zstd")
