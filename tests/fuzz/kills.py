"""Kills every command that writes at a random moment, and runs it again.

    python -m tests.fuzz.kills --count 200

The moments are spread over the whole duration of a run that nobody disturbs. The same command has to end
well afterwards, with the same bytes (times excepted) and no file that an undisturbed run does not leave. A
try ends *identical*, or *too late* if the command had ended before, or in a fault.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from tests.fuzz.campaign import SEED, Campaign, drawn, run_campaign
from tests.fuzz.writers import Writer, command, fresh, in_fork, in_turn, repeated, state


def campaign(count: int, seed: int = SEED, base: Path | None = None) -> Campaign:
    """So many kills, the commands in turn; `base` is one that is `prepared`."""
    return in_turn("kills", count, seed, base, _kill_often)


def _kill_often(found: Campaign, writer: Writer, base: Path, count: int, seed: int) -> None:
    took_s, expected = _undisturbed(writer, base)
    if count > 1:  # the first one may have been slow for reasons of the machine
        took_s = min(took_s, _undisturbed(writer, base)[0])
    draw = drawn(seed, "kills", writer.name)
    for index in range(count):
        moment_s = took_s * (index + draw.random()) / count
        word, told = _killed(writer, base, moment_s, expected)
        found.count(writer.name, word, f"killed after {moment_s:.4f} of {took_s:.4f} s", told)


def _undisturbed(writer: Writer, base: Path) -> tuple[float, dict[str, object]]:
    """How long it takes, and what it leaves."""
    place = fresh(base, writer)
    start_s = time.monotonic()
    status, said = in_fork(command(writer, base), place)()
    took_s = time.monotonic() - start_s
    assert status == 0, f"{writer.name}: {said}"
    return took_s, state(base)


def _killed(writer: Writer, base: Path, moment_s: float, expected: dict[str, object]) -> tuple[str, str]:
    place = fresh(base, writer)
    wait = in_fork(command(writer, base), place)
    time.sleep(moment_s)
    os.kill(wait.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    was_killed = wait()[0] == -signal.SIGKILL
    word, told = repeated(writer, base, expected)
    return (word if was_killed or word != "identical" else "too late"), told


if __name__ == "__main__":
    sys.exit(run_campaign(__doc__, campaign, count=200))
