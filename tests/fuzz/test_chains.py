"""The campaign on labels of odd chains, a short one: no faults, and chains of both ends by every method."""

from __future__ import annotations

from cpmi.methods import METHODS
from tests.fuzz.campaign import SEED
from tests.fuzz.chains import campaign


def test_no_fault() -> None:
    found = campaign(10 * len(METHODS), SEED)
    assert found.num_faults == 0, found.table()
    labeled = {method for (method, word), number in found.outcomes.items() if word == "labeled" and number}
    assert len(labeled) >= len(METHODS) - 1  # a budget may not do for a few odd chains
