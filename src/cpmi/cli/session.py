"""A run on the terminal: its progress, and what is kept where it ends early."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from cpmi.cli import terminal
from cpmi.errors import InputError, ModelError

if TYPE_CHECKING:
    from cpmi.config import RunConfig, ScoreConfig

Made = TypeVar("Made")


def options_given(ctx: typer.Context) -> dict[str, Any]:
    """The flags of a command, and below them the options of its recipe.

    Raises:
        ConfigError: the recipe cannot be read.
    """
    from cpmi.config import read_recipe

    flags = {name: value for name, value in ctx.params.items() if value is not None}
    recipe = flags.pop("recipe", None)
    return flags if recipe is None else {**read_recipe(recipe), **flags}


def show(work: Callable[..., Made], config: RunConfig | ScoreConfig, *, noun: str) -> Made:
    """Do the work, `work(config, progress=...)`, with progress counted in `noun`."""
    from cpmi.cli.progress import ProgressDisplay

    try:
        with ProgressDisplay(terminal.err(), noun=noun) as display:
            return work(config, progress=display.show)
    except KeyboardInterrupt:
        _say_what_is_kept("interrupted", config)
        raise typer.Exit(terminal.EXIT_INTERRUPTED) from None
    except (InputError, ModelError):
        _say_what_is_kept("stopped", config)
        raise


def _say_what_is_kept(what_happened: str, config: RunConfig | ScoreConfig) -> None:
    from cpmi.runs.chunks import ChunkStore

    num_kept = len(ChunkStore(Path(config.out)).finished_indices())
    if not num_kept and what_happened != "interrupted":
        return  # the error says enough
    again = "the same command without --overwrite" if config.overwrite else "the same command"
    if num_kept:
        kept = f"finished chunks are kept in {config.out} ({num_kept}); {again} goes on from there"
    else:
        kept = "no chunk was finished yet"
    terminal.err().print(f"{what_happened}: {kept}", style="yellow", soft_wrap=True)
