"""The program that compares answers, a pair at a time: `python -m cpmi.answers.worker LIMIT COMPARISON`.

It is a program of its own and not a child of `multiprocessing`, whose start re-runs the caller's script. Both
directions are lines of JSON: `["2x", "x+x"]` comes in on the standard input, `["same", ""]` goes out on the
standard output, after a first line `READY`. It ends when its input ends, also in the middle of a comparison,
so it does not outlive the caller.

A comparison may take LIMIT seconds of *processor time*, whatever else the machine does. Then the kernel ends
the program (a handler in Python would wait for the end of one long multiplication), which the caller sees
from its exit code. Systems without such timers are served by a thread.
"""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from typing import TextIO

from cpmi.answers.pool import LATE, READY

# Kept small: a comparison that needs more memory would take too long as well.
_MEMORY_BYTES = 2 * 1024**3
_POLL_S = 0.05


def main(limit: str, comparison: str) -> None:
    """Answer the pairs on the standard input until it ends.

    Args:
        limit: seconds of processor time per pair.
        comparison: "module:function" of two answers that returns a relation and a reason.
    """
    _bound_memory()
    _ignore_the_terminal()
    module, _, name = comparison.partition(":")
    compare = getattr(import_module(module), name)
    compare(r"\sin^2 x+\cos^2 x", "1")  # loads what is loaded late: the limit counts the comparison only
    replies = _own_output()
    replies.write(READY.decode())
    replies.flush()
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=[lines], daemon=True).start()
    timer = _KernelTimer() if hasattr(signal, "setitimer") else _WatchedTimer()
    while True:
        pair = json.loads(lines.get())
        _seed()
        timer.start(float(limit))
        found = compare(*pair)
        timer.stop()
        replies.write(json.dumps(found) + "\n")
        replies.flush()


def _bound_memory() -> None:
    if os.name == "posix":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        soft = _MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(_MEMORY_BYTES, hard)
        with suppress(ValueError, OSError):  # macOS has the name and refuses the limit
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _ignore_the_terminal() -> None:
    """Ctrl-C concerns the caller, who ends this program; a timer that the caller ignores works here."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPROF])


def _own_output() -> TextIO:
    """The standard output for replies alone: what a library prints, or warns of, is dropped."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    return replies


def _listen(lines: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def _seed() -> None:
    """Equal random draws for every pair: sympy tests equality at random points."""
    from sympy.core.random import seed  # type: ignore[import-untyped]

    seed(0)


class _KernelTimer:
    """Ends this program after `start(s)` seconds of processor time, unless `stop` comes before."""

    def start(self, limit_s: float) -> None:
        signal.setitimer(signal.ITIMER_PROF, limit_s)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


class _WatchedTimer:
    """The same by a thread that looks at the clock, for systems without interval timers."""

    def __init__(self) -> None:
        self._end_s = math.inf
        threading.Thread(target=self._watch, daemon=True).start()

    def start(self, limit_s: float) -> None:
        self._end_s = time.process_time() + limit_s

    def stop(self) -> None:
        self._end_s = math.inf

    def _watch(self) -> None:
        while time.process_time() < self._end_s:
            time.sleep(_POLL_S)
        os._exit(LATE)


if __name__ == "__main__":
    main(*sys.argv[1:])
