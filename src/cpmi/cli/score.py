"""`cpmi score`: chains in, the scores of their steps out."""

# ruff: noqa: ARG001 - the parameters declare the flags; all are read at once from the context.

from __future__ import annotations

from typing import Annotated

import typer

from cpmi.cli import options, session, terminal


def score(
    ctx: typer.Context,
    input: options.Input = None,
    prm: Annotated[
        str | None, typer.Option("--prm", help="A reward model by cpmi train.", show_default=False)
    ] = None,
    out: options.Out = None,
    format: options.InputFormat = None,
    recipe: options.Recipe = None,
    limit: options.Limit = None,
    shard: options.ShardText = None,
    on_error: options.OnError = None,
    overwrite: options.Overwrite = None,
    path: Annotated[
        str | None,
        typer.Option(
            help="shared (default): chains of one question compute it once; or plain.", show_default=False
        ),
    ] = None,
    dtype: options.Dtype = None,
    device: options.Device = None,
    threads: options.Threads = None,
    batch_tokens: options.BatchTokens = None,
    chunk_size: Annotated[
        int | None, typer.Option(help="Records per chunk: 256.", show_default=False)
    ] = None,
) -> None:
    """Score every step of every chain (the probability that it is correct); an interrupted run is resumed."""
    from cpmi.api.score import run_score
    from cpmi.cli.summary import summarize_scores
    from cpmi.config import ScoreConfig

    config = ScoreConfig.parse(session.options_given(ctx))
    run = session.show(run_score, config, noun="chains")
    terminal.out().print(summarize_scores(run.totals, run.out), soft_wrap=True)
