"""The chunks of one run folder, from the first one to the result.

At work, finished chunks are in `work.jsonl` (see `cpmi.runs.chunk_file`), and what is sampled for the chunk
at work is in `journal-00007.jsonl`. When the result is written, `chunks.jsonl` keeps the reports, which say
what every chunk was made from, what it cost and how many rows of the result are its own; `work.jsonl` goes.
Work on a finished run, as with a greater limit, first writes `work.jsonl` again from both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cpmi.digests import digest_of_bytes, digest_of_file
from cpmi.errors import RunError
from cpmi.runs.chunk_file import ChunkFile, entry_line, expect_regular, write_entries
from cpmi.runs.chunks import ChunkReport
from cpmi.runs.folder import claim, expect_claimable
from cpmi.runs.journal import Journal
from cpmi.runs.manifest import FORMAT, Manifest, read_manifest
from cpmi.runs.results import REJECTS_NAME, RESULT_NAMES, USAGE_NAME, Results, result_name
from cpmi.runs.sealed_lines import sealed_line, unsealed_line
from cpmi.storage import refused, replacing, sync_folder

WORK_NAME, CHUNKS_NAME, JOURNAL_PATTERN = "work.jsonl", "chunks.jsonl", "journal-#.jsonl"
_OTHERS = (USAGE_NAME, REJECTS_NAME, CHUNKS_NAME, WORK_NAME, JOURNAL_PATTERN)
_RESULT = "result_sha256"
_HINT = "Restore it from a copy; or use another --out, or --overwrite, to make all chunks anew."


@contextmanager
def open_run(
    folder: Path, manifest: Manifest, results: Results, *, overwrite: bool = False
) -> Iterator[ChunkStore]:
    """Claim the folder of a run and give its chunks.

    Raises:
        RunError: as `cpmi.runs.folder.claim` and `ChunkStore`.
        StorageError: the disk refused.
    """
    name = result_name(manifest, folder=folder)
    with claim(folder, manifest, files=(name, *_OTHERS), overwrite=overwrite):
        store = ChunkStore(folder, result=name, results=results, fingerprint=manifest.fingerprint)
        try:
            yield store
        finally:
            store.close()


def expect_ready(folder: Path, stage: str, *, overwrite: bool) -> None:
    """Check, before a model is loaded, that a run of this stage may begin or continue in a folder.

    Raises:
        RunError: the folder holds files of somebody else, a run of another kind, or one whose result is lost.
        StorageError: a file cannot be read.
    """
    name = RESULT_NAMES[stage]
    expect_claimable(folder, (name, *_OTHERS))
    if not overwrite and (there := read_manifest(folder)) is not None and there.format == FORMAT:
        has_result(folder, folder / name)


class ChunkStore:
    """The chunks of a run folder; nothing is changed there before `save` or `finish`.

    Args:
        folder: the run folder.
        result: the name of the run's result.
        results: how rows of chunks become this file, and how they come out of it again.
        fingerprint: of the run; it is part of every report, so that chunks of two runs never mix.

    Attributes:
        result: path of the run's result.
        results: as given.
        is_finished: whether the chunks are those of a result that is written.

    Raises:
        RunError: the run was finished, and its result or `chunks.jsonl` is not there or has changed.
        StorageError: a file cannot be read.
    """

    def __init__(self, folder: Path, *, result: str, results: Results, fingerprint: str = "") -> None:
        self._folder = folder
        self.result = folder / result
        self.results = results
        self._fingerprint = fingerprint
        self.is_finished = has_result(folder, self.result)
        self._file = self._open()

    def finished(self, chunk_index: int) -> ChunkReport | None:
        """The report of a chunk if this run finished it, else None.

        Raises:
            RunError: another run made it.
            StorageError: it cannot be read.
        """
        if chunk_index not in self._file:
            return None
        report = self.report(chunk_index)
        if report.fingerprint != self._fingerprint:
            raise RunError(
                f"chunk {chunk_index} was made by another run",
                where=str(self._folder),
                hint="Use another --out, or --overwrite to begin anew.",
            )
        return report

    def finished_indices(self) -> list[int]:
        """The finished chunks, in order."""
        return self._file.indices()

    def report(self, chunk_index: int) -> ChunkReport:
        """The report of a finished chunk; a KeyError without one, other errors as `finished`."""
        return self._file.report(chunk_index)

    def rows(self, chunk_index: int) -> bytes:
        """The rows of a finished chunk of a run at work; errors as `report`."""
        return self._file.rows(chunk_index)

    def chunks(self) -> Iterator[tuple[ChunkReport, bytes]]:
        """All finished chunks with their rows, in order; errors as `finished`."""
        indices = self._file.indices()
        if not self.is_finished:
            yield from ((self._file.report(index), self._file.rows(index)) for index in indices)
            return
        counts = (self._file.report(index).num_chains for index in indices)
        for index, rows in zip(indices, self.results.split(self.result, counts), strict=True):
            yield replace(self._file.report(index), rows_sha256=digest_of_bytes(rows)), rows

    def journal(self, chunk_index: int) -> Journal:
        """What has been sampled for a chunk at work."""
        return Journal(self._folder / JOURNAL_PATTERN.replace("#", f"{chunk_index:05d}"))

    def save(self, report: ChunkReport, rows: bytes) -> None:
        """Store a finished chunk.

        Raises:
            StorageError: the disk refused. The chunk then counts as unfinished.
        """
        self.take_up()
        self._file.append(replace(report, fingerprint=self._fingerprint), rows)

    def take_up(self) -> None:
        """Begin to work, on a finished run again: its rows go from the result, which stays, to `work.jsonl`.

        Raises:
            StorageError: the disk refused; the run is then as before.
        """
        path = self._folder / WORK_NAME
        if self.is_finished:
            with replacing(path) as file:
                write_entries(file, self.chunks())
            self._remove(CHUNKS_NAME)
            self.is_finished = False
            self._file = self._open()
        elif not path.exists():
            self._file.begin()

    def finish(self, chunk_indices: Sequence[int]) -> None:
        """Keep the reports of the chunks whose rows, in this order, the result has.

        Raises:
            StorageError: the disk refused; the chunks stay as they are.
        """
        if not self.is_finished:
            self._file.close()
            head = {_RESULT: digest_of_file(self.result), "num_chunks": len(chunk_indices)}
            with replacing(self._folder / CHUNKS_NAME) as file:
                file.write(sealed_line(head))
                for chunk_index in chunk_indices:
                    file.write(entry_line(self._file.report(chunk_index), 0))
        self._remove(WORK_NAME)

    def close(self) -> None:
        """Flush to the disk what was saved; errors as `save`."""
        self._file.close()

    def _remove(self, name: str) -> None:
        try:
            (self._folder / name).unlink(missing_ok=True)
            sync_folder(self._folder)
        except OSError as error:
            raise refused(self._folder / name, error) from error

    def _open(self) -> ChunkFile:
        if self.is_finished:
            return ChunkFile(self._folder / CHUNKS_NAME, with_rows=False)
        return ChunkFile(self._folder / WORK_NAME)


def has_result(folder: Path, result: Path) -> bool:
    """Whether the run in a folder is finished, and its result is what was written.

    Raises:
        RunError: it was finished, and its result or `chunks.jsonl` is not there or has changed.
        StorageError: a file cannot be read.
    """
    path = folder / CHUNKS_NAME
    for name in (path, result):
        expect_regular(name)
    try:
        with path.open("rb") as file:
            facts = unsealed_line(file.readline())
    except FileNotFoundError:
        if result.exists() and not (folder / WORK_NAME).exists():
            raise _lost(path, "is not there, though the result is") from None
        return False
    except OSError as error:
        raise refused(path, error) from error
    chunks = ChunkFile(path, with_rows=False)
    if facts is None or facts.get("num_chunks") != len(chunks.indices()) or chunks.num_passed_over != 1:
        raise _lost(path, "has changed since it was written")
    if not result.exists():
        raise _lost(result, "is not there, though the run was finished")
    try:
        found = digest_of_file(result)
    except OSError as error:
        raise refused(result, error) from error
    if found != facts[_RESULT]:
        raise _lost(result, "has changed since it was written")
    return True


def _lost(path: Path, what: str) -> RunError:
    return RunError(f"the file {what}", where=str(path), hint=_HINT)


def num_finished(folder: Path) -> int:
    """Chunks that are finished in a run folder, whatever became of its result; errors as `ChunkFile`."""
    of_result, at_work = ChunkFile(folder / CHUNKS_NAME, with_rows=False), ChunkFile(folder / WORK_NAME)
    return max(len(of_result.indices()), len(at_work.indices()))
