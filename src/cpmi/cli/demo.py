"""`cpmi demo`: the whole idea on one machine, and the commands that do the same."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from cpmi.cli import terminal
from cpmi.numbers import duration

if TYPE_CHECKING:
    from cpmi.api.demo_stages import Event


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder for everything.")] = Path("demo"),
    num: Annotated[int, typer.Option("--num", "-n", min=1, help="Problems, with one chain each.")] = 150,
    threads: Annotated[
        int, typer.Option(min=1, help="Threads of each process; on two cores there are two processes.")
    ] = 1,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin anew.")] = False,
) -> None:
    """Show everything on a small world with known truth, offline; an interrupted demo is resumed."""
    from cpmi.api.demo import run_demo
    from cpmi.api.demo_stages import Settings
    from cpmi.cli.benchmarks import show_best_of_n
    from cpmi.cli.evaluation import show_evaluation

    try:
        with _Display() as display:
            shown = run_demo(Settings(out=out, num=num, threads=threads, overwrite=overwrite), display.tell)
    except KeyboardInterrupt:
        again = "the same command without --overwrite" if overwrite else "the same command"
        terminal.err().print(
            f"interrupted: what is finished is kept in {out}; {again} resumes", style="yellow"
        )
        raise typer.Exit(terminal.EXIT_INTERRUPTED) from None
    console = terminal.for_tables()
    show_evaluation(console, shown.evaluation)
    console.print()
    show_best_of_n(console, shown.best_of_n)
    console.print(
        f"\n{duration(shown.wall_s)}. Open {shown.report} in a browser; the reward model is in {shown.prm}.",
        style="bold",
        soft_wrap=True,
    )


class _Display:
    """Every stage with its command and its time, and bars of those at work; a context manager."""

    def __init__(self) -> None:
        self._console = terminal.err()
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[done]}"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Display:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def tell(self, event: Event) -> None:
        """Show what has happened."""
        if event.command:
            self._console.print(f"$ {shlex.join(event.command)}", soft_wrap=True)
            self._tasks[event.stage] = self._bars.add_task(event.stage, total=None, done="")
        elif event.wall_s is not None:
            self._bars.remove_task(self._tasks.pop(event.stage))
            self._console.print(f"  {event.stage} done in {duration(event.wall_s)}", style="green")
        elif event.progress is not None:
            total, num = event.progress.total, event.progress.num_records
            self._bars.update(
                self._tasks[event.stage], total=total, completed=num, done=f"{num} of {total or '?'}"
            )
