"""The campaign on labels of odd chains, a short one: no faults, and chains of both ends by every method."""

from __future__ import annotations

from tests.fuzz.campaign import SEED
from tests.fuzz.chains import KINDS, campaign


def test_no_fault() -> None:
    found = campaign(2 * 6 * len(KINDS), SEED)
    assert found.num_faults == 0, found.table()
    labeled = {kind for (kind, word), number in found.outcomes.items() if word == "labeled" and number}
    assert len(labeled) >= len(KINDS) - 1  # a budget may not do for a few odd chains
