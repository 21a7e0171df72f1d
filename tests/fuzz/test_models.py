"""The campaign on broken models, in short."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")

from tests.fuzz.campaign import SEED
from tests.fuzz.models import campaign


def test_no_broken_model_ends_in_a_fault() -> None:
    found = campaign(18, SEED)
    assert found.num_faults == 0, found.table()
    assert sum(found.outcomes.values()) == 18
