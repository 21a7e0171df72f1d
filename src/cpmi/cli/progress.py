"""How far a run is: a bar on a terminal, a line now and then in a log file."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as RichProgress

from cpmi.numbers import duration

if TYPE_CHECKING:
    from cpmi.runs.stages import Progress

_LOG_EVERY_S = 30.0


class ProgressDisplay:
    """Shows the progress of one run; a context manager.

    Args:
        noun: what its records are called.
    """

    def __init__(self, console: Console, *, noun: str = "chains") -> None:
        self._console = console
        self._noun = noun
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

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Take note of progress; the first call starts the clock, as the model is then loaded."""
        now_s = time.monotonic()
        if self._start_s is None:
            self._start_s = self._logged_s = now_s
        pace = pace_of(progress, now_s - self._start_s)
        self._bar.update(
            self._task,
            description=self._noun,
            total=progress.total,
            completed=progress.num_records,
            pace=pace,
        )
        if not self._console.is_terminal and now_s - self._logged_s >= _LOG_EVERY_S:
            self._logged_s = now_s
            self._console.print(f"{progress.num_records} of {progress.total or '?'} {self._noun}, {pace}")


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
