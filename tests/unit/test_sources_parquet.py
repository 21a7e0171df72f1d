"""Parquet: values as JSON has them, decoded Json columns of `datasets`, bad rows as errors in their place."""

import datetime
import decimal
import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from cpmi.data import read_chains
from cpmi.data.record import RawRecord
from cpmi.data.records import read_records
from cpmi.errors import InputError, RecordError


def write(path: Path, table: pyarrow.Table) -> Path:
    pyarrow.parquet.write_table(table, path)
    return path


def fields(path: Path) -> list[dict[str, object] | str]:
    return [
        str(record) if isinstance(record, RecordError) else dict(record.fields)
        for record in read_records(path)
    ]


def test_values_are_those_of_json(tmp_path: Path) -> None:
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=datetime.UTC)
    rows = [
        {
            "nested": {"texts": ["a", None], "deep": [{"n": 1, "when": moment}]},
            "day": datetime.date(2026, 1, 2),
            "time": datetime.time(3, 4),
            "price": decimal.Decimal("12.50"),
            "none": None,
            "big": 2**62,
        },
        {"nested": None, "day": None, "time": None, "price": None, "none": None, "big": -1},
    ]
    table = pyarrow.Table.from_pylist(rows)
    counts = pyarrow.array([[("a", 1), ("b", 2)], []], pyarrow.map_(pyarrow.string(), pyarrow.int64()))
    table = table.append_column("counts", counts)
    table = table.append_column("word", pyarrow.array(["x", "y"]).dictionary_encode())
    path = write(tmp_path / "a", table)
    first, second = fields(path)
    assert first == {
        "nested": {"texts": ["a", None], "deep": [{"n": 1, "when": "2026-01-02T03:04:05.000678+00:00"}]},
        "day": "2026-01-02",
        "time": "03:04:00",
        "price": "12.50",
        "none": None,
        "big": 2**62,
        "counts": {"a": 1, "b": 2},
        "word": "x",
    }
    assert json.loads(json.dumps(first)) == first
    assert isinstance(second, dict)
    assert second["nested"] is None


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (pyarrow.array([b"\x89PNG", None]), "<bytes>"),
        (pyarrow.array([[{"b": b"1"}], None]), "[{'b': <bytes>}]"),
        (pyarrow.array([datetime.timedelta(1), None]), "<timedelta>"),
        (
            pyarrow.array([[(1, "a")], None], pyarrow.map_(pyarrow.int64(), pyarrow.string())),
            "<a map with the key 1>",
        ),
        (
            pyarrow.array([[("a", 1), ("a", 2)], None], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
            "<a map with the same key twice>",
        ),
        (
            pyarrow.array([10**15, None], pyarrow.timestamp("s")),
            "<timestamp[ms]: ",
        ),
        (
            pyarrow.array([10**8, None], pyarrow.date32()),
            "<date32[day]: date",
        ),
        (
            pyarrow.array([b"\xff", None]).view(pyarrow.string()),
            "<text that is not UTF-8>",
        ),
    ],
)
def test_values_that_json_has_no_form_for(tmp_path: Path, column: pyarrow.Array, shown: str) -> None:
    """They harm no row that does not need them; one that does is refused by what it holds."""
    questions = pyarrow.array(["a", "b"])
    path = write(tmp_path / "a", pyarrow.table({"prompt": questions, "completion": questions, "x": column}))
    odd, good = fields(path)
    assert isinstance(odd, dict)
    assert repr(odd["x"]).startswith(shown)
    assert good == {"prompt": "b", "completion": "b", "x": None}
    assert [chain.steps for chain in read_chains(path)] == [("a",), ("b",)]  # type: ignore[union-attr]
    bad, missing = read_chains(path, columns="question=x")
    assert isinstance(bad, RecordError)
    assert isinstance(missing, RecordError)
    assert f"row 0 (from 0) [a-0]: the field 'x' is not usable (got {shown}" in str(bad)
    assert "there is no question at 'x'" in str(missing)


def test_json_columns_are_decoded_by_the_metadata(tmp_path: Path) -> None:
    features = {
        "any": {"_type": "Json"},
        "list": {"feature": {"_type": "Json"}, "_type": "List"},
        "old": [{"_type": "Json"}],
        "inner": {"json": {"_type": "Json"}, "text": {"dtype": "string", "_type": "Value"}},
        "kept": {"_type": "Json", "decode": False},
        "text": {"dtype": "string", "_type": "Value"},
    }
    rows = [
        {
            "any": '{"x": [1, null]}',
            "list": ['"a"', "2", None],
            "old": ["true"],
            "inner": {"json": "1.5", "text": "1.5"},
            "kept": "{}",
            "text": "[1]",
        },
        {"any": "not JSON", "list": None, "old": None, "inner": None, "kept": None, "text": None},
        {"any": None, "list": ["{"], "old": None, "inner": None, "kept": None, "text": None},
        {"any": "[]", "list": [], "old": [], "inner": {"json": None, "text": None}, "kept": "", "text": ""},
    ]
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    path = write(tmp_path / "a", pyarrow.Table.from_pylist(rows).replace_schema_metadata(metadata))
    first, second, third, fourth = fields(path)
    assert first == {
        "any": {"x": [1, None]},
        "list": ["a", 2, None],
        "old": [True],
        "inner": {"json": 1.5, "text": "1.5"},
        "kept": "{}",
        "text": "[1]",
    }
    assert isinstance(second, dict)
    assert repr(second["any"]).startswith("<a Json column that is not JSON: ")
    assert isinstance(third, dict)
    assert repr(third["list"]).startswith("[<a Json column that is not JSON: ")
    assert isinstance(fourth, dict)
    assert fourth["any"] == []


@pytest.mark.parametrize("metadata", [b"{", b"[]", b'{"info": {"features": []}}', b'{"info": null}'])
def test_metadata_of_another_form_is_no_matter(tmp_path: Path, metadata: bytes) -> None:
    table = pyarrow.table({"q": ["1"]}).replace_schema_metadata({b"huggingface": metadata})
    assert fields(write(tmp_path / "a", table)) == [{"q": "1"}]


def test_json_columns_as_the_library_writes_them(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the optional package 'datasets' is not installed")
    if not hasattr(datasets, "Json"):
        pytest.skip("this version of datasets has no Json")
    rows = [{"q": "a", "extra": {"x": 1}}, {"q": "b", "extra": {"y": ["t", 1]}}]
    table = datasets.Dataset.from_list(
        rows, features=datasets.Features(q=datasets.Value("string"), extra=datasets.Json())
    )
    table.to_parquet(str(tmp_path / "a"))
    assert fields(tmp_path / "a") == rows
    table.save_to_disk(str(tmp_path / "b"))
    assert [record.fields for record in read_records(tmp_path / "b")] == rows  # type: ignore[union-attr]


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    table = pyarrow.Table.from_arrays([pyarrow.array(["a"]), pyarrow.array(["b"])], names=["q", "q"])
    with pytest.raises(InputError, match=r"two columns of one name \(got 'q'"):
        fields(write(tmp_path / "a", table))


def test_a_damaged_page_names_the_row_before(tmp_path: Path) -> None:
    table = pyarrow.table({"n": list(range(4000)), "t": [f"{n * n}" for n in range(4000)]})
    path = tmp_path / "a"
    pyarrow.parquet.write_table(table, path, row_group_size=2000, compression="zstd")
    start = pyarrow.parquet.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    content = bytearray(path.read_bytes())
    content[start : start + 200] = bytes(200)
    path.write_bytes(content)
    records: list[RawRecord | RecordError] = []
    with pytest.raises(InputError) as caught:
        records.extend(read_records(path))
    # Rows come in batches; that of the damage is lost as a whole.
    assert [record.fields["n"] for record in records if isinstance(record, RawRecord)] == list(range(1024))
    assert "the Parquet file cannot be read" in str(caught.value)
    assert "after row 1023 (from 0)" in str(caught.value)


def test_checksums_of_pages_are_used_where_there_are_any(tmp_path: Path) -> None:
    path = tmp_path / "a"
    table = pyarrow.table({"n": pyarrow.array(range(100, 200), pyarrow.int64())})
    for checksums in (True, False):
        pyarrow.parquet.write_table(
            table, path, compression="none", use_dictionary=False, write_page_checksum=checksums
        )
        content = bytearray(path.read_bytes())
        content[content.index((150).to_bytes(8, "little"))] ^= 1
        path.write_bytes(content)
        if checksums:
            with pytest.raises(InputError, match=r"cannot be read \(got .*CRC"):
                fields(path)
    assert fields(path)[50] == {"n": 151}  # nothing can be seen without


def test_rows_behind_a_bad_one_are_read(tmp_path: Path) -> None:
    values = [1] * 3000
    values[1500] = 10**15
    path = write(tmp_path / "a", pyarrow.table({"when": pyarrow.array(values, pyarrow.timestamp("s"))}))
    found = fields(path)
    when = [row["when"] for row in found if isinstance(row, dict)]
    assert [index for index, value in enumerate(when) if not isinstance(value, str)] == [1500]
    assert found[2999] == {"when": "1970-01-01T00:00:01"}
