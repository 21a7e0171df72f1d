"""Reads files of records as users do: valid ones of every layout, most of them mutated.

    python -m tests.fuzz.records --count 1000000

A record of a file ends as *chain* (or a problem) or *rejected*, or with its file as *refused*. The fault
*silent* is a record of which neither a chain nor an error came, *different* one that was not mutated and is
read otherwise than alone. Both are looked for where a record has a place of its own: not in `object`, `csv`,
`problems` and `cut`. In `cut`, whose lines are no records any more, the numbers are those of what was read.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

import cpmi
from cpmi.data import read_chains, read_problems
from cpmi.data.problems import RepeatedProblemsWarning
from cpmi.errors import RecordError
from cpmi.types import Chain, Problem
from tests.fuzz.campaign import FAULTS, Campaign, drawn, run_campaign
from tests.fuzz.record_mutations import (
    GROUPED,
    LAYOUTS,
    layout_record,
    line_of,
    mutated_bytes,
    mutated_record,
)

COUNT = 1_000_000
PER_FILE = 200
_PLACE = re.compile(r"(?::|, record |, row )(\d+)(?: \(from 0\))?(?: \[.*)?\Z", re.DOTALL)
Read = Callable[[Path], Iterable[Chain | Problem | RecordError]]


class _File:
    """Records of one layout: which of them are mutated, and what the others are."""

    def __init__(self, layout: str, random: Random, number: int) -> None:
        self.layout = layout
        self.records = [layout_record(layout, index + 2) for index in range(number)]
        # The first says how the others are read; so it stays, and the others can be compared.
        self.mutated = {index for index in range(1, number) if random.random() < 0.85}
        for index in self.mutated:
            self.records[index] = mutated_record(self.records[index], random)


def campaign(count: int, seed: int) -> Campaign:
    """Files of records of every kind in turn, with about `count` records in all."""
    found = Campaign("records")
    kinds = list(_KINDS)
    layouts = list(LAYOUTS)
    per_file = min(PER_FILE, max(4, count // (len(kinds) * len(layouts))))
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", RepeatedProblemsWarning)
        for turn in range(max(1, count // per_file)):
            kind, layout = kinds[turn % len(kinds)], layouts[turn // len(kinds) % len(layouts)]
            _try(
                found,
                kind,
                _File(layout, drawn(seed, turn), per_file),
                drawn(seed, turn, "file"),
                Path(folder),
            )
    return found


def _try(found: Campaign, kind: str, file: _File, random: Random, folder: Path) -> None:
    write, read, is_whole = _KINDS[kind]
    path = folder / "records"
    path.write_bytes(write(file, random))
    counted = {"chain": 0, "rejected": 0}
    told: list[str] = []

    def work() -> str:
        seen: dict[int, list[object]] = {}
        for outcome in read(path):
            rejected = isinstance(outcome, RecordError)
            counted["rejected" if rejected else "chain"] += 1
            place = _PLACE.search(str(outcome.where if rejected else outcome.source))  # type: ignore[union-attr]
            seen.setdefault(int(place[1]) if place else -1, []).append(outcome)
        return _judged(kind, file, seen, told) if is_whole else "read"

    given = (file.layout, path.read_bytes()[:200])
    word = found.attempt(kind, given, work)
    if word in FAULTS:
        found.faults += [f"  {line:.500}" for line in told][: max(0, 20 - len(found.faults))]
        return
    if word == "refused":
        found.count(kind, word, number=len(file.records) - 1)
        return
    del found.outcomes[kind, word]  # its records are counted in the place of the file
    for name, number in counted.items():
        found.count(kind, name, number=number)


def _judged(kind: str, file: _File, seen: dict[int, list[object]], told: list[str]) -> str:
    first = 1 if kind in _COUNTED_FROM_1 else 0
    if file.layout in GROUPED or kind.startswith("problems"):
        return "read"
    for index in range(len(file.records)):
        if not seen.get(index + first):
            told.append(f"nothing came of record {index}: {json.dumps(file.records[index])}")
            return "silent"
    model = _shape(seen[first], 2)
    for index in set(range(1, len(file.records))) - file.mutated:
        if _shape(seen[index + first], index + 2) != model:
            told.append(f"{_shape(seen[index + first], index + 2)} is not {model}")
            return "different"
    return "read"


def _shape(outcomes: list[object], number: int) -> list[object]:
    """What came of a record, without its number, id and place."""
    shapes: list[object] = []
    for outcome in outcomes:
        if isinstance(outcome, RecordError):
            shapes.append(outcome.what)
        elif isinstance(outcome, Chain):
            texts = (outcome.question, *outcome.steps)
            shapes.append((
                [re.sub(rf"\b{number}( ?)\+", r"1\1+", text) for text in texts],
                outcome.gold, outcome.answer, outcome.ratings, outcome.values, outcome.options,
            ))  # fmt: skip
    return shapes


def _lines(file: _File, random: Random) -> bytes:
    lines = []
    for index, record in enumerate(file.records):
        line = line_of(record, random) if index in file.mutated else json.dumps(record).encode()
        if index in file.mutated and random.random() < 0.3:
            line = mutated_bytes(line, random)
        lines.append(line if line.strip() else b"0")
    return b"\n".join(lines) + b"\n"


def _array(file: _File, _: Random) -> bytes:
    return b"[" + b",\n".join(json.dumps(record).encode() for record in file.records) + b"]"


def _object(file: _File, random: Random) -> bytes:
    return b'{"data": ' + _array(file, random) + b"}"


def _csv(file: _File, random: Random) -> bytes:
    out = io.StringIO()
    names = list(file.records[0])
    writer = csv.writer(out, delimiter=random.choice(",;\t"), lineterminator="\n")
    writer.writerow(names if len(names) > 1 else [*names, "more"])
    for record in file.records:
        cells = [record.get(name, "") for name in names]
        if len(names) == 1:
            cells.append("")
        writer.writerow([c if isinstance(c, str) else json.dumps(c) for c in cells])
    return out.getvalue().encode("utf-8", "surrogatepass")


def _parquet(file: _File, random: Random) -> bytes:
    import pyarrow
    import pyarrow.parquet

    names = list(file.records[0])
    columns = {}
    for name in names:
        values = [record.get(name) for record in file.records]
        try:
            columns[name] = pyarrow.array(values)
        except (pyarrow.ArrowException, OverflowError, UnicodeError, ValueError, TypeError):
            texts = [_text(value) for value in values]
            binary = pyarrow.array(texts, pyarrow.binary())
            # Text as other writers leave it: nobody has checked that it is UTF-8.
            columns[name] = pyarrow.Array.from_buffers(pyarrow.string(), len(binary), binary.buffers())
    for type_, values in _ODD_COLUMNS:
        columns[f"odd {type_}"] = pyarrow.array(
            [random.choice(values) for _ in file.records], getattr(pyarrow, type_[0])(*type_[1:])
        )
    out = io.BytesIO()
    pyarrow.parquet.write_table(
        pyarrow.table(columns),
        out,
        row_group_size=random.choice((1, 7, 1000)),
        use_dictionary=random.random() < 0.5,
    )
    return out.getvalue()


_ODD_COLUMNS = (
    (("timestamp", "us"), (None, 0, 2**62, -(2**62))),
    (("date32",), (None, 0, 2**31 - 1, -(2**31))),
    (("duration", "s"), (None, 2**40)),
    (("time64", "us"), (None, 0)),
)


def _text(value: object) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")


def _gzip(file: _File, random: Random) -> bytes:
    content = _lines(file, random)
    at = random.randrange(len(content))
    return gzip.compress(content[:at], 1) + gzip.compress(content[at:], 1)


def _zstandard(file: _File, random: Random) -> bytes:
    import pyarrow

    return pyarrow.compress(_lines(file, random), codec="zstd", asbytes=True)  # type: ignore[no-any-return]


def _cut(file: _File, random: Random) -> bytes:
    """Some file of another kind, with bytes altered, cut or joined to itself."""
    content = random.choice((_lines, _array, _object, _csv, _parquet, _gzip, _zstandard))(file, random)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(content) + 1)
        kind = random.randrange(4)
        if kind == 0:
            content = content[:at] or content
        elif kind == 1:
            content = content[:at] + random.randbytes(random.randrange(1, 9)) + content[at:]
        elif kind == 2:
            content = (
                content[:at]
                + random.choice((b'"', b"\n", b"\0", b",", b"{", b"]", b"\r"))
                + content[at + 1 :]
            )
        else:
            content = content[at:] + content[:at]
    return content


def _check(path: Path) -> Iterator[Chain | RecordError]:
    """`cpmi.check`, then the chains: it counts them, and gives none."""
    checked = cpmi.check(str(path))
    chains = list(read_chains(path))
    errors = sum(isinstance(chain, RecordError) for chain in chains)
    assert sum(checked.rejected.values()) == errors, "check counts otherwise"
    return iter(chains)


_COUNTED_FROM_1 = frozenset({"lines", "gzip", "zstandard", "check"})
_KINDS: dict[str, tuple[Callable[[_File, Random], bytes], Read, bool]] = {
    "lines": (_lines, read_chains, True),
    "array": (_array, read_chains, True),
    "object": (_object, read_chains, False),
    "csv": (_csv, read_chains, False),
    "parquet": (_parquet, read_chains, True),
    "gzip": (_gzip, read_chains, True),
    "zstandard": (_zstandard, read_chains, True),
    "check": (_lines, _check, True),
    "problems": (_lines, read_problems, False),
    "problems csv": (_csv, read_problems, False),
    "cut": (_cut, read_chains, False),
    "cut problems": (_cut, read_problems, False),
}


if __name__ == "__main__":
    sys.exit(run_campaign(__doc__, campaign, count=COUNT))
