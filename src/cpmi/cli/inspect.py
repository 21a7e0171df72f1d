"""`cpmi inspect`: one labeled chain in the terminal."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from cpmi.cli import terminal
from cpmi.errors import InputError

_MAX_LISTED = 20
_SVG_WIDTH = 96


def inspect(
    folder: Annotated[Path, typer.Argument(help="A run folder.")],
    id: Annotated[str | None, typer.Argument(help="A chain's id.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Also draw the chain to this SVG file.")] = None,
) -> None:
    """Show a chain, its steps colored by label; without an id, the first chain and a list of ids."""
    from cpmi.cli.chain import show_chain
    from cpmi.runs.products import write_products
    from cpmi.runs.table import read_ids, read_labels
    from cpmi.shown import in_line

    console = terminal.out(record=svg is not None, width=_SVG_WIDTH if svg is not None else None)
    rows = read_labels(folder)
    row = next((row for row in rows if id is None or row.chain.id == id), None)
    if row is None:
        raise InputError(
            "no such chain" if id is not None else "the run has no chain",
            where=str(folder),
            got=id,
            hint=f"cpmi inspect {shlex.quote(str(folder))} lists the ids." if id is not None else None,
        )
    show_chain(console, row)
    if svg is not None:
        title = in_line(shlex.join(["cpmi", "inspect", str(folder), row.chain.id]))
        write_products({svg: console.export_svg(title=title)})
    if id is None:
        ids = read_ids(folder)
        more = f", and {len(ids) - _MAX_LISTED:,} more" if len(ids) > _MAX_LISTED else ""
        console.print(f"\n{len(ids):,} chains: {', '.join(map(in_line, ids[:_MAX_LISTED]))}{more}")
