"""The program that runs a regular expression: `python pattern_worker.py LIMIT_S MEMORY_BYTES`.

Both directions are lines of JSON. The first line in is the expression; every other line is a text, and the
spans of all matches go out, `[[0, 2], [7, 9]]`. It ends when its input ends. A text may take LIMIT_S seconds
of *processor time*; then the kernel ends the program, for the interpreter is busy in one call. Systems
without such timers count the seconds of the clock in a thread that does not need the interpreter.

It imports nothing of cpmi, so that it starts fast.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import signal
import sys
import warnings

OUT_OF_MEMORY = 76


def main(limit_s: float, memory_bytes: int) -> None:
    """Answer the texts on the standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C concerns the caller, who ends this program
    bound_memory(memory_bytes)
    warnings.simplefilter("ignore")
    pattern = re.compile(json.loads(sys.stdin.readline()), re.MULTILINE)
    for line in sys.stdin:
        text = json.loads(line)
        start_timer(limit_s)
        try:
            spans = [match.span() for match in pattern.finditer(text)]
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        stop_timer()
        sys.stdout.write(json.dumps(spans) + "\n")
        sys.stdout.flush()


def bound_memory(num_bytes: int) -> None:
    """Let this program have so much address space, where the system knows such a limit."""
    if os.name == "posix":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        soft = num_bytes if hard == resource.RLIM_INFINITY else min(num_bytes, hard)
        try:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        except (ValueError, OSError):  # macOS has the name and refuses the limit
            return


def start_timer(limit_s: float) -> None:
    """End this program after so many seconds of processor time, unless `stop_timer` comes before."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, limit_s)
    else:
        faulthandler.dump_traceback_later(limit_s, exit=True)


def stop_timer() -> None:
    """What was started is over."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    else:
        faulthandler.cancel_dump_traceback_later()


def listen_to_timers() -> None:
    """A caller may ignore or block the signal that ends this program."""
    if hasattr(signal, "SIGPROF"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPROF])


if __name__ == "__main__":
    listen_to_timers()
    main(float(sys.argv[1]), int(sys.argv[2]))
