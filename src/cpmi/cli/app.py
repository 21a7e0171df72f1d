"""The program `cpmi`: its commands, and what becomes of errors.

Exit codes: 0 done, 1 the work failed, 2 the options or the input are wrong, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from functools import partial
from importlib import import_module
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup
from typer.main import get_command

from cpmi.cli import terminal
from cpmi.errors import ConfigError, CpmiError, InputError, did_you_mean
from cpmi.extras import needed
from cpmi.shown import cut, in_line, printable

COMMANDS = (
    "demo", "check", "sample", "label", "methods", "merge", "evaluate", "compare", "fit", "calibrate",
    "export", "train", "score", "inspect", "report", "negatives", "doctor", "world", "hybrid", "consensus",
)  # fmt: skip
"""In the order of the help, research last. A command is the function or group of that name in
`cpmi.cli.NAME`, which is imported only when it is asked for."""

_USAGE_ERROR: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError"
)
"""Of click, or of the copy that newer versions of typer have of it."""

_STYLE: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": "rich",
}


class Commands(TyperGroup):
    """A group of commands that says a CpmiError in one line and takes --debug at any place."""

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            if cmd_name.startswith("-"):
                return None
            near = did_you_mean(cmd_name, COMMANDS)
            ctx.fail(" ".join(filter(None, (f"No such command {cmd_name!r}.", near))))
        found = getattr(import_module(f"cpmi.cli.{cmd_name}"), cmd_name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(**_STYLE)
            alone.command(cmd_name)(found)
            found = alone
        command = get_command(found)
        command.name = cmd_name
        return command

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        own, literal = args[:end], args[end:]
        if "--debug" in own:
            own = ["--debug", *(arg for arg in own if arg != "--debug")]
        return super().parse_args(ctx, [*own, *literal])

    def make_context(self, *args: Any, **options: Any) -> Any:
        try:
            return super().make_context(*args, **options)
        except _USAGE_ERROR as error:
            _complete(error)
            raise

    def invoke(self, ctx: Any) -> Any:
        try:
            with needed(), warnings.catch_warnings():
                warnings.showwarning = partial(_show_notice, set())
                return super().invoke(ctx)
        except _USAGE_ERROR as error:
            _complete(error)
            raise
        except KeyboardInterrupt:
            terminal.err().print("interrupted", style="yellow")
            raise typer.Exit(terminal.EXIT_INTERRUPTED) from None
        except CpmiError as error:
            if ctx.params.get("debug"):
                terminal.err().print(traceback.format_exc(), soft_wrap=True)
            terminal.err().print(f"error: {error}", style="red", soft_wrap=True)
            wrong_use = isinstance(error, ConfigError | InputError)
            raise typer.Exit(terminal.EXIT_WRONG_USE if wrong_use else terminal.EXIT_FAILED) from error


def _complete(error: Any) -> None:
    """Let the error of a missing parameter say what the parameter is, and any message be printable."""
    text = getattr(getattr(error, "param", None), "help", None)
    if type(error).__name__ == "MissingParameter" and not error.message and text:
        error.message = text
    error.message = in_line(cut(error.message))


def _show_notice(
    shown: set[str],
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Our own warnings in one line, each once; those of libraries as Python shows them."""
    if category.__module__.startswith("cpmi."):
        if str(message) in shown:
            return
        shown.add(str(message))
        terminal.err().print(f"notice: {cut(str(message))}", style="yellow", soft_wrap=True)
    else:
        text = warnings.formatwarning(message, category, filename, lineno, line)
        (file or sys.stderr).write(printable(cut(text)))


def _print_version(wanted: bool) -> None:
    if wanted:
        from cpmi.machine import package_version

        typer.echo(f"cpmi {package_version('cpmi')}")
        raise typer.Exit


app = typer.Typer(
    name="cpmi",
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    **_STYLE,
)


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
