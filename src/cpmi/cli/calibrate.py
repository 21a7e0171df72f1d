"""`cpmi calibrate`: labels to training targets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cpmi.cli import terminal

if TYPE_CHECKING:
    from cpmi.targets.calibrate import Decode
    from cpmi.targets.fitting import MapChoice


def calibrate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run of labels.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder for the targets.", show_default=False)],
    map: Annotated[
        str,
        typer.Option(
            help="robust (the published one) or quantile, fitted on the labels themselves; platt or "
            "isotonic, fitted on ratings; auto: isotonic from 1,000 rated steps on, platt below, robust "
            "without ratings.",
        ),
    ] = "auto",
    rated: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Fit on this rated run of the same method on other problems. Without it, a run that is "
            "rated itself is cross-fitted over 5 folds of problems.",
            show_default=False,
        ),
    ] = None,
    hard: Annotated[
        float | None,
        typer.Option(
            metavar="THRESHOLD",
            help="Hard labels too: the first target below is the first error; nothing after it.",
            show_default=False,
        ),
    ] = None,
    decode: Annotated[
        str | None,
        typer.Option(
            help="Hard labels too, by change_point: the most probable first error of the whole chain; a "
            "wrong final answer implies one.",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace targets that stand there.")] = False,
) -> None:
    """Map labels of any unit to targets in [0, 1] for training."""
    from cpmi.cli.summary import summarize_targets
    from cpmi.targets import calibrate_labels

    done = calibrate_labels(
        folder,
        out,
        map=cast("MapChoice", map),  # checked there
        rated=rated,
        hard=hard,
        decode=cast("Decode | None", decode),
        overwrite=overwrite,
    )
    terminal.out().print(summarize_targets(done), soft_wrap=True)
