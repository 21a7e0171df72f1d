"""`cpmi evaluate labels`: labels against ratings, beside what needs no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpmi.cli import terminal

evaluate = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

_NARROWEST = 110


@evaluate.callback()
def group() -> None:
    """Measure labels against ratings, with intervals, beside trivial baselines."""


@evaluate.command()
def labels(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...",
            help="Run folders on the same chains, or folders by cpmi calibrate or cpmi hybrid.",
            show_default=False,
        ),
    ],
    dev: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Take thresholds from this run of the same method on other problems; repeat it for each "
            "method. Without it thresholds are cross-fitted over 5 folds of problems.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the whole result as JSON.", show_default=False)
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of problems behind every interval.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
) -> None:
    """Hold labels or targets against the ratings of their chains, which are matched by id."""
    from cpmi.cli.evaluation import show_evaluation
    from cpmi.evaluate import evaluate_labels
    from cpmi.runs.storage import write_json

    with terminal.err().status("measuring"):
        evaluation = evaluate_labels(folders, dev=dev or (), num_draws=draws, seed=seed)
    if out is not None:
        write_json(out, evaluation.to_json())
    console = terminal.out()
    if not console.is_terminal:
        console = terminal.out(width=_NARROWEST)  # a file has no width to fit into
    show_evaluation(console, evaluation)
    if out is not None:
        console.print(f"\nEverything in numbers: {out}", soft_wrap=True)
