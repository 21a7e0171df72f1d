"""The program `cpmi`: its commands, and what becomes of errors.

Exit codes: 0 done, 1 the work failed, 2 the options or the input are wrong, 130 interrupted.
"""

from __future__ import annotations

import os
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cpmi.cli import terminal
from cpmi.cli.calibrate import calibrate
from cpmi.cli.consensus import consensus
from cpmi.cli.demo import demo
from cpmi.cli.doctor import doctor
from cpmi.cli.evaluate import evaluate
from cpmi.cli.export import export
from cpmi.cli.fit import fit
from cpmi.cli.hybrid import hybrid
from cpmi.cli.inspect import inspect
from cpmi.cli.label import label
from cpmi.cli.merge import merge
from cpmi.cli.negatives import negatives
from cpmi.cli.report import report
from cpmi.cli.sample import sample
from cpmi.cli.score import score
from cpmi.cli.train import train
from cpmi.cli.world import world
from cpmi.errors import ConfigError, CpmiError, InputError


class Commands(TyperGroup):
    """A group of commands that says a CpmiError in one line and takes --debug at any place."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        own, literal = args[:end], args[end:]
        if "--debug" in own:
            own = ["--debug", *(arg for arg in own if arg != "--debug")]
        return super().parse_args(ctx, [*own, *literal])

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CpmiError as error:
            if ctx.params.get("debug"):
                traceback.print_exc()
            terminal.err().print(f"error: {error}", style="red", soft_wrap=True)
            wrong_use = isinstance(error, ConfigError | InputError)
            raise typer.Exit(terminal.EXIT_WRONG_USE if wrong_use else terminal.EXIT_FAILED) from error


def _print_version(wanted: bool) -> None:
    if wanted:
        from cpmi.machine import package_version

        typer.echo(f"cpmi {package_version('cpmi')}")
        raise typer.Exit


app = typer.Typer(
    name="cpmi",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(sample)
app.command()(label)
app.command()(merge)
app.add_typer(evaluate, name="evaluate")
app.command()(fit)
app.command()(calibrate)
app.command()(consensus)
app.command()(hybrid)
app.command()(export)
app.command()(train)
app.command()(score)
app.command()(inspect)
app.command()(report)
app.command()(negatives)
app.command()(doctor)
app.add_typer(world, name="world")


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Label the steps of chains of thought with a language model's own probabilities."""


def main() -> None:
    """Run the program with the arguments of the process."""
    # One progress bar, ours: libraries draw theirs with tqdm, which reads this when it is imported.
    os.environ.setdefault("TQDM_DISABLE", "1")
    app()
