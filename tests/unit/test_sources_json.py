"""JSON files as a whole: arrays, read object by object, and objects that hold the records."""

import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpmi.data.record import RawRecord
from cpmi.data.records import read_records
from cpmi.data.sources import json_text
from cpmi.data.sources.json_text import JsonText
from cpmi.errors import InputError, RecordError


def fields(path: Path, content: str) -> list[object]:
    path.write_text(content)
    return [record.fields if isinstance(record, RawRecord) else str(record) for record in read_records(path)]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=60)
@given(values=st.lists(VALUES, max_size=5), ascii=st.booleans(), indent=st.sampled_from([None, 1, 40]))
@pytest.mark.parametrize("window", [1, 2, 7])
def test_values_are_those_of_json_wherever_the_window_ends(
    window: int, values: list[object], ascii: bool, indent: int | None
) -> None:
    content = " ".join(json.dumps(value, ensure_ascii=ascii, indent=indent) for value in values)
    try:
        data = content.encode()
    except UnicodeEncodeError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_WINDOW_BYTES", window)
        text = JsonText(io.BufferedReader(io.BytesIO(data)))  # type: ignore[arg-type]
        assert [text.value() for _ in values] == values
        assert text.peek() == ""


def test_a_broken_element_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for broken in ('{"n": 1,}', '{"n": }', "{'n': 1}", '{"n": "\n"}', '{"n" 1}', "nul"):
        path.write_text('[{"n": 0}, ' + broken + ', {"n": 2}]' + " " * 600_000)
        records = read_records(path)
        first = next(records)
        assert isinstance(first, RawRecord)
        assert first.fields == {"n": 0}
        with pytest.raises(InputError, match=r"not a whole JSON array \(got .*, after record 0 \(from 0\)"):
            next(records)


@pytest.mark.parametrize(
    "content", ['[{"n": 0}', '[{"n": 0},', '[{"n": 0} {"n": 1}]', '[{"n": 0}] x', "[0], [1]"]
)
def test_arrays_that_are_not_whole(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"not a whole JSON array .*after record 0"):
        fields(tmp_path / "a", content)


def test_elements_that_are_no_objects(tmp_path: Path) -> None:
    first, second = read_records_of(tmp_path / "a", '[12, {"n": 1}]')
    assert isinstance(first, RecordError)
    assert str(first).startswith(f"{tmp_path}/a, record 0 (from 0): the record is not an object (got int")
    assert isinstance(second, RawRecord)
    assert (second.index, second.source) == (1, f"{tmp_path}/a, record 1 (from 0)")


def read_records_of(path: Path, content: str) -> list[RawRecord | RecordError]:
    path.write_text(content)
    return list(read_records(path))


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "value",
    [
        {"data": [{"n": 0}, {"n": 1}]},
        {"version": "1.1", "data": [{"n": 0}, {"n": 1}]},
        {"mine": [{"n": 0}, {"n": 1}]},
        {"rows": [{"n": 0}, {"n": 1}], "columns": ["n"]},
    ],
)
def test_an_object_that_holds_the_records(tmp_path: Path, value: object, indent: int | None) -> None:
    assert fields(tmp_path / "a", json.dumps(value, indent=indent)) == [{"n": 0}, {"n": 1}]


@pytest.mark.parametrize(
    "value",
    [
        {"question": "q", "steps": [{"text": "s"}]},
        {"messages": [{"role": "user"}]},
        {"prompt": "q", "data": [{"n": 1}]},
        {"question": "q", "gold": "1"},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_object_that_is_the_only_record(tmp_path: Path, value: object, indent: int | None) -> None:
    assert fields(tmp_path / "a", json.dumps(value, indent=indent)) == [value]


@pytest.mark.parametrize(
    "value", [{"data": [{"n": 0}], "test": [{"n": 1}]}, {"version": 1, "mine": [{"n": 0}]}]
)
def test_an_object_that_is_not_clear(tmp_path: Path, value: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"its records are not clear \(got lists of objects in '") as caught:
        fields(tmp_path / "a", json.dumps(value, indent=1))
    assert all(repr(name) in str(caught.value) for name in value if name != "version")
    # On a line of its own it is JSONL, as ever.
    assert fields(tmp_path / "a", json.dumps(value)) == [value]


def test_arrays_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("[" + ", ".join(json.dumps({"n": n, "text": "x" * 400}) for n in range(20_000)) + "]")
    tracemalloc.start()
    count = sum(1 for _ in read_records(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 3_000_000 < 8_000_000 < path.stat().st_size
