"""Short campaigns of kills and refusals, and the modes of all files: in one process that forks."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import Any

import pytest

NEEDED = ("torch", "datasets", "sklearn")
pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, NEEDED)), reason=f"needs {', '.join(NEEDED)}"
)

PROGRAM = """
import json
from tests.fuzz import disk, kills, modes
from tests.fuzz.writers import prepared

with prepared() as base:
    found = {name: campaign.campaign(count, base=base) for name, campaign, count in (
        ("kills", kills, 8), ("disk", disk, 8))}
    shown = {name: [one.num_faults, one.table()] for name, one in found.items()}
    print("found: " + json.dumps({**shown, "modes": list(modes.wrong_modes(base))}))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.rpartition("found: ")[2])
    return result


@pytest.mark.parametrize("campaign", ["kills", "disk"])
def test_what_is_disturbed_ends_as_if_it_had_not_been(found: dict[str, Any], campaign: str) -> None:
    num_faults, table = found[campaign]
    assert num_faults == 0, table


def test_all_files_have_the_mode_that_the_umask_leaves(found: dict[str, Any]) -> None:
    *wrong, number = found["modes"]
    assert wrong == []
    assert int(number.split()[0]) > 90
