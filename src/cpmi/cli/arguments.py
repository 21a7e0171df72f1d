"""Arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

OutFolder = Annotated[Path, typer.Option("--out", "-o", help="The output folder.")]
OutFile = Annotated[Path, typer.Option("--out", "-o", help="The file to write.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the result in --out.")]
Seed = Annotated[int, typer.Option(help="Random seed.")]
