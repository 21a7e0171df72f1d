"""`cpmi sample`: problems in, chains of thought out."""

# ruff: noqa: ARG001 - the parameters declare the flags; all are read at once from the context.

from __future__ import annotations

import typer

from cpmi.cli import options, session, terminal


def sample(
    ctx: typer.Context,
    input: options.Problems = None,
    model: options.Model = None,
    out: options.Out = None,
    recipe: options.Recipe = None,
    limit: options.Limit = None,
    shard: options.ShardText = None,
    on_error: options.OnError = None,
    overwrite: options.Overwrite = None,
    num_samples: options.NumSamples = None,
    temperature: options.Temperature = None,
    top_p: options.TopP = None,
    max_tokens: options.MaxTokens = None,
    split_steps: options.SplitSteps = None,
    prompt: options.SamplePrompt = None,
    seed: options.SampleSeed = None,
    dtype: options.Dtype = None,
    path: options.Path = None,
    device: options.Device = None,
    threads: options.Threads = None,
    batch_tokens: options.BatchTokens = None,
    chunk_size: options.UnitSize = None,
) -> None:
    """Let a model solve problems and keep its chains; a run that was interrupted is resumed."""
    from cpmi.api import run_sample
    from cpmi.cli.summary import summarize_samples
    from cpmi.config import SampleConfig

    config = SampleConfig.parse(session.options_given(ctx))
    run = session.show(run_sample, config, noun="problems")
    terminal.out().print(summarize_samples(run.totals, run.out), soft_wrap=True)
