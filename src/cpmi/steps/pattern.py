"""Find what a regular expression matches, in a process that is ended when it takes too long.

A regular expression of Python may need exponential time, holds the interpreter while it runs and cannot be
interrupted from a thread. So a small program (`pattern_worker.py`) runs it. Guaranteed is: no text takes more
than `LIMIT_S` seconds of processor time and `MEMORY_BYTES` of memory; one that does is a ConfigError, however
busy the machine is, and so for every text that follows.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cpmi.errors import ConfigError, CpmiError, WorkerError
from cpmi.steps.spans import Span

LIMIT_S = 2.0
"""Seconds of processor time per text."""
MEMORY_BYTES = 2 * 1024**3
"""Memory of the process that runs the expression."""
LATE, OUT_OF_MEMORY = 1, 76
"""Exit codes of the process."""
_LATE = (LATE, -getattr(signal, "SIGPROF", -LATE))
_WORKER = Path(__file__).with_name("pattern_worker.py")


def matches(pattern: str, text: str) -> list[Span]:
    """What separates the steps of `text`: matches of `pattern` and the white space around them.

    As in `re.split`, a match without characters (a lookahead) separates too.

    Raises:
        ConfigError: the expression took too long on this text.
    """
    spans: list[Span] = []
    for begin, end in _program(pattern).spans(text):
        last = spans[-1][1] if spans else 0
        if spans and end <= last:
            continue
        while begin > last and text[begin - 1].isspace():
            begin -= 1
        while end < len(text) and text[end].isspace():
            end += 1
        if spans and begin <= last:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((begin, end))
    return spans


class _Program:
    """The process of one pattern; started when it is first asked, and again after it was ended."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def spans(self, text: str) -> list[Span]:
        """Begin and end of every match in `text`. Threads may ask together."""
        with self._lock:
            process = self._running()
            try:
                reply = _ask(process, text)
            except BaseException:  # an interrupted question would be answered to the next one
                self._end()
                raise
            if not reply:
                self._end()
                raise self._error(process.returncode, len(text))
            found: list[Span] = [(begin, end) for begin, end in json.loads(reply)]
            return found

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid():
            command = [sys.executable, "-I", "-S", str(_WORKER), str(LIMIT_S), str(MEMORY_BYTES)]
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
                _say(process, self._pattern)
            except OSError as error:
                raise WorkerError(
                    "the process that runs the regular expression cannot be started", got=str(error)
                ) from error
            self._process, self._owner = process, os.getpid()
            weakref.finalize(self, _close, process)
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            _close(process)

    def _error(self, code: int, num_characters: int) -> CpmiError:
        where, got = f"regex:{self._pattern[:200]}", f"a text of {num_characters:,} characters"
        hint = "Write it without repetition inside of repetition, as in (a+)+."
        if code in _LATE:
            what = f"the regular expression to split steps by takes more than {LIMIT_S:g} s of processor time"
            return ConfigError(what, where=where, got=got, hint=hint)
        if code == OUT_OF_MEMORY:
            what = f"the regular expression to split steps by takes more than {MEMORY_BYTES / 1e9:.1f} GB"
            return ConfigError(what, where=where, got=got, hint=hint)
        return WorkerError(
            "the process that runs the regular expression was ended", where=where, got=f"exit code {code}"
        )


@lru_cache(maxsize=4)
def _program(pattern: str) -> _Program:
    return _Program(pattern)


def _ask(process: subprocess.Popen[bytes], text: str) -> bytes:
    """The line that the process replies; empty if it has ended."""
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        _say(process, text)
    reply = process.stdout.readline()
    return reply if reply.endswith(b"\n") else b""


def _say(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(text).encode("ascii") + b"\n")
    process.stdin.flush()


def _close(process: subprocess.Popen[bytes]) -> None:
    """Close both pipes, at which the process ends, and wait for it."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()
