"""`cpmi merge`: the shards of a run put together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import OutFolder, Overwrite

_PRICE = "Price of the machine per hour, for the summary."


def merge(
    folders: Annotated[list[Path], typer.Argument(help="The run folders of all shards.")],
    out: OutFolder,
    overwrite: Overwrite = False,
    price_per_hour: Annotated[float | None, typer.Option(help=_PRICE)] = None,
) -> None:
    """Merge the shards of a run; the result is the same, byte for byte, as that of a run without shards."""
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
