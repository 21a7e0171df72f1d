"""`cpmi world`: problems with known truth, and exact ratings of chains that answer them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import OutFile, Seed

world = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Word problems with known truth, and exact ratings of their chains.",
)

_SPLIT = "train, dev or test; they share no structures and no numbers."
_LEVEL = "0 (1 step), 1 (2-3 steps), 2 (3-5) or 3 (4-8); by default 1 to 3 at random."


@world.command()
def problems(
    out: OutFile,
    num: Annotated[int, typer.Option("--num", "-n", min=1, help="Number of problems.")] = 300,
    split: Annotated[str, typer.Option(help=_SPLIT)] = "test",
    level: Annotated[int | None, typer.Option(help=_LEVEL)] = None,
    seed: Seed = 0,
) -> None:
    """Draw word problems of the world."""
    from cpmi.api.world import write_problems

    write_problems(out, num=num, split=split, level=level, seed=seed)
    terminal.out().print(f"{num} problems: {out}")


@world.command()
def rate(
    input: Annotated[Path, typer.Argument(metavar="CHAINS", help="Chains on the world's problems.")],
    out: OutFile,
) -> None:
    """Rate every step of chains exactly, from the text alone."""
    from cpmi.api.world import rate as run
    from cpmi.types import Rating

    done = run(input, out=out)
    steps = ", ".join(f"{done.steps.get(r, 0)} {r}" for r in (Rating.RIGHT, Rating.NEUTRAL, Rating.WRONG))
    terminal.out().print(
        f"{done.num_chains} chains, {done.num_wrong} of them with a wrong step; steps: {steps}: {out}"
    )
