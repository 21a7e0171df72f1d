"""`cpmi consensus`: what two label sets agree on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cpmi.cli import terminal

if TYPE_CHECKING:
    from cpmi.calibrate import By


def consensus(
    first: Annotated[
        Path,
        typer.Argument(
            metavar="DIR_A",
            help="A run of labels (its targets are made by the robust map), or a folder of targets.",
            show_default=False,
        ),
    ],
    second: Annotated[
        Path, typer.Argument(metavar="DIR_B", help="Another one on the same chains.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder for the targets.", show_default=False)],
    thresholds: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="A B",
            help="The first target below is the first error. Without them a folder's own hard labels count, "
            "else 0.5, which for a run of labels is their median: half of all steps are then below.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            help="chain drops chains whose first errors disagree; step keeps their steps before these."
        ),
    ] = "chain",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace targets that stand there.")] = False,
) -> None:
    """Keep the steps and chains on which two label sets agree, as training targets."""
    from cpmi.cli.summary import summarize_consensus
    from cpmi.targets import consensus_of

    done = consensus_of(
        first,
        second,
        out,
        thresholds=thresholds,
        by=cast("By", by),  # checked there
        overwrite=overwrite,
    )
    terminal.out().print(summarize_consensus(done, out), soft_wrap=True)
