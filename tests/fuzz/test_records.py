"""The campaign on files of records, a short one: no faults, and records of all ends."""

from __future__ import annotations

from tests.fuzz.campaign import SEED
from tests.fuzz.records import campaign


def test_no_fault() -> None:
    found = campaign(8_000, SEED)
    assert found.num_faults == 0, found.table()
    ends = {word for _, word in found.outcomes}
    assert {"chain", "rejected", "refused"} <= ends
