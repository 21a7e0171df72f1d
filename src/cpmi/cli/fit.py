"""`cpmi fit`: the weights of evidence from a small rated run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import OutFile

if TYPE_CHECKING:
    from cpmi.targets.weights import FittedWeights
    from cpmi.weights import SurpriseWeights, Weights


def fit(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A rated run of evidence.")], out: OutFile
) -> None:
    """Fit the weights of evidence for a model on a few dozen rated chains; freeze them before measuring."""
    from cpmi.targets import fit_weights
    from cpmi.weights import FEATURES, WITHOUT_CONTRAST

    done = fit_weights(folder, out)
    apart = done.weights.without_contrast
    left_out = "".join(f"; left out {count}: {reason}" for reason, count in done.left_out.items())
    terminal.out().print(
        f"fitted on {done.num_errors:,} first errors among {done.num_steps:,} steps of {done.num_chains:,} "
        f"chains{left_out}\n"
        f"log-odds = {_formula(done.weights, FEATURES)}\n"
        f"without a contrast: {_formula(apart, WITHOUT_CONTRAST) if apart else 'none'}\n{_notice(done)}"
        f"file       {out}; use it: cpmi label CHAINS --model MODEL --method evidence "
        f"--weights {shlex.quote(str(out))} --out DIR",
        soft_wrap=True,
        highlight=False,
    )


def _notice(done: FittedWeights) -> str:
    if done.num_without_contrast < done.num_chains:
        return ""
    return "note       no chain has a contrast: the gain has the weight 0, also where there will be one\n"


def _formula(weights: Weights | SurpriseWeights, names: Sequence[str]) -> str:
    terms = (f" + {getattr(weights, name):.3f} · {name}" for name in names)
    return f"{weights.bias:.3f}{''.join(terms)}"
