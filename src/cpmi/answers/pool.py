"""Processes of `cpmi.answers.worker`: started when needed, asked, replaced, ended.

What becomes of a pair whose worker ends without an answer:

- The pair used up its processor time: UNDECIDED, `TIMED_OUT`. It is not asked again, and how busy the machine
  is does not matter.
- The worker crashed (a segmentation fault, an exit): the pair is asked once more by a new worker. A second
  crash is the pair's doing: UNDECIDED, `DIED`.
- The worker was killed from outside (out of memory, an administrator), or was silent for `PATIENCE_S` without
  using its time (stopped, swapped out): this says nothing about the pair. It is asked once more by a new
  worker; the second time it is a WorkerError, never a verdict.
- No worker can be started: a second try, then a WorkerError.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from cpmi.errors import WorkerError

Finding = tuple[str, str]
"""Relation and reason, as plain strings."""

TIMED_OUT, DIED = "timed out", "worker died"
READY = b"cpmi answers worker\n"
"""The first line of a worker."""
LATE = 75
"""Exit code of a worker that ends itself at its limit."""
PATIENCE_S = 600.0
_WORKER = "cpmi.answers.worker"
_TRIES = 2
_GRACE_S = 2.0
_OUTSIDE = [-number for name in ("SIGKILL", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, 0))]
_LATE = [LATE, -getattr(signal, "SIGPROF", -LATE)]


class WorkerPool:
    """Up to `num_workers` processes that compare answers; none runs until a pair is asked.

    Args:
        comparison: "module:function", what a worker computes.
        limit_s: seconds of processor time per pair.
        num_workers: processes.
    """

    def __init__(self, comparison: str, *, limit_s: float, num_workers: int) -> None:
        self._slots = [_Slot([str(limit_s), comparison]) for _ in range(num_workers)]
        self._idle: queue.SimpleQueue[_Slot] = queue.SimpleQueue()
        for slot in self._slots:
            self._idle.put(slot)

    @property
    def num_running(self) -> int:
        """Processes that were started and not yet ended by this object."""
        return sum(slot.is_open for slot in self._slots)

    def ask(self, pairs: Sequence[tuple[str, str]]) -> list[Finding]:
        """What a worker finds on every pair, in their order; threads may ask together.

        Raises:
            WorkerError: a worker cannot be started, or is killed from outside again and again.
        """
        if len(self._slots) == 1:
            return self._ask(pairs)
        with ThreadPoolExecutor(len(self._slots)) as threads:
            return [found for (found,) in threads.map(lambda pair: self._ask([pair]), pairs)]

    def close(self) -> None:
        """End the processes; a later question starts new ones."""
        for slot in self._slots:
            slot.close()

    def _ask(self, pairs: Sequence[tuple[str, str]]) -> list[Finding]:
        slot = self._idle.get()
        try:
            return slot.ask(pairs)
        except BaseException:  # Ctrl-C as well: a late reply must not become that of the next pair
            slot.close()
            raise
        finally:
            self._idle.put(slot)


class _Slot:
    """A place for one process, which is replaced when it ended."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._process: _Process | None = None

    @property
    def is_open(self) -> bool:
        return self._process is not None

    def ask(self, pairs: Sequence[tuple[str, str]]) -> list[Finding]:
        """What the process finds on every pair; the rules are those of the module."""
        found: list[Finding] = []
        num_sent = num_deaths = 0
        # In a fork of the caller, the process is the other one's.
        if self._process is not None and not self._process.is_usable:
            self.close()
        while len(found) < len(pairs):
            if self._process is None:
                self._process, num_sent = self._start(), len(found)
            # One pair ahead, so that the process need not wait for this one.
            for pair in pairs[num_sent : len(found) + 2]:
                self._process.send(pair)
                num_sent += 1
            reply = self._process.read()
            if reply is None:
                code = self._end(self._process)
                num_deaths += 1
                if code not in _LATE and num_deaths < _TRIES:
                    continue
                found.append(_without_reply(code))
            else:
                relation, reason = json.loads(reply)
                found.append((relation, reason))
            num_deaths = 0
        return found

    def close(self) -> None:
        if self._process is not None:
            self._end(self._process)

    def _start(self) -> _Process:
        code, errors = 0, ""
        for _ in range(_TRIES):
            process = _Process(self._arguments)
            if process.is_ready:
                return process
            code, errors = process.end()
        raise WorkerError(
            "a process that compares answers ended at its start",
            where=_WORKER,
            got=f"{_how(code)}: {errors or 'no message'}",
            hint=f"Try `{sys.executable} -m {_WORKER} {' '.join(self._arguments)}` by hand.",
        )

    def _end(self, process: _Process) -> int:
        self._process = None
        return process.end()[0]


class _Process:
    """One running worker.

    Raises:
        WorkerError: the system cannot start it.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._caller = os.getpid()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-m", _WORKER, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=_environment(),
                # Signals to the caller's group (Ctrl-C) are the caller's.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except (OSError, ValueError) as error:
            self._errors.close()
            raise WorkerError(
                "a process that compares answers cannot be started",
                where=repr(sys.executable),
                got=str(error),
                expected="the Python interpreter",
            ) from error
        # What a start-up file prints comes before.
        self.is_ready = self.read(READY) is not None

    @property
    def is_usable(self) -> bool:
        """Whether it runs, and for this process."""
        return self._caller == os.getpid() and self._popen.poll() is None

    def send(self, pair: tuple[str, str]) -> None:
        """Ask for a pair; that a dead process cannot be asked shows in `read`."""
        assert self._popen.stdin is not None
        with suppress(OSError):
            self._popen.stdin.write(json.dumps(pair).encode() + b"\n")
            self._popen.stdin.flush()

    def end(self) -> tuple[int, str]:
        """End it if it runs: its exit code, and the last line of its errors."""
        for pipe in (self._popen.stdin, self._popen.stdout):
            assert pipe is not None
            with suppress(OSError):  # it may be dead, and the line not sent
                pipe.close()
        if self._caller != os.getpid():
            return 0, ""
        try:
            code = self._popen.wait(_GRACE_S)  # its input has ended
        except subprocess.TimeoutExpired:
            self._popen.kill()
            code = self._popen.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").split("\n")
        self._errors.close()
        return code, next((line for line in reversed(lines) if line.strip()), "")

    def read(self, wanted: bytes | None = None) -> bytes | None:
        """The next whole line, or the next that is `wanted`; None if it ends, or is silent for too long."""
        assert self._popen.stdout is not None
        alarm = threading.Timer(PATIENCE_S, self._popen.kill)
        alarm.daemon = True
        alarm.start()
        try:
            for line in iter(self._popen.stdout.readline, b""):
                if line.endswith(b"\n") and wanted in (None, line):
                    return line
            return None
        finally:
            alarm.cancel()


def _without_reply(code: int) -> Finding:
    """The finding on a pair whose process ended with this code; errors as `WorkerPool.ask`."""
    if code in _LATE:
        return "undecided", TIMED_OUT
    if code not in _OUTSIDE:
        return "undecided", DIED
    raise WorkerError(
        "a process that compares answers was killed twice",
        where=_WORKER,
        got=_how(code),
        expected="an answer, or the end of its processor time",
        hint="Out of memory? Nothing was decided: free memory and run the same command again.",
    )


def _environment() -> dict[str, str]:
    """The caller's, with the very places from which the caller imports; equal hashes make equal verdicts."""
    path = dict.fromkeys(os.path.abspath(place) for place in sys.path)
    own = {"PYTHONPATH": os.pathsep.join(path), "PYTHONHASHSEED": "0"}
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONINSPECT"}, **own}


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
