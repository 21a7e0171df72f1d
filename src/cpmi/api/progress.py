"""How far a run is: a bar on a terminal, a changing line in a notebook, lines now and then in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as RichProgress

from cpmi.numbers import duration
from cpmi.runs.stages import Progress

ProgressListener = Callable[[Progress], None]
Wanted = bool | ProgressListener | None
"""What a caller wants: True to see a bar, False to see nothing, a function of their own to be told, or None
for a bar where somebody looks: on a terminal and in a notebook, not in a script with its output elsewhere."""

_LOG_EVERY_S = 30.0


@contextmanager
def listening(wanted: Wanted, *, noun: str) -> Iterator[ProgressListener | None]:
    """Who is told of the progress of a run; None if nobody is.

    Args:
        wanted: by the caller.
        noun: what its records are called.
    """
    if callable(wanted):
        yield wanted
        return
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if wanted is False or (wanted is None and not (console.is_terminal or console.is_jupyter)):
        yield None
        return
    if console.is_jupyter and "IPython" in sys.modules:
        yield NotebookLine(noun).show
        return
    with ProgressDisplay(console, noun=noun, says_end=wanted is True) as display:
        yield display.show


class ProgressDisplay:
    """Shows the progress of one run on a terminal or in a log file; a context manager.

    Args:
        noun: what its records are called.
        says_end: whether a log file gets a last line, however short the run.
    """

    def __init__(self, console: Console, *, noun: str = "chains", says_end: bool = False) -> None:
        self._console = console
        self._noun = noun
        self._says_end = says_end
        self._bar = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("loading", total=None, pace="")
        self._start_s: float | None = None
        self._logged_s = 0.0
        self._line = ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if self._says_end and self._line and not self._console.is_terminal:
            self._console.print(self._line)

    def show(self, progress: Progress) -> None:
        """Take note of progress; the first call starts the clock, as the model is then loaded."""
        now_s = time.monotonic()
        if self._start_s is None:
            self._start_s = self._logged_s = now_s
        pace = pace_of(progress, now_s - self._start_s)
        self._line = line_of(progress, self._noun, pace)
        self._bar.update(
            self._task,
            description=self._noun,
            total=progress.total,
            completed=progress.num_records,
            pace=pace,
        )
        if not self._console.is_terminal and now_s - self._logged_s >= _LOG_EVERY_S:
            self._logged_s = now_s
            self._console.print(self._line)


class NotebookLine:
    """Shows the progress of one run as a line of text below a cell; it needs no widgets.

    Args:
        noun: what its records are called.
    """

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._start_s: float | None = None
        self._handle: Any = None

    def show(self, progress: Progress) -> None:
        """Take note of progress; the first call starts the clock."""
        from IPython import display

        publish: Any = display.display
        now_s = time.monotonic()
        if self._start_s is None:
            self._start_s = now_s
        text = line_of(progress, self._noun, pace_of(progress, now_s - self._start_s))
        content = {"text/plain": text}
        if self._handle is None:
            self._handle = publish(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)


def line_of(progress: Progress, noun: str, pace: str) -> str:
    """ "16 of 45 chains, 3.1 steps/s, 9.4 s left"."""
    total = "" if progress.total is None else f" of {progress.total}"
    return ", ".join(filter(None, (f"{progress.num_records}{total} {noun}", pace)))


def pace_of(progress: Progress, elapsed_s: float) -> str:
    """Steps a second and the time left, as far as this session's own work tells."""
    num_worked = progress.num_records - progress.num_kept
    texts = [f"{progress.num_kept} kept from before"] if progress.num_kept else []
    if num_worked and elapsed_s > 0:
        texts.append(f"{progress.num_steps / elapsed_s:.3g} steps/s")
        if progress.total is not None:
            left_s = (progress.total - progress.num_records) * elapsed_s / num_worked
            texts.append(f"{duration(left_s)} left")
    return ", ".join(texts)
