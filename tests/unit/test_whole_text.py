"""Half of a surrogate pair rejects its record, also where the gold file brings it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cpmi
from cpmi.data import read_gold
from cpmi.engines.fake import FakeEngine
from cpmi.errors import RecordError

HALF = "\ud800"


@pytest.mark.parametrize("method", ["evidence", "pav"])
def test_of_a_gold_file_it_is_an_error_of_its_record(method: str, tmp_path: Path) -> None:
    chains, golds = tmp_path / "chains.jsonl", tmp_path / "golds.jsonl"
    chains.write_text("".join(json.dumps({"question": f"{i}?", "steps": ["So 2."]}) + "\n" for i in range(2)))
    golds.write_text(
        "".join(json.dumps({"question": f"{i}?", "gold": g}) + "\n" for i, g in enumerate(["2", HALF]))
    )
    (error,) = read_gold(golds).errors
    assert "golds.jsonl:2" in str(error)
    assert "half of a surrogate pair" in str(error)
    run = cpmi.label(
        chains, model=FakeEngine(), method=method, out=tmp_path / "out", gold=golds, on_error="skip"
    )
    assert run.totals.num_chains == 1
    assert sum(run.totals.rejected.values()) == 1
    with pytest.raises(RecordError):
        cpmi.label(chains, model=FakeEngine(), method=method, out=tmp_path / "other", gold=golds)
