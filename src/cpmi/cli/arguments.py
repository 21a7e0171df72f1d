"""Arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cpmi.options import PERCENT

OutFolder = Annotated[Path, typer.Option("--out", "-o", help="The output folder.")]
OutFile = Annotated[Path, typer.Option("--out", "-o", help="The file to write.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the result in --out.")]
Percent = Annotated[
    Literal["undecided", "same"],
    typer.Option(help=PERCENT),
]
Seed = Annotated[int, typer.Option(min=0, help="Random seed.")]
