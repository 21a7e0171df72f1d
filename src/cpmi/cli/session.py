"""A run on the terminal: its progress, and what is kept if it ends early."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import typer

from cpmi.cli import terminal
from cpmi.cli.flags import assigned
from cpmi.cli.recipe import read_recipe
from cpmi.errors import InputError, ModelError

if TYPE_CHECKING:
    from cpmi.config import SampleConfig, StageConfig
    from cpmi.runs.totals import Totals

    class Finished(Protocol):
        """A run of any stage."""

        @property
        def out(self) -> Path: ...
        @property
        def from_before(self) -> bool: ...


Made = TypeVar("Made")
Config = TypeVar("Config", bound="StageConfig")


def options_given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that were given, `-o name=value` among them, and below them the options of the recipe.

    Raises:
        ConfigError: the recipe cannot be read, or an assignment is not of that form.
    """
    given = {name: value for name, value in flags.items() if name not in ("recipe", "option")}
    for text in flags.get("option", ()):
        if "=" not in text and "out" not in given:
            given["out"] = text  # what -o meant in the release before
            terminal.err().print("notice: -o is --option now; write --out", style="yellow")
        else:
            name, value = assigned(text, "-o")
            given[name] = value
    recipe = flags.get("recipe")
    return given if recipe is None else {**read_recipe(recipe), **given}


def show(work: Callable[..., Made], config: Config, *, noun: str, look: Callable[[Config], None]) -> Made:
    """Do the work, `work(config, progress=...)`, with progress counted in `noun`.

    Args:
        work: the run.
        config: its options.
        noun: what its records are called.
        look: shows first how the input is understood.
    """
    from cpmi.api.progress import ProgressDisplay
    from cpmi.data.sources.pipes import at_rest

    try:
        with at_rest(config.input, getattr(config, "gold", None)):  # a pipe can be read once
            look(config)
            with ProgressDisplay(terminal.err(), noun=noun) as display:
                return work(config, progress=display.show)
    except KeyboardInterrupt:
        _say_what_is_kept("interrupted", config)
        raise typer.Exit(terminal.EXIT_INTERRUPTED) from None
    except (InputError, ModelError):
        _say_what_is_kept("stopped", config)
        raise


def look_at_chains(config: Any) -> None:
    """Show how the chains of a run are understood."""
    from cpmi.api.first_chain import first_chain
    from cpmi.cli.understood import show_chains
    from cpmi.methods.options import RolloutOptions

    own = getattr(config, "options", None)
    rollouts = None
    if isinstance(own, RolloutOptions):  # a second model may draw as many
        rollouts = own.rollouts * (1 + len(own.second_models())), own.max_tokens
    given = {
        name: value for name in ("gold", "grading") if (value := getattr(config, name, None)) is not None
    }
    show_chains(first_chain(config.input, reading=config.reading(), **given), rollouts=rollouts)


def look_at_problems(config: SampleConfig) -> None:
    """Show how the problems of a run are understood."""
    from cpmi.api.first_chain import first_problem
    from cpmi.cli.understood import show_problems

    show_problems(config.input, first_problem(config.input, reading=config.reading()))


def say_if_from_before(run: Finished) -> None:
    """Say that there was nothing to do, and why it took no time."""
    if run.from_before:
        said = f"{run.out} is finished: its results are those of this command, and no model was loaded"
        terminal.err().print(said, soft_wrap=True)


def expect_something(totals: Totals) -> None:
    """End with an error if records were read and every one was rejected: a run that skips all did nothing."""
    if totals.rejected and not totals.num_chains:
        terminal.err().print("error: no record could be used", style="red")
        raise typer.Exit(terminal.EXIT_FAILED)


def _say_what_is_kept(what_happened: str, config: StageConfig) -> None:
    from cpmi.runs.chunk_store import num_finished

    num_kept = num_finished(Path(config.out))
    if not num_kept and what_happened != "interrupted":
        return  # the error says enough
    again = "the same command without --overwrite" if config.overwrite else "the same command"
    if num_kept:
        kept = f"finished chunks are kept in {config.out} ({num_kept}); {again} continues the run"
    else:
        kept = "no chunk was finished yet"
    terminal.err().print(f"{what_happened}: {kept}", style="yellow", soft_wrap=True)
