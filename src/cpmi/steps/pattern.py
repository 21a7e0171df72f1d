"""Find what a regular expression matches, in a process that is ended when it takes too long.

A regular expression of Python may need exponential time, holds the interpreter while it runs and cannot be
interrupted from a thread. So a small program (`pattern_worker.py`) runs it. Guaranteed is: no text takes more
than `LIMIT_S` seconds of processor time and `MEMORY_BYTES` of memory; one that does is a ConfigError, however
busy the machine is, and so for every text that follows.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

from cpmi.bounded import BoundedProgram, ProgramEndedError
from cpmi.errors import ConfigError, CpmiError, WorkerError
from cpmi.steps.spans import Span

LIMIT_S = 2.0
"""Seconds of processor time per text."""
MEMORY_BYTES = 2 * 1024**3
"""Memory of the process that runs the expression."""
_WORKER = Path(__file__).with_name("pattern_worker.py")


def matches(pattern: str, text: str) -> list[Span]:
    """What separates the steps of `text`: matches of `pattern` and the white space around them.

    As in `re.split`, a match without characters (a lookahead) separates too.

    Raises:
        ConfigError: the expression took too long on this text.
    """
    spans: list[Span] = []
    for begin, end in _found(pattern, text):
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


@lru_cache(maxsize=4)
def _program(pattern: str) -> BoundedProgram:
    command = [sys.executable, "-I", "-S", str(_WORKER), str(LIMIT_S), str(MEMORY_BYTES)]
    return BoundedProgram(command, pattern, name="the regular expression")


def _found(pattern: str, text: str) -> list[list[int]]:
    """Begin and end of every match in `text`; errors as `matches`."""
    try:
        found: list[list[int]] = _program(pattern).ask(text)
    except ProgramEndedError as ended:
        raise _error(ended, pattern, len(text)) from ended
    return found


def _error(ended: ProgramEndedError, pattern: str, num_characters: int) -> CpmiError:
    name = "the regular expression to split steps by"
    what = ended.phrase(name, limit_s=LIMIT_S, memory_bytes=MEMORY_BYTES)
    where = f"regex:{pattern[:200]}"
    if ended.late or ended.out_of_memory:
        return ConfigError(
            what,
            where=where,
            got=f"a text of {num_characters:,} characters",
            hint="Write it without repetition inside of repetition, as in (a+)+.",
        )
    return WorkerError(what, where=where, got=str(ended))
