"""The two consoles of the command line, and the codes it exits with."""

from __future__ import annotations

from rich.console import Console

EXIT_FAILED = 1
EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130


def out(*, record: bool = False, width: int | None = None) -> Console:
    """Where results go. Made anew at each call, so that it follows a redirected stdout."""
    return Console(highlight=False, markup=False, emoji=False, record=record, width=width)


def err() -> Console:
    """Where progress and errors go."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)
