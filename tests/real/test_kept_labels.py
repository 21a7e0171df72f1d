"""The committed results of the page of claims follow from the kept labels and the real chains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("sklearn")

from benchmarks.claims.measure import Restored, read
from benchmarks.claims.run import KEPT

from cpmi.evaluate import compare


def test_the_difference_to_monte_carlo_follows_from_the_kept_labels(real_data: Path, tmp_path: Path) -> None:
    work = Restored(read(real_data), tmp_path, KEPT)
    found = compare(work.run("evidence"), work.monte_carlo())
    kept = json.loads((KEPT / "paired.json").read_text("utf-8"))["evidence"]
    assert json.loads(json.dumps(found.to_json()["measures"])) == kept
