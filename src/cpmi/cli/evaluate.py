"""`cpmi evaluate`: labels against ratings, and reward models by the official protocols."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import AnswerCheck, Percent, Seed

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from cpmi.evaluate.storing import Result

evaluate = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich")


_OUT = (
    "Write the result as JSON, one record per chain, and what a whole benchmark gives for the model's "
    "page on the Hub (.eval_results/*.yaml) to this folder."
)
_DEV = (
    "Take thresholds from this run of the same method on other problems; repeat for each method. By default "
    "thresholds are cross-fitted over 5 folds of problems."
)
_FOLDERS = "Run folders on the same chains, or folders by cpmi calibrate, hybrid or score."
_TUNE_ON = (
    "Tune the threshold on these scores of the GSM8K split, which is then not reported; by default the "
    "threshold is 0.5."
)
_ITEMS = "An official file that the scores were made from, to count items without scores; repeat for each."

Scores = Annotated[
    list[Path], typer.Argument(metavar="SCORES...", help="Folders by cpmi score, or their tables.")
]
Gold = Annotated[
    Path | None, typer.Option(help="A file of problems and answers, joined by the problem's text.")
]
OutFolder = Annotated[Path | None, typer.Option("--out", "-o", help=_OUT)]
Draws = Annotated[int, typer.Option(help="Bootstrap draws of problems per confidence interval.")]


@evaluate.callback()
def group() -> None:
    """Measure labels and reward models, with confidence intervals and model-free baselines."""


@evaluate.command()
def labels(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help=_FOLDERS)],
    dev: Annotated[list[Path] | None, typer.Option(metavar="DIR", help=_DEV)] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Evaluate apart by this entry of the chains' meta, as generator."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the whole result to this JSON file.")
    ] = None,
    draws: Draws = 2000,
    seed: Seed = 0,
    percent: Percent = None,
    answer_check: AnswerCheck = None,
) -> None:
    """Compare labels or targets with the ratings of their chains, matched by id."""
    from cpmi.cli.evaluation import show_evaluation
    from cpmi.evaluate import evaluate_labels, evaluate_labels_by
    from cpmi.runs.grading import grading_of
    from cpmi.runs.products import write_json_product

    grading = grading_of([*folders, *(dev or ())], percent=percent, check=answer_check)
    with terminal.err().status("measuring"):
        if by is None:
            found = {"": evaluate_labels(folders, dev=dev or (), num_draws=draws, seed=seed, grading=grading)}
        else:
            found = evaluate_labels_by(
                folders, by, dev=dev or (), num_draws=draws, seed=seed, grading=grading
            )
    if out is not None:
        parts = {value: evaluation.to_json() for value, evaluation in found.items()}
        write_json_product(out, parts[""] if by is None else {"by": by, "values": parts})
    console = terminal.for_tables()
    for value, evaluation in found.items():
        if by is not None:
            console.rule(f"{by}: {value}", align="left")
        show_evaluation(console, evaluation)
    if out is not None:
        console.print(f"\nEverything in numbers: {out}", soft_wrap=True)


@evaluate.command()
def processbench(
    scores: Scores,
    gold: Gold = None,
    tune_on: Annotated[Path | None, typer.Option(metavar="SCORES", help=_TUNE_ON)] = None,
    out: OutFolder = None,
    draws: Draws = 2000,
    seed: Seed = 0,
    percent: Percent = None,
    answer_check: AnswerCheck = None,
) -> None:
    """Find first errors: ProcessBench by its official protocol, or any chains with known first errors."""
    from cpmi.cli.benchmarks import show_processbench
    from cpmi.evaluate import evaluate_processbench
    from cpmi.runs.grading import grading_of

    with terminal.err().status("measuring"):
        result = evaluate_processbench(
            scores,
            gold=gold,
            tune_on=tune_on,
            num_draws=draws,
            seed=seed,
            grading=grading_of(scores, percent=percent, check=answer_check),
        )
    _finish(result, out, lambda console: show_processbench(console, result))


@evaluate.command()
def prmbench(
    scores: Scores,
    items: Annotated[list[Path] | None, typer.Option(metavar="FILE", help=_ITEMS)] = None,
    out: OutFolder = None,
    draws: Draws = 2000,
    seed: Seed = 0,
) -> None:
    """Separate wrong steps from right ones: PRMScore on PRMBench by its official protocol."""
    from cpmi.cli.benchmarks import show_prmbench
    from cpmi.evaluate import evaluate_prmbench

    with terminal.err().status("measuring"):
        result = evaluate_prmbench(scores, items=items or (), num_draws=draws, seed=seed)
    _finish(result, out, lambda console: show_prmbench(console, result))


@evaluate.command("best-of-n")
def best_of_n(
    scores: Scores,
    gold: Gold = None,
    out: OutFolder = None,
    draws: Draws = 2000,
    seed: Seed = 0,
    percent: Percent = None,
    answer_check: AnswerCheck = None,
) -> None:
    """Choose among N chains per problem, compared with majority vote and pass@N."""
    from cpmi.cli.benchmarks import show_best_of_n
    from cpmi.evaluate import evaluate_best_of_n
    from cpmi.runs.grading import grading_of

    with terminal.err().status("measuring"):
        result = evaluate_best_of_n(
            scores,
            gold=gold,
            num_draws=draws,
            seed=seed,
            grading=grading_of(scores, percent=percent, check=answer_check),
        )
    _finish(result, out, lambda console: show_best_of_n(console, result))


def _finish(result: Result, out: Path | None, show: Callable[[Console], None]) -> None:
    """Store the result before it is shown."""
    from cpmi.evaluate.storing import store

    files = [] if out is None else store(result, out)
    console = terminal.for_tables()
    show(console)
    if files:
        console.print(f"\nFiles: {', '.join(map(str, files))}", soft_wrap=True)
