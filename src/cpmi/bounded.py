"""A program that answers lines of JSON, one reply per line, and is ended at its limits by the kernel.

What runs foreign code (a regular expression, a template) cannot be interrupted from a thread: it holds the
interpreter. So it runs in a process of its own, which is started when it is first asked, and again after it
was ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from cpmi.errors import WorkerError

LATE, OUT_OF_MEMORY = 1, 76
"""Exit codes of such a program."""
_LATE = (LATE, -getattr(signal, "SIGPROF", -LATE))


class ProgramEndedError(Exception):
    """The program ended without a reply.

    Attributes:
        code: its exit code, negative for a signal.
        late: it used up its processor time.
        out_of_memory: it used up its memory.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code
        self.late = code in _LATE
        self.out_of_memory = code == OUT_OF_MEMORY

    def phrase(self, name: str, *, limit_s: float, memory_bytes: int) -> str:
        """What happened to the program that runs `name`."""
        if self.late:
            return f"{name} takes more than {limit_s:g} s of processor time"
        if self.out_of_memory:
            return f"{name} takes more than {memory_bytes / 1e9:.1f} GB"
        return f"the process that runs {name} was ended"


class BoundedProgram:
    """The process of one program.

    Args:
        command: that starts it.
        opening: its first line, as JSON.
        name: what it runs, for errors.
        environment: of the process; None for the caller's.
    """

    def __init__(
        self,
        command: Sequence[str],
        opening: object,
        *,
        name: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command, self._opening, self._name = command, opening, name
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def ask(self, question: object) -> Any:
        """The reply to one line. Threads may ask together.

        Raises:
            ProgramEndedError: it ended without a reply, at a limit or otherwise.
            WorkerError: it cannot be started.
        """
        with self._lock:
            process = self._running()
            try:
                reply = _ask(process, question)
            except BaseException:  # an interrupted question would be answered to the next one
                self._end()
                raise
            if not reply:
                self._end()
                raise ProgramEndedError(process.returncode)
            return json.loads(reply)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid():  # in a fork, it is the other one's
            try:
                process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=self._environment,
                )
                _say(process, self._opening)
            except OSError as error:
                raise WorkerError(
                    f"the process that runs {self._name} cannot be started", got=str(error)
                ) from error
            self._process, self._owner = process, os.getpid()
            weakref.finalize(self, _close, process)
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            _close(process)


def _ask(process: subprocess.Popen[bytes], question: object) -> bytes:
    """The line that the process replies; empty if it has ended."""
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        _say(process, question)
    reply = process.stdout.readline()
    return reply if reply.endswith(b"\n") else b""


def _say(process: subprocess.Popen[bytes], line: object) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(line).encode("ascii") + b"\n")
    process.stdin.flush()


def _close(process: subprocess.Popen[bytes]) -> None:
    """Close both pipes, at which the process ends, and wait for it."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()
