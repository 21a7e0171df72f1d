"""`cpmi methods`: the labeling methods, and what is to be known of each."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from cpmi.cli import terminal


def methods(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A method: its documentation, paper, options and columns. Without it, all are listed.",
        ),
    ] = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print the paper's BibTeX entry only.")] = False,
) -> None:
    """List the labeling methods, or describe one."""
    from cpmi.methods.describe import describe
    from cpmi.plugins import find_method

    if name is None:
        _list()
        return
    method = find_method(name)
    if not bibtex:
        terminal.out().print(describe(method), soft_wrap=True, markup=False, highlight=False)
    elif method.paper is None:
        terminal.err().print(f"{method.name} has no paper", style="yellow")
    else:
        terminal.out().print(method.paper.bibtex, soft_wrap=True)


def _list() -> None:
    from cpmi.methods import METHODS
    from cpmi.methods.describe import summary
    from cpmi.plugins import installed

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("method", "unit", "gold", "arXiv", ""):
        table.add_column(heading)
    for method in METHODS.values():
        needs = "needed" if method.needs_gold else ""
        paper = "" if method.paper is None else method.paper.arxiv
        table.add_row(method.name, method.unit, needs, paper, summary(method))
    for entry_name, entry in installed().items():
        distribution = "" if entry.dist is None else f" of {entry.dist.name}"
        table.add_row(entry_name, "", "", "", f"installed: {entry.value}{distribution}")
    terminal.out().print(table)
