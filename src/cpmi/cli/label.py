"""`cpmi label`: chains in, a table of step labels out."""

# ruff: noqa: ARG001 - the parameters declare the flags; all are read at once from the context.

from __future__ import annotations

import typer

from cpmi.cli import options, session, terminal


def label(
    ctx: typer.Context,
    input: options.Input = None,
    model: options.Model = None,
    method: options.MethodName = None,
    out: options.Out = None,
    gold: options.Gold = None,
    format: options.InputFormat = None,
    recipe: options.Recipe = None,
    limit: options.Limit = None,
    shard: options.ShardText = None,
    on_error: options.OnError = None,
    overwrite: options.Overwrite = None,
    context: options.Context = None,
    pool: options.Pool = None,
    label: options.LabelKind = None,
    negatives: options.Negatives = None,
    sampled: options.Sampled = None,
    intermediate: options.Intermediate = None,
    gold_forms: options.RightForms = None,
    variants: options.Variants = None,
    rollouts: options.Rollouts = None,
    temperature: options.RolloutTemperature = None,
    top_p: options.RolloutTopP = None,
    max_tokens: options.RolloutTokens = None,
    first_steps: options.FirstSteps = None,
    prover: options.Prover = None,
    best_of: options.BestOf = None,
    alpha: options.Alpha = None,
    weights: options.WeightsFile = None,
    budget: options.BudgetText = None,
    price_per_million_tokens: options.PricePerMillionTokens = None,
    prompt: options.Prompt = None,
    seed: options.Seed = None,
    dtype: options.Dtype = None,
    path: options.Path = None,
    device: options.Device = None,
    threads: options.Threads = None,
    batch_tokens: options.BatchTokens = None,
    chunk_size: options.UnitSize = None,
    price_per_hour: options.PricePerHour = None,
) -> None:
    """Label every step of every chain; a run that was interrupted is resumed."""
    from cpmi.api import run_label
    from cpmi.cli.summary import summarize
    from cpmi.config import LabelConfig

    config = LabelConfig.parse(session.options_given(ctx))
    run = session.show(run_label, config, noun="chains")
    terminal.out().print(summarize(run.totals, run.out, price_per_hour=config.price_per_hour))
