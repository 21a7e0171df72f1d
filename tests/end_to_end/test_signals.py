"""Ctrl-C, SIGTERM, and an output that is closed, full or not read to its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import report_runs

CPMI = [sys.executable, "-m", "cpmi"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    made = report_runs.write_runs(tmp_path_factory.mktemp("runs"), report_runs.chains(40))
    return [str(folder) for folder in made]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_ends_any_command_in_a_line(
    folders: list[str], tmp_path: Path, number: signal.Signals, status: int
) -> None:
    words = ["evaluate", "labels", *folders, "--draws", "100000", "--out", str(tmp_path / "e.json")]
    with subprocess.Popen([*CPMI, *words], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()  # a notice: the work has begun
        time.sleep(0.3)
        process.send_signal(number)
        said = process.stderr.read()
    assert process.returncode == status
    assert "Traceback" not in said
    assert [line for line in said.splitlines() if "notice" not in line] == ["interrupted"] * (status > 0)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_is_not_read_to_its_end_is_no_error_in_words(folders: list[str]) -> None:
    with subprocess.Popen([*CPMI, "inspect", folders[0]], stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert "Traceback" not in said
    assert "Exception" not in said


def test_a_closed_output_is_no_error(folders: list[str]) -> None:
    done = subprocess.run(
        ["bash", "-c", '"$@" >&-', "_", *CPMI, "inspect", folders[0]], stderr=subprocess.PIPE, text=True
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_output_is_one_line(folders: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*CPMI, "inspect", folders[0]], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "error: standard output: the output cannot be written (got No space left on device)" in done.stderr
    assert "Traceback" not in done.stderr
