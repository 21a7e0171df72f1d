"""`cpmi label`: chains in, a table of step labels out."""

# ruff: noqa: ARG001 - the parameters declare the flags; all are read at once from the context.

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from cpmi.cli import options, terminal
from cpmi.errors import InputError, ModelError


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
    right_forms: options.RightForms = None,
    variants: options.Variants = None,
    prompt: options.Prompt = None,
    seed: options.Seed = None,
    dtype: options.Dtype = None,
    path: options.Path = None,
    device: options.Device = None,
    threads: options.Threads = None,
    batch_tokens: options.BatchTokens = None,
    unit_size: options.UnitSize = None,
    price_per_hour: options.PricePerHour = None,
) -> None:
    """Label every step of every chain; a run that was interrupted is resumed."""
    from cpmi.config import LabelConfig, read_recipe

    given: dict[str, Any] = {} if recipe is None else read_recipe(recipe)
    given |= {name: value for name, value in ctx.params.items() if value is not None and name != "recipe"}
    _label(LabelConfig.parse(given))


def _label(config: Any) -> None:
    from cpmi.api import run_label
    from cpmi.cli.progress import ProgressDisplay
    from cpmi.cli.summary import summarize

    try:
        with ProgressDisplay(terminal.err()) as display:
            run = run_label(config, progress=display.show)
    except KeyboardInterrupt:
        _say_what_is_kept("interrupted", config)
        raise typer.Exit(terminal.EXIT_INTERRUPTED) from None
    except (InputError, ModelError):
        _say_what_is_kept("stopped", config)
        raise
    terminal.out().print(summarize(run.totals, run.out, price_per_hour=config.price_per_hour))


def _say_what_is_kept(what_happened: str, config: Any) -> None:
    from cpmi.runs.units import UnitStore

    num_kept = len(UnitStore(Path(config.out)).finished_indices())
    if not num_kept and what_happened != "interrupted":
        return  # the error says enough
    again = "the same command without --overwrite" if config.overwrite else "the same command"
    if num_kept:
        kept = f"finished units are kept in {config.out} ({num_kept}); {again} goes on from there"
    else:
        kept = "no unit was finished yet"
    terminal.err().print(f"{what_happened}: {kept}", style="yellow", soft_wrap=True)
