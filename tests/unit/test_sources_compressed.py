"""gzip and zstandard: seen from the first bytes; what breaks off gives what comes before, and says where."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from cpmi.data.record import RawRecord
from cpmi.data.records import read_records
from cpmi.errors import InputError, RecordError

Pack = Callable[[bytes], bytes]


def zstd(data: bytes) -> bytes:
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue().to_pybytes())


PACKS = pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])


def lines(start: int, stop: int) -> bytes:
    return b"".join(
        json.dumps({"n": n, "text": f"{n * n % 9973:x}"}).encode() + b"\n" for n in range(start, stop)
    )


def numbers(path: Path) -> list[object]:
    return [record.fields["n"] for record in read_records(path) if isinstance(record, RawRecord)]


@PACKS
def test_every_kind_may_be_compressed(tmp_path: Path, pack: Pack) -> None:
    table = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"n": [0, 1, 2]}), table)
    for content in (
        lines(0, 3),
        b'[{"n": 0}, {"n": 1}, {"n": 2}]',
        b'{"data": [{"n": 0}, {"n": 1}, {"n": 2}]}',
        table.getvalue(),
    ):
        (tmp_path / "a.jsonl.bin").write_bytes(pack(content))
        assert numbers(tmp_path / "a.jsonl.bin") == [0, 1, 2]
    (tmp_path / "a").write_bytes(pack(b"n,m\n0,\n"))
    assert [record.fields for record in read_records(tmp_path / "a")] == [{"n": "0", "m": ""}]  # type: ignore[union-attr]


@PACKS
def test_ids_and_places_are_those_of_the_plain_file(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(pack(lines(0, 2)))
    first, second = read_records(tmp_path / "a.jsonl.gz")
    assert isinstance(first, RawRecord)
    assert isinstance(second, RawRecord)
    assert (first.stem, second.index, second.source) == ("a", 1, f"{tmp_path}/a.jsonl.gz:2")
    (tmp_path / "b.jsonl.gz").write_bytes(lines(0, 1))  # not compressed, whatever its name says
    (plain,) = read_records(tmp_path / "b.jsonl.gz")
    assert isinstance(plain, RawRecord)
    assert plain.stem == "b.jsonl"


@PACKS
def test_members_follow_each_other(tmp_path: Path, pack: Pack) -> None:
    content = lines(0, 5000)
    (tmp_path / "a").write_bytes(pack(content[:777]) + pack(b"") + pack(content[777:]))
    assert numbers(tmp_path / "a") == list(range(5000))


@PACKS
@pytest.mark.parametrize("share", [0.3, 0.7, 1.0])
def test_what_breaks_off_gives_all_whole_records_before(tmp_path: Path, pack: Pack, share: float) -> None:
    # Two members: the second breaks off, so that the whole first one has to come out.
    packed = pack(lines(5000, 40_000))
    (tmp_path / "a").write_bytes(pack(lines(0, 5000)) + packed[: int(len(packed) * share) - 1])
    records: list[RawRecord | RecordError] = []
    with pytest.raises(InputError) as caught:
        records.extend(read_records(tmp_path / "a"))
    assert [record.fields["n"] for record in records if isinstance(record, RawRecord)] == list(
        range(len(records))
    )
    assert len(records) >= 5000
    assert f"after the record at {tmp_path}/a:{len(records)}" in str(caught.value)
    assert "is cut off" in str(caught.value)
    assert not isinstance(caught.value, RecordError)  # not one record is lacking, but an unknown number


@PACKS
def test_what_breaks_off_at_once(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "a").write_bytes(pack(lines(0, 5))[:6])
    with pytest.raises(InputError, match=r"the compressed file is cut off .*before the first record"):
        read_records(tmp_path / "a")


def test_a_changed_byte_is_damage(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(lines(0, 100)))
    packed[-6] ^= 1  # of the checksum
    (tmp_path / "a").write_bytes(packed)
    with pytest.raises(InputError, match=r"is damaged \(got CRC check failed.*after the record at .*a:100"):
        list(read_records(tmp_path / "a"))


@PACKS
def test_more_behind_the_end_is_damage(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "a").write_bytes(pack(lines(0, 3)) + b"more of it")
    with pytest.raises(InputError, match=r"the compressed file is damaged .*after the record at .*a:3"):
        list(read_records(tmp_path / "a"))


def test_compressed_twice(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(gzip.compress(lines(0, 3))))
    with pytest.raises(InputError, match=r"compressed twice \(got gzip inside gzip"):
        read_records(tmp_path / "a")
    (tmp_path / "a").write_bytes(gzip.compress(zstd(lines(0, 3))))
    with pytest.raises(InputError, match=r"compressed twice \(got zstandard inside gzip"):
        read_records(tmp_path / "a")


@PACKS
def test_nothing_compressed_is_an_empty_file(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "a").write_bytes(pack(b""))
    with pytest.raises(InputError, match="the file is empty"):
        read_records(tmp_path / "a")


@PACKS
def test_a_truncated_parquet_inside(tmp_path: Path, pack: Pack) -> None:
    table = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"n": list(range(9999))}), table)
    (tmp_path / "a").write_bytes(pack(table.getvalue())[:-20])
    with pytest.raises(InputError, match=r"the compressed file is cut off .*, before the "):
        list(read_records(tmp_path / "a"))
