"""Finished chunks: one file that grows, then reports beside the result, and back."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from cpmi.digests import digest_of_bytes
from cpmi.errors import RunError
from cpmi.runs.chunk_file import ChunkFile
from cpmi.runs.chunk_store import CHUNKS_NAME, WORK_NAME, ChunkStore, num_finished
from cpmi.runs.results import ChainLines, ParquetTable, row_lines
from cpmi.runs.sealed_lines import sealed_line, unsealed_line
from cpmi.runs.table import TABLE_NAME, label_rows, read_labels, schema
from tests.chunk_reports import report
from tests.unit.test_chunks import BARE, COLUMNS, FULL

RESULT = "chains.jsonl"


def opened(folder: Path) -> ChunkStore:
    return ChunkStore(folder, result=RESULT, results=ChainLines())


def rows(index: int) -> bytes:
    return "".join(f'{{"chain": "{index}.{number} \u00bd"}}\n' for number in range(2)).encode()


def finish(store: ChunkStore, folder: Path, indices: range) -> None:
    (folder / RESULT).write_bytes(b"".join(map(rows, indices)))
    store.finish(indices)


def test_a_sealed_line_is_json_and_its_own_witness() -> None:
    facts = {"a": 0.1 + 0.2, "b": ["\u2028", None], "c": {"sha256": "x"}}
    line = sealed_line(facts)
    assert unsealed_line(line) == facts
    assert json.loads(line) == {**facts, "sha256": digest_of_bytes(line[: line.rindex(b', "sha256"')])}
    for place in range(len(line)):
        changed = bytearray(line)
        changed[place] ^= 1
        assert unsealed_line(bytes(changed)) is None
        assert unsealed_line(line[:place]) is None


def test_a_chunk_comes_back(tmp_path: Path) -> None:
    store = opened(tmp_path)
    assert store.finished(7) is None
    store.save(report(7, rows(7)), rows(7))
    rare = {"missing_parts": {"gain (r)": 2}, "final_answers": {"same": 1}, "num_cut_off": 3}
    store.save(report(2, rows(2), **rare, num_timed_out=4), rows(2))
    for again in (store, opened(tmp_path)):
        assert again.finished_indices() == [2, 7]
        assert again.finished(7) == report(7, rows(7))
        assert again.finished(2) == report(2, rows(2), **rare, num_timed_out=4)
        assert (again.rows(7), again.rows(2)) == (rows(7), rows(2))
    assert [path.name for path in tmp_path.iterdir()] == [WORK_NAME]


def test_of_two_entries_the_later_one_counts(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for content in (b"first\n", b"second\n"):
        store.save(report(0, content), content)
    assert opened(tmp_path).rows(0) == store.rows(0) == b"second\n"


@pytest.mark.parametrize("seed", range(20))
def test_what_is_torn_or_changed_is_not_finished_and_nothing_else(tmp_path: Path, seed: int) -> None:
    draw, store = random.Random(seed), opened(tmp_path)
    ends = [0]
    for index in range(4):
        store.save(report(index, rows(index)), rows(index))
        ends.append((tmp_path / WORK_NAME).stat().st_size)
    store.close()
    content = bytearray((tmp_path / WORK_NAME).read_bytes())
    place = draw.randrange(len(content))
    hit = next(index for index in range(4) if place < ends[index + 1])
    content[place] ^= 1 << draw.randrange(8)
    (tmp_path / WORK_NAME).write_bytes(content)
    assert opened(tmp_path).finished_indices() == [index for index in range(4) if index != hit]

    (tmp_path / WORK_NAME).write_bytes(content[:place])
    torn = opened(tmp_path)
    assert torn.finished_indices() == list(range(hit))
    torn.save(report(9, rows(9)), rows(9))
    assert opened(tmp_path).finished_indices() == [*range(hit), 9]
    assert (tmp_path / WORK_NAME).read_bytes()[: ends[hit]] == content[: ends[hit]]


def test_rows_that_look_like_an_entry_are_rows(tmp_path: Path) -> None:
    ChunkFile(tmp_path / "other").append(report(5, rows(5)), rows(5))
    inner = (tmp_path / "other").read_bytes()
    store = opened(tmp_path)
    store.save(report(0, inner), inner)
    assert opened(tmp_path).finished_indices() == [0]


def test_a_finished_run_keeps_reports_and_can_be_taken_up(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for index in (1, 0, 2):
        store.save(report(index, rows(index)), rows(index))
    finish(store, tmp_path, range(3))
    assert sorted(path.name for path in tmp_path.iterdir()) == [RESULT, CHUNKS_NAME]
    again = opened(tmp_path)
    assert again.is_finished
    assert again.finished(1) == report(1, rows(1))
    assert list(again.chunks()) == [(report(index, rows(index)), rows(index)) for index in range(3)]
    again.save(report(3, rows(3)), rows(3))
    assert sorted(path.name for path in tmp_path.iterdir()) == [RESULT, WORK_NAME]
    assert [opened(tmp_path).rows(index) for index in range(4)] == [rows(index) for index in range(4)]
    finish(again, tmp_path, range(4))
    assert num_finished(tmp_path) == 4
    assert opened(tmp_path).finished_indices() == [0, 1, 2, 3]


def test_a_kill_between_two_files_loses_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.save(report(0, rows(0)), rows(0))
    work = (tmp_path / WORK_NAME).read_bytes()
    (tmp_path / RESULT).write_bytes(rows(0))
    assert not opened(tmp_path).is_finished  # the result alone was written
    store.finish([0])
    (tmp_path / WORK_NAME).write_bytes(work)  # not yet removed, or already taken up
    found = opened(tmp_path)
    assert found.is_finished
    found.finish([0])
    assert not (tmp_path / WORK_NAME).exists()


def test_an_empty_run_is_finished(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.take_up()
    finish(store, tmp_path, range(0))
    assert opened(tmp_path).is_finished
    assert list(opened(tmp_path).chunks()) == []


@pytest.mark.parametrize("kept", [lambda lines: lines[1:], lambda lines: lines[:-1], lambda lines: lines * 2])
def test_reports_that_lost_or_gained_lines_are_refused(
    tmp_path: Path, kept: Callable[[list[bytes]], list[bytes]]
) -> None:
    store = opened(tmp_path)
    for index in range(3):
        store.save(report(index, rows(index)), rows(index))
    finish(store, tmp_path, range(3))
    path = tmp_path / CHUNKS_NAME
    path.write_bytes(b"".join(kept(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(RunError, match=r"chunks\.jsonl: the file has changed"):
        opened(tmp_path)


@pytest.mark.parametrize("name", [RESULT, CHUNKS_NAME, WORK_NAME])
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_a_folder_or_a_pipe_in_the_place_of_a_file_is_refused(
    tmp_path: Path, name: str, make: Callable[[Path], None]
) -> None:
    make(tmp_path / name)
    with pytest.raises(RunError, match=f"{name}: not a file"):
        opened(tmp_path)


def test_a_result_without_its_reports_is_refused(tmp_path: Path) -> None:
    (tmp_path / RESULT).write_bytes(rows(0))
    with pytest.raises(RunError, match=r"chunks\.jsonl: the file is not there.*--overwrite"):
        opened(tmp_path)


def test_rows_of_a_table_come_out_as_they_went_in(tmp_path: Path) -> None:
    table, rows = ParquetTable(COLUMNS), label_rows([FULL, BARE, FULL], COLUMNS)
    parts = [row_lines(rows[:2]), b"", row_lines(rows[2:])]
    with (tmp_path / TABLE_NAME).open("wb") as file:
        table.join(parts, file)
    assert list(read_labels(tmp_path)) == [FULL, BARE, FULL]
    split = list(table.split(tmp_path / TABLE_NAME, [2, 0, 1]))
    with (tmp_path / "again").open("wb") as file:
        table.join(split, file)
    assert (tmp_path / "again").read_bytes() == (tmp_path / TABLE_NAME).read_bytes()
    assert split == parts


def test_a_number_that_is_not_finite_is_no_row() -> None:
    rows = label_rows([FULL], schema("tiny", ("gain", "prefix")))
    rows[0]["label"] = [float("nan")]
    with pytest.raises(ValueError, match="not JSON compliant"):
        row_lines(rows)
