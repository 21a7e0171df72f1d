"""CSV: RFC 4180 with a header; every cell is text; a broken row is an error in its place."""

from pathlib import Path

import pytest

from cpmi.data import read_problems
from cpmi.data.record import RawRecord
from cpmi.data.records import read_records
from cpmi.errors import InputError, RecordError
from cpmi.types import Problem


def rows(path: Path, content: bytes) -> list[dict[str, object] | str]:
    path.write_bytes(content)
    return [
        str(outcome) if isinstance(outcome, RecordError) else dict(outcome.fields)
        for outcome in read_records(path)
    ]


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_rows(tmp_path: Path, delimiter: bytes, end: bytes) -> None:
    content = end.join(
        [b'id|"the gold"|q', b'01|1,5;2\t3|"a ""b"""', b"", b"2|NA|", b'3|true|"x' + end + b'y"']
    )
    quoted = content.replace(b"1,5;2\t3", b'"1,5;2\t3"').replace(b"|", delimiter)
    assert rows(tmp_path / "a", b"\xef\xbb\xbf" + quoted) == [
        {"id": "01", "the gold": "1,5;2\t3", "q": 'a "b"'},
        {"id": "2", "the gold": "NA", "q": ""},
        {"id": "3", "the gold": "true", "q": f"x{end.decode()}y"},
    ]


def test_places_are_the_lines_where_rows_start(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'q,gold\n"one\ntwo",1\n\n"three\n\nfour",2\n5\n6,6\n')
    first, second, third, fourth = read_records(path)
    assert isinstance(first, RawRecord)
    assert isinstance(second, RawRecord)
    assert isinstance(third, RecordError)
    assert isinstance(fourth, RawRecord)
    assert (first.source, second.source, third.where) == (f"{path}:2", f"{path}:5", f"{path}:8")
    assert fourth.index == 3
    assert third.what == "the row has another number of cells than the header"
    assert (third.got, third.expected) == ("1", "2")


def test_broken_rows_are_values_in_their_place(tmp_path: Path) -> None:
    found = rows(tmp_path / "a", b'q,gold\na,b,c\n"x"y,2\n\xff,"\n\xfe"\nz,\xc3\xa4\n"no end,1\n')
    assert [isinstance(row, str) for row in found] == [True, True, True, False, True]
    assert "a:2: the row has another number of cells" in found[0]
    assert "a:3: the row is not CSV" in found[1]
    assert "a:4: the row is not UTF-8" in found[2]
    assert found[3] == {"q": "z", "gold": "ä"}
    assert "a:7: the row is not CSV (got unexpected end of data" in found[4]


def test_cells_beyond_the_limit_of_the_library(tmp_path: Path) -> None:
    long = "x" * 1_000_000
    assert rows(tmp_path / "a", f"q,gold\n{long},1\n".encode()) == [{"q": long, "gold": "1"}]


def test_a_nul_is_kept(tmp_path: Path) -> None:
    assert rows(tmp_path / "a", b"q,gold\na\0b,1\n") == [{"q": "a\0b", "gold": "1"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"q,gold,q\n1,2,3\n", r"names a column twice \(got 'q'"),
        (b"q,gold, q\n1,2,3\n", r"names a column twice \(got 'q'"),
        (b"q,gold;x\n1,2\n", r"delimiter of the CSV file is not clear \(got comma and semicolon"),
        (b"q,\xff\n1,2\n", r"a:1: the header of the CSV file is not usable \(got byte 0xff"),
    ],
)
def test_headers_that_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rows(tmp_path / "a", content)


def test_delimiters_in_quotes_separate_nothing(tmp_path: Path) -> None:
    assert rows(tmp_path / "a", b'q,"steps; and\n""more"" ; of\tthem",gold\n1,2,3\n') == [
        {"q": "1", 'steps; and\n"more" ; of\tthem': "2", "gold": "3"}
    ]
    assert rows(tmp_path / "a", b"\tq\tgold\n0\ta\t1\n") == [{"": "0", "q": "a", "gold": "1"}]


def test_only_a_header(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the file is empty"):
        rows(tmp_path / "a", b"q,gold\n")


def test_problems_from_csv(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text('question,gold\n"How many, in all?",007\n')
    (problem,) = read_problems(path)
    assert isinstance(problem, Problem)
    assert (problem.id, problem.question, problem.gold) == ("p-0", "How many, in all?", "007")
