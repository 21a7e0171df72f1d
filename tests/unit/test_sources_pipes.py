"""Standard input and named pipes: read once, in order, to their end; kept while a run needs them."""

import gzip
import hashlib
import io
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from cpmi.data import read_chains, read_gold, read_problems
from cpmi.data.record import RawRecord
from cpmi.data.records import expect_present, read_records
from cpmi.data.sources.pipes import at_rest, is_pipe, kept
from cpmi.errors import InputError, RecordError, StorageError
from cpmi.runs.checksum import checksum
from cpmi.types import Chain, Problem

LINE = (
    json.dumps({"question": "wie viele Äpfel?", "steps": ["s"], "gold": "1"}, ensure_ascii=False).encode()
    + b"\n"
)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of temporary files; it has to be empty at the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[Callable[[Sequence[bytes]], Path]]:
    """Makes a named pipe that is given the blocks one by one, and closed."""
    threads = []

    def make(blocks: Sequence[bytes]) -> Path:
        path = tmp_path / f"pipe{len(threads)}.jsonl"
        os.mkfifo(path)

        def write() -> None:
            with path.open("wb", buffering=0) as stream:
                for block in blocks:
                    stream.write(block)
                    time.sleep(0.002)

        threads.append(threading.Thread(target=write))
        threads[-1].start()
        return path

    yield make
    for thread in threads:
        thread.join()


class Pipe(io.RawIOBase):
    """Standard input that gives the blocks one by one and cannot be sought."""

    def __init__(self, blocks: Sequence[bytes]) -> None:
        self._blocks = [block for block in blocks if block]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if not self._blocks:
            return 0
        block = self._blocks.pop(0)
        buffer[: len(block)] = block
        return len(block)


def give(monkeypatch: pytest.MonkeyPatch, *blocks: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Pipe(blocks), 16)))


@pytest.mark.parametrize("size", [1, 7, len(LINE) - 1, len(LINE), len(LINE) + 1, 10 * len(LINE)])
def test_blocks_may_end_anywhere(
    fifo: Callable[[Sequence[bytes]], Path], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    content = LINE * 3
    blocks = [content[start : start + size] for start in range(0, len(content), size)]
    path = fifo(blocks)
    found = list(read_records(path))
    assert [record.index for record in found if isinstance(record, RawRecord)] == [0, 1, 2]
    assert isinstance(found[2], RawRecord)
    assert (found[2].stem, found[2].source) == ("pipe0", f"{path}:3")
    give(monkeypatch, *blocks)
    first, second, third = read_chains("-")
    assert isinstance(first, Chain)
    assert isinstance(second, Chain)
    assert isinstance(third, Chain)
    assert (third.id, third.source, third.question) == ("stdin-2", "- (standard input):3", "wie viele Äpfel?")


def test_every_kind_comes_through_a_pipe(fifo: Callable[[Sequence[bytes]], Path], tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"n": ["1"]}), tmp_path / "a")
    for content in (
        b'[{"n": "1"}]',
        b"n,m\n1,\n",
        gzip.compress(b'{"n": "1"}\n'),
        (tmp_path / "a").read_bytes(),
    ):
        (record,) = read_records(fifo([content]))
        assert isinstance(record, RawRecord)
        assert record.fields["n"] == "1"


def test_problems_and_golds_read_a_pipe_once(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, b"{\n" + LINE)
    bad, good = read_problems("-")
    assert isinstance(bad, RecordError)
    assert isinstance(good, Problem)
    assert good.gold == "1"
    give(monkeypatch, LINE)
    assert read_gold("-").golds == {"wie viele Äpfel?": "1"}


def test_nothing_and_half_a_line(
    monkeypatch: pytest.MonkeyPatch, fifo: Callable[[Sequence[bytes]], Path]
) -> None:
    give(monkeypatch)
    with pytest.raises(InputError, match=r"^- \(standard input\): the file is empty"):
        read_records("-")
    with pytest.raises(InputError, match="the file is empty"):
        read_records(fifo([]))
    good, bad = read_records(fifo([LINE, LINE[:9]]))
    assert isinstance(good, RawRecord)
    assert isinstance(bad, RecordError)
    assert bad.what == "the last line is cut off"


def test_at_rest_it_is_read_as_often_as_wanted(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    give(monkeypatch, LINE * 2)
    assert is_pipe("-")
    assert checksum("-") is None
    with at_rest("-", None, str(temporary)), at_rest("-"):
        for _ in range(2):
            assert len(list(read_chains("-"))) == 2
        found = checksum("-")
        assert found is not None
        assert (found.sha256, found.num_bytes) == (hashlib.sha256(LINE * 2).hexdigest(), 2 * len(LINE))
        assert kept("-") is not None
        assert len(list(temporary.iterdir())) == 1
    assert kept("-") is None


def test_what_is_kept_goes_when_reading_stops(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    give(monkeypatch, LINE * 2)
    with closing(read_records("-")) as records:  # type: ignore[type-var]
        next(records)
        assert len(list(temporary.iterdir())) == 1
    assert kept("-") is None
    give(monkeypatch, LINE)
    del records
    records = read_records("-")  # never begun
    del records
    assert kept("-") is None


def test_what_cannot_be_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give(monkeypatch, LINE)
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
        with pytest.raises(StorageError, match=r"^- \(standard input\): what .* cannot be kept .*Set TMPDIR"):
            read_records("-")
    assert kept("-") is None
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        read_records("-")


def test_a_pipe_is_present_without_a_look(tmp_path: Path) -> None:
    expect_present("-")
    os.mkfifo(tmp_path / "pipe")
    expect_present(tmp_path / "pipe")
    assert is_pipe(tmp_path / "pipe")
    assert not is_pipe(tmp_path)
    assert not is_pipe(tmp_path / "absent")
