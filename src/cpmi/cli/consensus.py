"""`cpmi consensus`: what two label sets agree on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import OutFolder, Overwrite

if TYPE_CHECKING:
    from cpmi.calibration import By

_FIRST = "A run of labels (mapped to targets by the robust map), or a folder of targets."
_THRESHOLDS = (
    "The first target below is the first error. By default a folder's own hard labels count, else 0.5, which "
    "for a run of labels is their median: half of all steps are then below."
)
_BY = "chain drops chains whose first errors differ; step keeps the steps before them."


def consensus(
    first: Annotated[Path, typer.Argument(metavar="DIR_A", help=_FIRST)],
    second: Annotated[Path, typer.Argument(metavar="DIR_B", help="Another one on the same chains.")],
    out: OutFolder,
    thresholds: Annotated[tuple[float, float] | None, typer.Option(metavar="A B", help=_THRESHOLDS)] = None,
    by: Annotated[str, typer.Option(help=_BY)] = "chain",
    overwrite: Overwrite = False,
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
