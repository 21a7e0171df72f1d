"""Reading keeps at most 16 bytes of memory per record; repeated ids are found all the same."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from cpmi.data import read_chains
from cpmi.data.reading import unique
from cpmi.data.records import read_records
from cpmi.data.seen_ids import SeenIds
from cpmi.errors import RecordError
from cpmi.types import Chain, Problem


def test_ids_are_told_apart() -> None:
    seen = SeenIds()
    ids = [f"problem-{number}" for number in range(30_000)] + ["", "\udc80", "ä", "a\u0308"]
    assert all(seen.add(record_id) for record_id in ids)
    assert not any(seen.add(record_id) for record_id in ids)


def test_a_repeated_id_far_behind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [json.dumps({"id": f"x{n}", "question": "q", "steps": ["s"]}) for n in [*range(5000), 17]]
    path.write_text("\n".join(lines))
    *good, bad = read_chains(path)
    assert all(isinstance(outcome, Chain) for outcome in good)
    assert isinstance(bad, RecordError)
    assert str(bad).startswith(f"{path}:5001 [x17]: the id is used twice")


@pytest.mark.parametrize("kind", ["jsonl", "gzip", "csv"])
def test_memory_per_record(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"

    def peak(num_records: int) -> int:
        if kind == "csv":
            rows = [f"id-number-{n}-of-many;q{n};1\n" for n in range(num_records)]
            path.write_text("id;question;gold\n" + "".join(rows))
        else:
            row = '{{"id": "id-number-{}-of-many", "question": "q", "steps": ["s"], "gold": "1"}}\n'
            content = "".join(row.format(n) for n in range(num_records)).encode()
            path.write_bytes(gzip.compress(content, 1) if kind == "gzip" else content)
            del content
        tracemalloc.start()
        try:
            if kind == "csv":
                problems = (
                    record
                    if isinstance(record, RecordError)
                    else Problem(id=str(record.fields["id"]), question="q", gold=None, source=record.source)
                    for record in read_records(path)
                )
                count = sum(isinstance(outcome, Problem) for outcome in unique(problems))
            else:
                count = sum(isinstance(outcome, Chain) for outcome in read_chains(path))
            assert count == num_records
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = 8_000, 24_000
    assert (peak(many) - peak(few)) / (many - few) < 16
