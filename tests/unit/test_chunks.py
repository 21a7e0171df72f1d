"""Units of work, the table of labels, and files that are absent, old or complete."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cpmi import storage
from cpmi.errors import ConfigError, RunError, StorageError
from cpmi.runs.chunks import Shard, cut
from cpmi.runs.table import TABLE_NAME, LabeledChain, encode, read_ids, read_labels, schema
from cpmi.runs.totals import Totals
from cpmi.storage import make_folder, remove_leftovers, replacing, write_json
from cpmi.types import Candidate, Chain, Origin, Rating, StepLabels
from cpmi.usage import Usage
from tests.chunk_reports import report

FULL = LabeledChain(
    chain=Chain(
        id="full",
        question="How many?\nSay ½ or 3√2.",
        steps=("one", "two"),
        gold="3",
        answer="4",
        ratings=(Rating.RIGHT, Rating.NOT_JUDGED),
        meta={"outcome": "right", "generator": "m"},
        source="chains.jsonl:3",
    ),
    labels=StepLabels(
        chain_id="full",
        method="tiny",
        values=(0.1 + 0.2, None),
        unit="nat",
        candidates=(Candidate(text="3", origin=Origin.GOLD), Candidate(text="4", origin=Origin.OWN)),
        candidate_values=((-1.0, -2.0, -1e-300), (-3.0, -4.0, -5.0)),
        parts={"gain": (0.5, -0.5), "prefix": (1.0, 2.0, 3.0)},
        marks={"mentions_gold": (True, False), "mentions_candidate": (True, True)},
        rejected_candidates={"undecided": 2, "same": 1},
        num_tokenization_mismatches=3,
        abstained={1: "no candidates"},
        usage=Usage(unshared_tokens=7, computed_tokens=5, generated_tokens=2),
    ),
)
BARE = LabeledChain(
    chain=Chain(id="bare", question="q", steps=("s",)),
    labels=StepLabels(chain_id="bare", method="tiny", values=(None,), unit="nat", abstained={0: "no gold"}),
)
COLUMNS = schema("tiny", ("gain", "prefix"))


@pytest.mark.parametrize("text", ["0/1", "2/3"])
def test_shards_are_written_as_they_are_read(text: str) -> None:
    assert str(Shard.parse(text)) == text


@pytest.mark.parametrize("text", ["", "1", "3/3", "-1/3", "a/b", "1/", "1/0"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(ConfigError, match="i/n"):
        Shard.parse(text)


def test_every_unit_belongs_to_one_shard() -> None:
    owners = [[i for i in range(3) if Shard(index=i, count=3).owns(unit)] for unit in range(7)]
    assert owners == [[0], [1], [2], [0], [1], [2], [0]]


def test_cut_is_lazy_and_loses_nothing() -> None:
    endless = iter(int, 1)
    assert next(cut(endless, 4)) == (0, [0, 0, 0, 0])
    assert list(cut(range(7), 3)) == [(0, [0, 1, 2]), (1, [3, 4, 5]), (2, [6])]
    assert list(cut([], 3)) == []


@pytest.mark.parametrize("part_names", [("gain", "prefix"), ("gain", "prefix", "unused")])
def test_rows_come_back_as_they_went(tmp_path: Path, part_names: tuple[str, ...]) -> None:
    (tmp_path / TABLE_NAME).write_bytes(encode([FULL, BARE], schema("tiny", part_names)))
    assert list(read_labels(tmp_path)) == [FULL, BARE]
    assert read_ids(tmp_path) == ["full", "bare"]


def test_the_table_has_the_columns_that_are_promised() -> None:
    file = pq.ParquetFile(io.BytesIO(encode([FULL, BARE], COLUMNS)))
    first, second = file.read().to_pylist()
    assert first["candidates"] == [{"text": "3", "origin": "gold"}, {"text": "4", "origin": "own"}]
    assert first["label"] == [0.1 + 0.2, None]
    assert first["abstained"] == [{"step": 1, "reason": "no candidates"}]
    assert first["rejected_candidates"] == [
        {"reason": "same", "count": 1},
        {"reason": "undecided", "count": 2},
    ]
    assert first["ratings"] == ["right", "not_judged"]
    assert second["ratings"] is None
    assert (first["unshared_tokens"], first["computed_tokens"], first["generated_tokens"]) == (7, 5, 2)
    assert "parts" not in schema("tiny", ()).names
    assert pq.ParquetFile(io.BytesIO(encode([BARE], schema("tiny", ())))).read().num_rows == 1


def test_columns_that_were_not_declared_are_refused() -> None:
    with pytest.raises(ValueError, match="prefix"):
        encode([FULL], schema("tiny", ("gain",)))


def test_what_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no labels.parquet"):
        read_ids(tmp_path)
    (tmp_path / TABLE_NAME).write_bytes(b"half a file")
    with pytest.raises(RunError, match="not a table"):
        next(read_labels(tmp_path))


def test_totals_add_up_and_price() -> None:
    totals = Totals.of([report(0), report(1, abstained={"no negatives": 1, "other": 4})])
    assert (totals.num_chunks, totals.num_records, totals.num_chains, totals.num_steps) == (2, 6, 4, 10)
    assert totals.abstained == {"no negatives": 3, "other": 4}
    assert totals.num_not_joined == 2
    assert totals.usage == Usage(calls=2, flops=20, wall_s=1.0, peak_bytes=100)
    assert totals.steps_per_s == 2.5
    assert totals.price_per_million_steps(9.0) == pytest.approx(9.0 * 1e6 / 2.5 / 3600)
    assert Totals.of([]).steps_per_s is None
    assert Totals.of([]).price_per_million_steps(9.0) is None


def disk_full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = tmp_path / "file.json"
    write_json(path, "old")
    monkeypatch.setattr(storage.os, call, disk_full)
    with pytest.raises(StorageError, match=r"disk is full.*run the same command again") as caught:
        write_json(path, "new")
    assert str(path) in str(caught.value)
    assert path.read_text() == '"old"\n'
    assert os.listdir(tmp_path) == ["file.json"]


def test_an_error_in_the_block_leaves_no_file(tmp_path: Path) -> None:
    def breaks() -> None:
        with replacing(tmp_path / "file") as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        breaks()
    assert os.listdir(tmp_path) == []


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(StorageError, match="another --out"):
        make_folder(tmp_path / "out")
    remove_leftovers(tmp_path)
    assert (tmp_path / "out").exists()
