"""`cpmi calibrate`: labels to training targets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import AnswerCheck, OutFolder, Overwrite, Percent

if TYPE_CHECKING:
    from cpmi.targets.calibrate import Decode
    from cpmi.targets.fitting import MapChoice

_MAP = (
    "robust (the published map) or quantile, fitted on the labels themselves; platt or isotonic, fitted on "
    "ratings; auto: isotonic from 1,000 rated steps on, platt below, robust without ratings."
)
_RATED = (
    "A rated run of the same method on other problems to fit on; without it, a run that is rated itself is "
    "cross-fitted over 5 folds of problems."
)
_HARD = "Also write hard labels: the first target below this is the first error, and later steps have none."
_DECODE = (
    "Also write hard labels by change_point: the most probable first error of the whole chain; a wrong final "
    "answer implies one."
)


def calibrate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run of labels.")],
    out: OutFolder,
    map: Annotated[str, typer.Option(help=_MAP)] = "auto",
    rated: Annotated[Path | None, typer.Option(metavar="DIR", help=_RATED)] = None,
    hard: Annotated[float | None, typer.Option(metavar="THRESHOLD", help=_HARD)] = None,
    decode: Annotated[str | None, typer.Option(help=_DECODE)] = None,
    percent: Percent = None,
    answer_check: AnswerCheck = None,
    overwrite: Overwrite = False,
) -> None:
    """Map labels of any unit to training targets in [0, 1]."""
    from cpmi.cli.summary import summarize_targets
    from cpmi.runs.grading import grading_of
    from cpmi.targets import calibrate_labels

    done = calibrate_labels(
        folder,
        out,
        map=cast("MapChoice", map),  # checked there
        rated=rated,
        hard=hard,
        decode=cast("Decode | None", decode),
        grading=grading_of([folder], percent=percent, check=answer_check),
        overwrite=overwrite,
    )
    terminal.out().print(summarize_targets(done), soft_wrap=True)
