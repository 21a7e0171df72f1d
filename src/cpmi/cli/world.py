"""`cpmi world`: problems with known truth, and exact ratings of chains that answer them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import OutFile, Seed
from cpmi.errors import ConfigError, RecordError, StorageError

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
    from cpmi.embedded.world import LEVELS, Split, draw_records

    if split not in tuple(Split):
        raise ConfigError("does not fit", where="option split", got=split, expected=", ".join(Split))
    if level is not None and level not in LEVELS:
        raise ConfigError("does not fit", where="option level", got=str(level), expected="0, 1, 2 or 3")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w", encoding="utf-8") as file:
            for record in draw_records(num, split=split, seed=seed, level=level):
                file.write(json.dumps(record) + "\n")
    except OSError as error:
        raise StorageError("the file cannot be written", where=str(out), got=str(error)) from error
    terminal.out().print(f"{num} problems: {out}")


@world.command()
def rate(
    input: Annotated[Path, typer.Argument(metavar="CHAINS", help="Chains on the world's problems.")],
    out: OutFile,
) -> None:
    """Rate every step of chains exactly, from the text alone."""
    from cpmi.data import read_chains, write_jsonl
    from cpmi.embedded.world import rate_chain
    from cpmi.types import Chain, Rating

    counts: Counter[str] = Counter()

    def rated() -> list[Chain]:
        chains = []
        for read in read_chains(str(input)):
            if isinstance(read, RecordError):
                raise read
            chain = rate_chain(read)
            ratings = chain.ratings or ()
            counts.update(str(rating) for rating in ratings)
            counts["wrong chains"] += Rating.WRONG in ratings
            chains.append(chain)
        return chains

    num = write_jsonl(rated(), out)
    steps = ", ".join(f"{counts[str(r)]} {r}" for r in (Rating.RIGHT, Rating.NEUTRAL, Rating.WRONG))
    terminal.out().print(
        f"{num} chains, {counts['wrong chains']} of them with a wrong step; steps: {steps}: {out}"
    )
