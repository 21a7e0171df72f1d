"""Folders of shards, patterns, kinds: which files are read, in which order, with which ids."""

import gzip
import json
import os
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from cpmi.data import read_chains, write_jsonl
from cpmi.data.record import RawRecord
from cpmi.data.records import read_records
from cpmi.data.sources.file import SourceFile
from cpmi.data.sources.kinds import Kind, kind_of
from cpmi.digests import digest_of_bytes
from cpmi.errors import InputError, RecordError, RunError
from cpmi.runs.checksum import checksum
from cpmi.types import Chain


def shard(path: Path, *numbers: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"question": f"{number}?", "steps": ["s"]}) for number in numbers]
    path.write_text("".join(line + "\n" for line in lines))
    return path


def chains(source: str | Path) -> list[tuple[str, str]]:
    outcomes = list(read_chains(source))
    assert all(isinstance(outcome, Chain) for outcome in outcomes), outcomes
    return [(outcome.id, outcome.question) for outcome in outcomes if isinstance(outcome, Chain)]


def test_shards_come_in_natural_order_with_ids_of_their_own(tmp_path: Path) -> None:
    shard(tmp_path / "part-10.jsonl", 3)
    shard(tmp_path / "part-2.jsonl", 1, 2)
    shard(tmp_path / "part-1.jsonl", 0)
    expected = [("part-1-0", "0?"), ("part-2-0", "1?"), ("part-2-1", "2?"), ("part-10-0", "3?")]
    assert chains(tmp_path) == expected
    assert chains(f"{tmp_path}/part-*.jsonl") == expected
    assert chains(f"{tmp_path}/part-[12].jsonl") == expected[:3]


def test_what_is_no_shard_is_passed_over(tmp_path: Path) -> None:
    file = shard(tmp_path / "a.jsonl", 0)
    for name in (".hidden", "README", "README.txt", "card.md", "SHA256SUMS", "x.md5", "_SUCCESS"):
        (tmp_path / name).write_text("not a record")
    (tmp_path / "a.jsonl.sha256").write_text(f"{digest_of_bytes(file.read_bytes())}  a.jsonl\n")
    assert chains(tmp_path) == chains(f"{tmp_path}/*") == [("a-0", "0?")]
    (tmp_path / "a.jsonl.sha256").write_text(f"{'0' * 64}  a.jsonl\n")
    with pytest.raises(RunError, match="has changed since it was written"):
        read_chains(tmp_path)


def test_repeated_stems_are_told_apart_by_their_places(tmp_path: Path) -> None:
    shard(tmp_path / "x" / "rows.jsonl", 0)
    shard(tmp_path / "y" / "rows.jsonl", 1)
    shard(tmp_path / "y" / "more.jsonl", 2)
    found = chains(f"{tmp_path}/**/*.jsonl")
    assert found == [("x/rows-0", "0?"), ("more-0", "2?"), ("y/rows-0", "1?")]
    plain = shard(tmp_path / "z" / "rows.jsonl", 3)
    (tmp_path / "z" / "rows.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    ids = [chain_id for chain_id, _ in chains(tmp_path / "z")]
    assert ids == ["rows.jsonl-0", "rows.jsonl.gz-0"]


def test_a_repaired_record_changes_no_id(tmp_path: Path) -> None:
    shard(tmp_path / "a.jsonl", 0, 1)
    shard(tmp_path / "b.jsonl", 2)
    whole = chains(tmp_path)
    lines = (tmp_path / "a.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "a.jsonl").write_text("{\n" + lines[1])
    bad, *rest = read_chains(tmp_path)
    assert isinstance(bad, RecordError)
    assert bad.where == f"{tmp_path}/a.jsonl:1"
    assert [outcome.id for outcome in rest if isinstance(outcome, Chain)] == [i for i, _ in whole[1:]]


def test_patterns_that_match_nothing_or_folders(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file matches the pattern .*quote it"):
        read_chains(f"{tmp_path}/*.jsonl")
    (tmp_path / "README.md").write_text("words")
    with pytest.raises(InputError, match=r"no file matches the pattern \(got only .*README\.md"):
        read_chains(f"{tmp_path}/*")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="the pattern matches a folder"):
        read_chains(f"{tmp_path}/*")


def test_a_name_with_wildcards_that_exists_is_no_pattern(tmp_path: Path) -> None:
    shard(tmp_path / "a[1].jsonl", 0)
    assert chains(tmp_path / "a[1].jsonl") == [("a[1]-0", "0?")]


def test_a_pattern_of_sampled_folders_reads_their_chains(tmp_path: Path) -> None:
    for name in ("run-2", "run-10"):
        (tmp_path / name).mkdir()
        write_jsonl([Chain(id=f"{name}/0", question="q", steps=("s",))], tmp_path / name / "chains.jsonl")
        (tmp_path / name / "usage.json").write_text("{}")
    assert [chain_id for chain_id, _ in chains(f"{tmp_path}/run-*")] == ["run-2/0", "run-10/0"]


def test_folders_that_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the folder holds no file of records"):
        read_chains(tmp_path)
    shard(tmp_path / "train" / "a.jsonl", 0)
    shard(tmp_path / "b.jsonl", 1)
    with pytest.raises(InputError, match=r"the folder holds folders \(got train;"):
        read_chains(tmp_path)


@pytest.mark.parametrize("pattern", ["", "/*"])
def test_pipes_and_dead_links_in_folders(tmp_path: Path, pattern: str) -> None:
    shard(tmp_path / "a.jsonl", 0)
    (tmp_path / "b.jsonl").symlink_to(tmp_path / "a.jsonl")
    assert len(chains(f"{tmp_path}{pattern}")) == 2
    os.mkfifo(tmp_path / "c.jsonl")
    (tmp_path / "d.jsonl").symlink_to(tmp_path / "absent")
    with pytest.raises(InputError, match=r"neither file nor folder \(got .*c\.jsonl, .*d\.jsonl"):
        read_chains(f"{tmp_path}{pattern}")


def test_mixed_kinds_are_named(tmp_path: Path) -> None:
    shard(tmp_path / "a.jsonl", 0)
    pyarrow.parquet.write_table(pyarrow.table({"question": ["q"]}), tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"several kinds \(got JSONL in .*a\.jsonl, Parquet in .*b\.parquet"):
        read_chains(tmp_path)


def test_empty_shards(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    with pytest.raises(InputError, match="the file is empty"):
        read_records(tmp_path)
    (tmp_path / "b.jsonl").write_bytes(b"\xef\xbb\xbf\n")
    with pytest.raises(InputError, match="all files are empty"):
        read_records(tmp_path)
    shard(tmp_path / "c.jsonl", 0)
    assert chains(tmp_path) == [("c-0", "0?")]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n \r\n", b"[]", b"\xef\xbb\xbf[ ]\n"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(InputError, match=r"a: the file is empty \(expected at least one record"):
        list(read_records(tmp_path / "a"))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("question\n".encode("utf-16"), "text in UTF-16"),
        (b"PK\x03\x04....", "zip"),
        (b"BZh9....", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
    ],
)
def test_kinds_that_are_not_read(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(InputError, match=f"files of this kind are not read .*got .*{what}"):
        read_records(tmp_path / "a")


def test_kinds_are_seen_from_the_content(tmp_path: Path) -> None:
    for content, kind in [
        (b'{"a": 1}\n{"a": 2}\n', Kind.LINES),
        (b'{"a": 1}', Kind.LINES),
        (b'\xef\xbb\xbf\n{"a": 1}', Kind.LINES),
        (b'{"a": "cut off\n{"a": 2}\n', Kind.LINES),
        (b'garbage, here\n{"a": 2, "b": 3}\n', Kind.LINES),
        (b'{"messages": [{"role": "user"}]}', Kind.LINES),
        (b"no delimiter\n", Kind.LINES),
        (b'{"data": [{"a": 1}]}', Kind.OBJECT),
        (b'{\n "a": 1\n}\n', Kind.OBJECT),
        (b'{"data": [\n{"a": 1},\n{"a": 2}\n]}', Kind.OBJECT),
        (b' \n[{"a": 1}]', Kind.ARRAY),
        (b"a,b\n", Kind.CSV),
        (b'"a\n[1]";b\n1;2', Kind.CSV),
        (b"PAR1", Kind.PARQUET),
    ]:
        (tmp_path / "a").write_bytes(content)
        assert kind_of(SourceFile.at(tmp_path / "a")) is kind, content


def test_line_ends_and_long_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    long = "x" * 10_000_000
    path.write_bytes(
        b'{"a": "\xc3\xa4"}\r\n\r\n' + json.dumps({"a": long}).encode() + b"\r\n" + b'{"a": "\0"}\r\n{"a": 3}'
    )
    first, second, third, fourth = read_records(path)
    assert isinstance(first, RawRecord)
    assert (first.fields, first.index, first.source) == ({"a": "ä"}, 0, f"{path}:1")
    assert isinstance(second, RawRecord)
    assert (second.fields, second.index, second.source) == ({"a": long}, 1, f"{path}:3")
    assert isinstance(third, RecordError)
    assert str(third).startswith(f"{path}:4: the line is not JSON (got Invalid control character")
    assert isinstance(fourth, RawRecord)
    assert (fourth.fields, fourth.index) == ({"a": 3}, 3)


def test_checksums_of_several_files(tmp_path: Path) -> None:
    shard(tmp_path / "one" / "a.jsonl", 0)
    shard(tmp_path / "one" / "b.jsonl", 1)
    found = checksum(f"{tmp_path}/one/*.jsonl")
    assert found is not None
    assert found.num_bytes == 2 * len((tmp_path / "one" / "a.jsonl").read_bytes())
    assert found == checksum(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two")
    assert checksum(f"{tmp_path}/two/*.jsonl") == found
    shard(tmp_path / "two" / "b.jsonl", 2)
    assert checksum(f"{tmp_path}/two/*.jsonl") != found
