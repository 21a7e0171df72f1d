"""Data sets of the `datasets` library: splits, revisions, values, rows that it cannot decode."""

import datetime
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cpmi.data.record import RawRecord
from cpmi.data.records import expect_present, read_records
from cpmi.data.sources.datasets_library import HubName, rows_of
from cpmi.errors import InputError, RecordError
from cpmi.runs.checksum import checksum

ROWS = [{"q": "a"}, {"q": "b"}]


def fields(source: str | Path) -> list[object]:
    return [record.fields for record in read_records(source) if isinstance(record, RawRecord)]


def test_the_names_of_the_hub() -> None:
    assert HubName.parse("hf://o/n") == HubName("o/n", None, None, None)
    assert HubName.parse("hf://o/n/c:s@r/1") == HubName("o/n", "c", "s", "r/1")
    assert HubName.parse("hf://o/n:train[:10%]@v1.0") == HubName("o/n", None, "train[:10%]", "v1.0")
    stems = ["hf://o/n", "hf://o/n@r", "hf://o/n/c", "hf://o/n:s@r", "hf://o/n/c:s"]
    assert [HubName.parse(name).stem for name in stems] == ["n", "n", "c", "n-s", "c-s"]
    for name in ("hf://n", "hf://o/", "hf://o/n@", "hf://o/n:", "hf://o/n:@r", "hf://o/n/c/d", "hf://"):
        with pytest.raises(InputError, match=r"expected hf://OWNER/NAME\[/CONFIG\]\[:SPLIT\]\[@REVISION\]"):
            HubName.parse(name)


def test_a_former_split_is_no_revision_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load_dataset(name: str, config: str | None, *, split: str | None, revision: str | None) -> object:
        asked.append((name, config, split, revision))
        if revision == "train":
            raise FileNotFoundError(f"Revision {revision!r} doesn't exist for dataset {name!r} on the Hub.")
        return {"train": ROWS} if split is None else ROWS

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    with pytest.raises(InputError, match="if 'train' is a split, write hf://o/n/c:train"):
        read_records("hf://o/n/c@train")
    with pytest.raises(InputError, match="cannot be loaded") as caught:
        read_records("hf://o/n:test@train")
    assert caught.value.hint is None
    assert fields("hf://o/n") == fields("hf://o/n:train@v1") == ROWS
    assert asked == [
        ("o/n", "c", None, "train"),
        ("o/n", None, "test", "train"),
        ("o/n", None, None, None),
        ("o/n", None, "train", "v1"),
    ]


def test_the_splits_of_a_saved_folder(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the optional package 'datasets' is not installed")
    train, test = datasets.Dataset.from_list(ROWS), datasets.Dataset.from_list(ROWS[:1])
    datasets.DatasetDict(train=train, test=test).save_to_disk(str(tmp_path / "both"))
    datasets.Dataset.from_list(ROWS, split="train").save_to_disk(str(tmp_path / "one"))
    assert fields(f"{tmp_path}/both:train") == ROWS
    assert fields(f"{tmp_path}/both:test") == fields(tmp_path / "both" / "test") == ROWS[:1]
    assert fields(f"{tmp_path}/one:train") == fields(tmp_path / "one") == ROWS
    with pytest.raises(InputError, match=r"no such split \(got 'valid'; expected one of train, test"):
        read_records(f"{tmp_path}/both:valid")
    with pytest.raises(InputError, match=r"no such split \(got 'test'; expected one of train"):
        read_records(f"{tmp_path}/one:test")
    with pytest.raises(InputError, match="there is no such file or folder"):
        expect_present(f"{tmp_path}:train")
    (record,) = read_records(f"{tmp_path}/both:test")
    assert isinstance(record, RawRecord)
    assert (record.stem, record.source) == ("test", f"{tmp_path}/both:test, row 0 (from 0)")
    sums = [checksum(f"{tmp_path}/both:{split}") for split in ("train", "test", "train")]
    assert sums[0] == sums[2] != sums[1]
    assert None not in sums


def test_values_are_those_of_json(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the optional package 'datasets' is not installed")
    rows = [{"when": datetime.datetime(2026, 1, 2), "data": b"1"}, {"when": None, "data": None}]
    datasets.Dataset.from_list(rows).save_to_disk(str(tmp_path / "rows"))
    odd, good = read_records(tmp_path / "rows")
    assert isinstance(odd, RawRecord)
    assert repr(odd.fields) == "{'when': '2026-01-02T00:00:00', 'data': <bytes>}"
    assert isinstance(good, RawRecord)
    assert good.fields == {"when": None, "data": None}
    datasets.Dataset.from_list(rows).remove_columns("data").save_to_disk(str(tmp_path / "dates"))
    assert fields(tmp_path / "dates") == [{"when": "2026-01-02T00:00:00"}, {"when": None}]


def test_rows_behind_one_that_cannot_be_decoded(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the optional package 'datasets' is not installed")
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"when": pyarrow.array([1, 10**15, 2, 10**15, 3], pyarrow.timestamp("s"))})
    rows = datasets.Dataset(table)
    assert [isinstance(row, Exception) for row in rows_of(rows)] == [False, True, False, True, False]
    rows.save_to_disk(str(tmp_path / "rows"))
    found = list(read_records(tmp_path / "rows"))
    assert [type(record) for record in found] == [RawRecord, RecordError] * 2 + [RawRecord]
    assert "row 1 (from 0): the row cannot be decoded (got " in str(found[1])
