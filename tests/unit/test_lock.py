"""One process or thread at a time in an output folder."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cpmi.errors import RunError, StorageError
from cpmi.runs.checksum import checksum
from cpmi.runs.lock import LOCK_NAME, locked

FORKING = """
import os, sys, time
from pathlib import Path
from cpmi.runs.lock import locked
with locked(Path(sys.argv[1])):
    if os.fork() == 0:  # a worker that outlives its killed parent
        print("forked", flush=True)
        time.sleep(60)
        os._exit(0)
    time.sleep(60)
"""
WRITING = """
import os, sys, time
from pathlib import Path
from cpmi.runs.lock import locked
folder = Path(sys.argv[1])
for _ in range(20):
    with locked(folder, wait=True), (folder / "log").open("a") as log:
        for _ in range(2):
            print(os.getpid(), file=log, flush=True)
            time.sleep(0.001)
"""


def test_of_threads_that_start_at_once_one_gets_in(tmp_path: Path) -> None:
    start, end = threading.Barrier(4), threading.Barrier(4)
    inside: list[str] = []

    def enter(name: str) -> None:
        start.wait()
        try:
            with locked(tmp_path):
                inside.append(name)
                end.wait()
        except RunError:
            end.wait()

    for _ in range(20):
        inside.clear()
        threads = [threading.Thread(target=enter, args=[str(index)]) for index in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(inside) == 1


def test_reading_the_lock_file_does_not_free_it(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert checksum(tmp_path) is not None
        program = [sys.executable, "-c", FORKING, str(tmp_path)]
        other = subprocess.run(program, capture_output=True, text=True, timeout=60)
        assert "another process works in this folder" in other.stderr
    assert not (tmp_path / LOCK_NAME).exists()


def test_a_forked_worker_does_not_keep_the_lock_of_a_killed_process(tmp_path: Path) -> None:
    program = [sys.executable, "-c", FORKING, str(tmp_path)]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "forked\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / LOCK_NAME).exists()
    with locked(tmp_path):
        pass


def test_many_processes_take_turns(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text("")  # killed before it signed
    processes = [subprocess.Popen([sys.executable, "-c", WRITING, str(tmp_path)]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    lines = (tmp_path / "log").read_text().split()
    assert len(lines) == 160
    assert lines[::2] == lines[1::2]


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="cannot be written"), locked(tmp_path):
        pass
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_lock_that_a_full_disk_refused_is_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "pwrite", refuse)
        with pytest.raises(StorageError, match="No space left"), locked(tmp_path):
            pass
    with locked(tmp_path):
        pass
