"""The processes that compare answers: limits of processor time, deaths, callers of every kind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpmi.answers import Equivalence, pool
from cpmi.answers.pool import WorkerPool
from cpmi.answers.symbolic import compare_symbolically
from cpmi.errors import CpmiError, WorkerError
from cpmi.types import Relation

ROOT = Path(__file__).parents[2]
ALGEBRA = ("x^2-1", "(x-1)(x+1)")


def endless(first: str, second: str) -> tuple[str, str]:
    while first.startswith("endless"):
        pass
    return compare_symbolically(first, second)


def endless_multiplication(first: str, second: str) -> tuple[str, str]:
    """No line of Python is run before it ends, so no handler of a signal is either."""
    return str(3 ** (10**9)) if first.startswith("endless") else "same", second


def idle(first: str, second: str) -> tuple[str, str]:
    """Three seconds in which the machine works for others."""
    time.sleep(3.0 if first.startswith("slow") else 0.0)
    return compare_symbolically(first, second)


def deadly(first: str, second: str) -> tuple[str, str]:
    if first.startswith("dead"):
        os._exit(1)
    return compare_symbolically(first, second)


def deadly_once(first: str, second: str) -> tuple[str, str]:
    mark = Path(second)
    if first.startswith("dead") and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "same", ""


def killed(first: str, second: str) -> tuple[str, str]:
    if first.startswith("dead"):
        os.kill(os.getpid(), signal.SIGKILL)
    return compare_symbolically(first, second)


def talkative(first: str, second: str) -> tuple[str, str]:
    print('["different", ""]', flush=True)
    os.write(1, b'["different", ""]\n')
    return compare_symbolically(first, second)


@pytest.mark.parametrize("comparison", [endless, endless_multiplication])
def test_the_limit_ends_an_endless_comparison_and_the_pool_lives_on(comparison) -> None:
    with Equivalence(deadline_s=0.5, comparison=comparison) as equivalence:
        start = time.monotonic()
        verdicts = equivalence.compare_many([("endless^x", "x"), ("2x+3", "3+2x")])
        assert time.monotonic() - start < 30.0
        assert equivalence.take_num_timed_out() == 1
        assert equivalence.take_num_timed_out() == 0
    assert verdicts[0].reason == "timed out"
    assert verdicts[1].reason != "timed out"


def test_the_limit_counts_processor_time_and_not_the_clock() -> None:
    with Equivalence(deadline_s=1.0, comparison=idle) as equivalence:
        assert equivalence.compare("slow+x", "x+slow").reason != "timed out"


def test_without_interval_timers_a_thread_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    code = (
        "import signal; del signal.setitimer\n"
        "from cpmi.answers.worker import main\n"
        "main('0.3', 'tests.unit.test_answers_workers:endless')"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, cwd=ROOT) as worker:
        assert worker.stdin is not None
        worker.stdin.write(b'["endless", "x"]\n')
        worker.stdin.flush()
        assert worker.wait(60) == pool.LATE


def test_a_pair_that_kills_its_workers_is_undecided() -> None:
    with Equivalence(comparison=deadly) as equivalence:
        first = equivalence.compare("dead^x", "x+y")
        assert (first.relation, first.reason) == (Relation.UNDECIDED, "worker died")
        assert equivalence.compare(*ALGEBRA).relation is Relation.SAME


def test_a_worker_killed_from_outside_is_replaced_once_and_decides_nothing(tmp_path: Path) -> None:
    lone = WorkerPool(f"{__name__}:deadly_once", limit_s=5.0, num_workers=1)
    assert lone.ask([("dead", str(tmp_path / "mark"))]) == [("same", "")]
    lone.close()
    with Equivalence(comparison=killed) as equivalence:
        with pytest.raises(WorkerError, match="SIGKILL"):
            equivalence.compare("dead^x", "x+y")
        assert equivalence.compare(*ALGEBRA).relation is Relation.SAME


def test_a_silent_worker_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Equivalence(comparison=idle) as equivalence:
        assert equivalence.compare(*ALGEBRA).relation is Relation.SAME
        monkeypatch.setattr(pool, "PATIENCE_S", 1.5)
        with pytest.raises(WorkerError):
            equivalence.compare("slow+x", "x")


def test_workers_that_cannot_start_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nowhere = WorkerPool("no_such_module:compare", limit_s=5.0, num_workers=1)
    with pytest.raises(WorkerError, match="no_such_module"):
        nowhere.ask([ALGEBRA])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with Equivalence() as equivalence, pytest.raises(CpmiError, match="cannot be started"):
        equivalence.compare(*ALGEBRA)


def test_what_a_comparison_prints_is_no_verdict() -> None:
    with Equivalence(comparison=talkative) as equivalence:
        assert equivalence.compare(*ALGEBRA).relation is Relation.SAME


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C is a KeyboardInterrupt, which a process in the background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_question_leaves_no_late_reply() -> None:
    with Equivalence(comparison=idle) as equivalence:
        assert equivalence.compare(*ALGEBRA).relation is Relation.SAME
        alarm = threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGINT])
        alarm.start()
        with pytest.raises(KeyboardInterrupt):
            equivalence.compare("slow+x", "x+slow")
        assert equivalence.compare("y", "z+y").relation is Relation.DIFFERENT


def test_threads_and_workers_share_the_work() -> None:
    pairs = [(f"(x+{n})^2", f"x^2+{2 * n}x+{n * n if n % 2 else n * n + 1}") for n in range(1, 9)]
    expected = [Relation.SAME if n % 2 else Relation.DIFFERENT for n in range(1, 9)]
    with Equivalence(num_workers=2) as equivalence:
        assert [verdict.relation for verdict in equivalence.compare_many(pairs)] == expected
        assert equivalence.num_workers_started == 2


def _asked_in_a_child(queue) -> None:
    with Equivalence() as equivalence:
        queue.put(equivalence.compare(*ALGEBRA).relation.value)


def test_a_daemon_process_may_compare() -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    child = context.Process(target=_asked_in_a_child, args=[queue], daemon=True)
    child.start()
    assert queue.get(timeout=60) == "same"
    child.join()


PLAIN_SCRIPT = f"""
from cpmi.answers import Equivalence
print("begun")
print(Equivalence().compare{ALGEBRA!r}.relation.value)
"""


@pytest.mark.parametrize("on_stdin", [False, True])
def test_a_script_without_a_guard_is_run_once(on_stdin: bool, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(PLAIN_SCRIPT, "utf-8")
    done = subprocess.run(
        [sys.executable, "-" if on_stdin else str(script)],
        input=PLAIN_SCRIPT if on_stdin else "not for the worker\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        timeout=60,
    )
    assert (done.stdout.split(), done.stderr) == (["begun", "same"], "")


def test_a_worker_ends_with_its_caller() -> None:
    script = (
        "import os, signal; from cpmi.answers import Equivalence\n"
        "from tests.unit.test_answers_workers import idle\n"
        "e = Equivalence(comparison=idle); e.compare('x', 'y+x')\n"
        "print(e._pool._slots[0]._process._popen.pid, flush=True)\n"
        "import threading; threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGKILL]).start()\n"
        "e.compare('slow+x', 'x')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == -signal.SIGKILL
    worker = int(done.stdout)
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the worker outlived its caller")
