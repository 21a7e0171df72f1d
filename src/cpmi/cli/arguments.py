"""Arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cpmi.options import ANSWER_CHECK, PERCENT

OutFolder = Annotated[Path, typer.Option("--out", "-o", help="The output folder.")]
OutFile = Annotated[Path, typer.Option("--out", "-o", help="The file to write.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the result in --out.")]
_AS_IN_RUN = " [default: as in the run]"
Percent = Annotated[
    Literal["undecided", "same"] | None,
    typer.Option(help=PERCENT + _AS_IN_RUN),
]
AnswerCheck = Annotated[str | None, typer.Option(metavar="CHECK", help=ANSWER_CHECK + _AS_IN_RUN)]
Seed = Annotated[int, typer.Option(min=0, help="Random seed.")]
