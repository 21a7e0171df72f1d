"""Where records come from: JSONL, JSON arrays, Parquet, saved data sets, the Hub; and what can go wrong."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pyarrow
import pyarrow.parquet
import pytest

from cpmi.data import read_chains
from cpmi.errors import InputError, MissingDependencyError, RecordError
from cpmi.types import Chain

ROWS = [{"prompt": f"{n}?", "completions": ["a", "b"], "labels": [True, False]} for n in range(3)]


def questions(source: str | Path) -> list[str]:
    return [outcome.question for outcome in read_chains(source) if isinstance(outcome, Chain)]


def test_the_kind_of_a_file_is_seen_from_its_content(tmp_path: Path) -> None:
    lines = "\n\n".join(json.dumps(row) for row in ROWS)
    contents = [
        lines.encode() + b"\n",
        lines.encode(),  # the last newline may be missing
        lines.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + lines.encode(),
        b" \n" + json.dumps(ROWS, indent=1).encode(),
        b"\xef\xbb\xbf" + json.dumps(ROWS).encode(),
    ]
    path = tmp_path / "no_ending"
    for content in contents:
        path.write_bytes(content)
        assert questions(path) == ["0?", "1?", "2?"]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
    assert questions(path) == ["0?", "1?", "2?"]


def test_records_tell_their_place(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_text("\n" + json.dumps(ROWS[0]))
    assert next(read_chains(path)).source == f"{path}:2"  # type: ignore[union-attr]
    path.write_text(json.dumps(ROWS))
    assert next(read_chains(path)).source == f"{path}, record 0 (from 0)"  # type: ignore[union-attr]


def test_reading_is_lazy(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text((json.dumps(ROWS[0]) + "\n") * 2 + "{")
    outcomes = read_chains(path)
    assert isinstance(next(outcomes), Chain)


def test_truncated_jsonl_names_the_line_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS)[:-20])
    *good, bad = read_chains(path)
    assert len(good) == 2
    assert isinstance(bad, RecordError)
    assert str(bad).startswith(f"{path}:3: the last line is cut off (got ")
    assert "expected one whole JSON object" in str(bad)
    assert "fetch or write it again, or use --on-error skip" in str(bad)


def test_broken_lines_are_values_in_their_place(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    line = json.dumps(ROWS[0]).encode()
    deep = b"[" * 100_000
    path.write_bytes(b"\n".join([b"{'a': 1}", line, b'"\xff"', line, deep, line]) + b"\n")
    outcomes = list(read_chains(path))
    assert [type(o) for o in outcomes] == [RecordError, Chain] * 3
    assert "rows.jsonl:1: the line is not JSON" in str(outcomes[0])
    assert "rows.jsonl:3: the line is not UTF-8 (got byte 0xff at 1" in str(outcomes[2])
    assert "rows.jsonl:5: the line is not JSON" in str(outcomes[4])


def test_damaged_files_are_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    for content, message in [
        (b"", "the file is empty"),
        (b"[]", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (json.dumps(ROWS).encode()[:-9], "the file is not a whole JSON array"),
        (b'["\xff"]', "the file is not a whole JSON array"),
        (b"PAR1 and no more", "the Parquet file cannot be read"),
        (b"no json\nat all\n", "no record can be read"),
    ]:
        path.write_bytes(content)
        with pytest.raises(InputError, match=message) as caught:
            list(read_chains(path))
        assert caught.value.where == str(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for missing in (tmp_path / "missing.jsonl", tmp_path / "no" / "folder", tmp_path / "rows" / "x"):
        with pytest.raises(InputError, match=r"there is no such file or folder\. Check the path"):
            read_chains(missing)
    with pytest.raises(InputError, match="the folder holds no file of records"):
        read_chains(tmp_path)


def test_a_folder_saved_by_datasets(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the optional package 'datasets' is not installed")
    rows = datasets.Dataset.from_list(ROWS)
    rows.save_to_disk(str(tmp_path / "rows"))
    assert questions(tmp_path / "rows") == ["0?", "1?", "2?"]
    outcome = next(read_chains(tmp_path / "rows"))
    assert outcome.source == f"{tmp_path}/rows, row 0 (from 0)"  # type: ignore[union-attr]
    datasets.DatasetDict(train=rows, test=rows).save_to_disk(str(tmp_path / "both"))
    with pytest.raises(InputError, match=r"several splits .*train, test.*Name one split, .*/both:train"):
        read_chains(tmp_path / "both")
    assert questions(tmp_path / "both" / "train") == ["0?", "1?", "2?"]
    (tmp_path / "rows" / "state.json").write_text("{")
    with pytest.raises(InputError, match="the saved data set cannot be read"):
        read_chains(tmp_path / "rows")


def test_a_data_set_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(
        name: str, config: str | None, split: str | None = None, revision: str | None = None
    ) -> object:
        if name != "owner/name" or config not in (None, "main") or revision not in (None, "v1"):
            raise FileNotFoundError(f"no {name}")
        return ROWS if split == "test" else {"train": ROWS, "test": ROWS}

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    assert questions("hf://owner/name:test") == ["0?", "1?", "2?"]
    assert questions("hf://owner/name/main:test@v1") == ["0?", "1?", "2?"]
    with pytest.raises(InputError, match=r"Name one split, hf://owner/name:train@v1\."):
        read_chains("hf://owner/name@v1")
    with pytest.raises(
        InputError, match=r"@ names a revision; if 'test' is a split, write hf://owner/name:test"
    ):
        read_chains("hf://owner/name@test")
    with pytest.raises(InputError, match=r"the data set cannot be loaded \(got no owner/other\)"):
        read_chains("hf://owner/other")
    with pytest.raises(InputError, match="expected hf://OWNER/NAME"):
        read_chains("hf://name")


def test_without_the_library_the_message_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    (tmp_path / "dataset_info.json").write_text("{}")
    for source in (tmp_path, "hf://owner/name"):
        with pytest.raises(MissingDependencyError, match=r"cpmi\[datasets\]"):
            read_chains(source)
