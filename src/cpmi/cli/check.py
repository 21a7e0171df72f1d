"""`cpmi check`: how an input is understood, before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from cpmi.cli import session, terminal
from cpmi.cli.flags import command
from cpmi.config import CheckConfig

if TYPE_CHECKING:
    from cpmi.api.checked import Checked


@command(CheckConfig, "chains")
def check(**flags: Any) -> None:
    """Show how chains are understood: columns, one chain, golds and warnings; no model is loaded.

    Exits with 1 if no chain can be used.
    """
    from cpmi.api.check import run_check
    from cpmi.api.checked import lines
    from cpmi.shown import printable_json

    config = CheckConfig.parse(session.options_given(flags))
    with terminal.err().status("reading"):
        found = run_check(config)
    if config.as_json:
        terminal.out().print(printable_json(found.to_json()), soft_wrap=True, highlight=False, markup=False)
        _expect_chain(found)
        return
    console = terminal.out()
    console.print(lines(found), soft_wrap=True, highlight=False, markup=False)
    for sentence in found.warnings:
        console.print(f"! {sentence}", style="yellow", soft_wrap=True, markup=False)
    _expect_chain(found)


def _expect_chain(found: Checked) -> None:
    if found.first is None:
        raise typer.Exit(terminal.EXIT_FAILED)
