"""Records in = labeled + abstained + rejected, for any mixture of good and bad ones."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cpmi
from cpmi.data import read_chains
from cpmi.engines.fake import FakeEngine
from cpmi.errors import InputError, RecordError

GOOD: dict[str, Any] = {"prompt": "3+4?", "completion": "3 + 4 = 7.\n\nIt is 7.", "answer": "7"}
LINES = (
    GOOD,
    {**GOOD, "completion": ["a", "", "b"]},
    {**GOOD, "completion": "<think>\n3 + 4 ="},
    {**GOOD, "completion": "<reasoning>so</reasoning><answer>7</answer>"},
    {**GOOD, "completion": [{"text": "a", "finish_reason": "length"}, {"text": "b"}]},
    {**GOOD, "answer": None},
    {**GOOD, "answer": ["7", "7.0"]},
    {**GOOD, "answer": {"x": 1}},
    {**GOOD, "completion": None},
    {**GOOD, "completion": []},
    {**GOOD, "completion": 7},
    {**GOOD, "prompt": "  "},
    {**GOOD, "prompt": "[{'role': 'user', 'content': 'q'}]"},
    {**GOOD, "response": "another"},
    {**GOOD, "Answer": "8"},
    {"prompt": "q"},
    {},
    "text",
    7,
    None,
)
OTHERS = (b"{", b"\xff\xfe", b'{"prompt": "q"', b"[1", b"")


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from([*(json.dumps(line).encode() for line in LINES), *OTHERS, json.dumps(GOOD).encode()]),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(["judge", "evidence"]),
    st.integers(1, 4),
)
def test_no_record_is_lost(lines: list[bytes], method: str, chunk_size: int) -> None:
    content = b"\n".join([json.dumps(GOOD).encode(), *lines]) + b"\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.jsonl"
        path.write_bytes(content)
        outcomes = list(read_chains(path))
        bad = Counter(outcome.what for outcome in outcomes if isinstance(outcome, RecordError))
        num_good = len(outcomes) - bad.total()
        # Every line that is not blank gives something; where it gives several chains, all are counted.
        assert len(outcomes) >= sum(bool(line.strip()) for line in content.split(b"\n"))
        run = cpmi.label(
            path,
            model=FakeEngine(),
            method=method,
            out=Path(folder) / "out",
            on_error="skip",
            chunk_size=chunk_size,
        )
        totals = run.totals
        assert totals.num_records == len(outcomes)
        assert totals.num_chains + sum(totals.rejected.values()) == len(outcomes)
        rows = list(run)
        assert len(rows) == totals.num_chains <= num_good
        for row in rows:
            labels = row.labels
            assert len(labels.values) == len(row.chain.steps)
            assert {index for index, value in enumerate(labels.values) if value is None} == set(
                labels.abstained
            )
        checked = cpmi.check(path)
        assert checked.num_chains == num_good
        assert checked.rejected == bad


def test_a_file_of_bad_records_only_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"{\n7\n")
    with pytest.raises(InputError, match="no record can be read"):
        read_chains(path)
