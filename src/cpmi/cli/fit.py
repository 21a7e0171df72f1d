"""`cpmi fit`: the weights of evidence from a small rated run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import OutFile


def fit(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A rated run of evidence.")], out: OutFile
) -> None:
    """Fit the weights of evidence for a model on a few dozen rated chains; freeze them before measuring."""
    from cpmi.targets import fit_weights

    done = fit_weights(folder, out)
    bias, *weights = done.weights.to_json().items()
    terms = "".join(f" + {weight:.3f} · {name}" for name, weight in weights)
    left_out = "".join(f"; left out {count}: {reason}" for reason, count in done.left_out.items())
    terminal.out().print(
        f"fitted on {done.num_errors:,} first errors among {done.num_steps:,} steps of {done.num_chains:,} "
        f"chains{left_out}\n"
        f"log-odds = {bias[1]:.3f}{terms}\n"
        f"file       {out}; use it: cpmi label CHAINS --model MODEL --method evidence "
        f"--weights {shlex.quote(str(out))} --out DIR",
        soft_wrap=True,
        highlight=False,
    )
