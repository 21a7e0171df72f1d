"""The journal of a chunk at work: what was sampled for it so far, so that a kill costs one batch at most.

Samples are by far the dearest replies, and a chunk may need hours of them. So every batch of them is appended
to `journal-00007.jsonl` and flushed to the disk before the work goes on. A chunk that is taken up
again asks the same batches in the same order, for all it asks follows from its records and the replies
before; as far as the journal reaches, they are answered from it. Trees are scored again: they cost little.

A line is one batch: the digest of its requests, the replies with their usage, and a digest of all this (see
`cpmi.runs.sealed_lines`). A line that has changed since ends the use of the journal.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cpmi.digests import digest_of_bytes
from cpmi.requests import SampleRequest, Samples
from cpmi.runs.sealed_lines import sealed_line, unsealed_line
from cpmi.storage import refused, sync_folder
from cpmi.usage import Usage

Ask = Callable[[Sequence[SampleRequest]], list[Samples]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One batch of the journal; `end` is the offset of the byte after its line."""

    digest: str
    replies: tuple[Samples, ...]
    end: int


class Journal:
    """Answers batches from a file as long as they are the ones that are there, then writes it on.

    Nothing is read before the first batch, and a chunk that samples nothing leaves no file.

    Args:
        path: of the file; it need not exist.

    Attributes:
        replayed_s: seconds that the engine spent in an earlier session on what was taken from the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: list[_Entry] | None = None
        self._place = 0
        self.replayed_s = 0.0

    def sample(self, batch: Sequence[SampleRequest], ask: Ask) -> list[Samples]:
        """The replies to a batch: from the file if it is there at this place, else by asking.

        A batch that is not there ends the use of the file: it and all that follows is asked for anew, and
        what was there is cut off.

        Raises:
            StorageError: the disk refused.
        """
        if self._entries is None:
            self._entries = _read(self._path)
        digest = _digest(batch)
        if self._place < len(self._entries) and self._entries[self._place].digest == digest:
            replies = self._entries[self._place].replies
            self.replayed_s += sum(reply.usage.wall_s for reply in replies)
            self._place += 1
            return list(replies)
        replies = tuple(ask(batch))
        end = _append(self._path, self._entries[self._place - 1].end if self._place else 0, digest, replies)
        del self._entries[self._place :]
        self._entries.append(_Entry(digest=digest, replies=replies, end=end))
        self._place += 1
        return list(replies)

    def remove(self) -> None:
        """Remove the file, if there is one: the chunk is finished.

        Raises:
            StorageError: the disk refused.
        """
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise refused(self._path, error) from error


def _digest(batch: Sequence[SampleRequest]) -> str:
    """Of all fields of all requests, in their order. A field that is added later is in it as well."""
    return digest_of_bytes(repr(tuple(batch)).encode())


def _append(path: Path, start: int, digest: str, replies: Sequence[Samples]) -> int:
    """Write a line at offset `start`, in the place of all that stands from there on; the new end."""
    line = sealed_line({"digest": digest, "replies": [asdict(reply) for reply in replies]})
    try:
        new = not path.exists()
        with path.open("ab") as file:
            file.truncate(start)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if new:
            sync_folder(path.parent)
    except OSError as error:
        raise refused(path, error) from error
    return start + len(line)


def _read(path: Path) -> list[_Entry]:
    """The batches that are in the file, up to the first line that is torn or no such line.

    Raises:
        StorageError: the file cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise refused(path, error) from error
    entries: list[_Entry] = []
    end = 0
    for line in lines:
        end += len(line)
        if (facts := unsealed_line(line)) is None:
            break
        replies = tuple(map(_samples, facts["replies"]))
        entries.append(_Entry(digest=facts["digest"], replies=replies, end=end))
    return entries


def _samples(facts: dict[str, Any]) -> Samples:
    return Samples(texts=tuple(facts["texts"]), finish=tuple(facts["finish"]), usage=Usage(**facts["usage"]))
