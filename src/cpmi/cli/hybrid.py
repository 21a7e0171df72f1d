"""`cpmi hybrid`: the first steps from one run, the rest from another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cpmi.cli import terminal

if TYPE_CHECKING:
    from cpmi.targets.hybrid import HybridMap


def hybrid(
    first: Annotated[
        Path,
        typer.Argument(
            metavar="FIRST",
            help="A run of labels for the first steps, as by monte_carlo.",
            show_default=False,
        ),
    ],
    rest: Annotated[
        Path,
        typer.Argument(
            metavar="REST", help="A run of labels on the same chains for the others.", show_default=False
        ),
    ],
    num_first: Annotated[
        int,
        typer.Option(
            "--first", metavar="K", help="How many steps of a chain FIRST labels.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder for the targets.", show_default=False)],
    map: Annotated[
        str,
        typer.Option(
            help="overlap maps REST's labels to FIRST's success rates, fitted on the first K steps without "
            "ratings; platt or isotonic map both to the probability of being right, cross-fitted on ratings.",
        ),
    ] = "overlap",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace targets that stand there.")] = False,
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
