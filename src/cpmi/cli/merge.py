"""`cpmi merge`: the shards of a run put together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpmi.cli import options, terminal


def merge(
    folders: Annotated[list[Path], typer.Argument(help="The run folders of all shards.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder for the result.", show_default=False)],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Remove the run that stands there.")] = False,
    price_per_hour: options.PricePerHour = None,
) -> None:
    """Put the shards of a run together: the same bytes as one plain run."""
    from cpmi.cli.summary import summarize, summarize_samples, summarize_scores
    from cpmi.runs.manifest import read_manifest
    from cpmi.runs.merge import merge_runs

    totals = merge_runs(folders, out, overwrite=overwrite)
    manifest = read_manifest(out)
    others = {"sample": summarize_samples, "score": summarize_scores}
    if manifest is not None and manifest.stage in others:
        terminal.out().print(others[manifest.stage](totals, out), soft_wrap=True)
    else:
        terminal.out().print(summarize(totals, out, price_per_hour=price_per_hour))
