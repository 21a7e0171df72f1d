"""`cpmi hybrid`: the first steps from one run, the rest from another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import OutFolder, Overwrite

if TYPE_CHECKING:
    from cpmi.targets.hybrid import HybridMap

_FIRST = "A run that labels the first steps, for example by monte_carlo."
_REST = "A run that labels the other steps, on the same chains."
_NUM = "Number of steps per chain to take from FIRST."
_MAP = (
    "overlap maps REST's labels to FIRST's success rates, fitted on the first K steps without ratings; platt "
    "or isotonic map both to the probability of a right step, cross-fitted on ratings."
)


def hybrid(
    first: Annotated[Path, typer.Argument(metavar="FIRST", help=_FIRST)],
    rest: Annotated[Path, typer.Argument(metavar="REST", help=_REST)],
    num_first: Annotated[int, typer.Option("--first", metavar="K", help=_NUM)],
    out: OutFolder,
    map: Annotated[str, typer.Option(help=_MAP)] = "overlap",
    overwrite: Overwrite = False,
) -> None:
    """Take the first K steps of every chain from one run and the rest from another, on one scale."""
    from cpmi.cli.summary import summarize_hybrid
    from cpmi.targets import hybrid_of

    done = hybrid_of(
        first,
        rest,
        out,
        num_first=num_first,
        map=cast("HybridMap", map),  # checked there
        overwrite=overwrite,
    )
    terminal.out().print(summarize_hybrid(done, out), soft_wrap=True)
