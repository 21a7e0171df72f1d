"""The two consoles of the command line, and the codes it exits with."""

from __future__ import annotations

from rich.console import Console

_FILE_WIDTH = 110  # a file has no width of its own to fit into
EXIT_FAILED = 1
EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130


def out(*, record: bool = False, width: int | None = None) -> Console:
    """Where results go. Made anew at each call, so that it follows a redirected stdout."""
    return Console(highlight=False, markup=False, emoji=False, record=record, width=width)


def for_tables() -> Console:
    """As `out`, wide enough for a table where it is not a terminal."""
    console = out()
    return console if console.is_terminal else out(width=_FILE_WIDTH)


def err() -> Console:
    """Where progress and errors go."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)
