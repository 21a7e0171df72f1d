"""`cpmi check`: how an input is understood, before anything is computed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from cpmi import numbers
from cpmi.cli import session, terminal
from cpmi.cli.checked_chain import answer_facts, printable, short
from cpmi.cli.flags import command
from cpmi.config import CheckConfig

if TYPE_CHECKING:
    from cpmi.api.check import Checked, CheckedChain

_SHOWN = 8  # steps of the first chain


@command(CheckConfig, "chains")
def check(**flags: Any) -> None:
    """Show how chains are understood: columns, one chain, golds and warnings; no model is loaded.

    Exits with 1 if no chain can be used.
    """
    from cpmi.api.check import run_check

    config = CheckConfig.parse(session.options_given(flags))
    with terminal.err().status("reading"):
        found = run_check(config)
    if config.as_json:
        text = printable(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        terminal.out().print(text, soft_wrap=True, highlight=False, markup=False)
        _expect_chain(found)
        return
    console = terminal.out()
    console.print(lines(found), soft_wrap=True, highlight=False, markup=False)
    for sentence in found.warnings:
        console.print(printable(f"! {sentence}"), style="yellow", soft_wrap=True, markup=False)
    _expect_chain(found)


def lines(found: Checked) -> str:
    """What is shown, but for the warnings."""
    facts = numbers.aligned(_facts(found))
    chain = "" if found.first is None else f"\n\n{numbers.aligned(_chain(found.first))}"
    return printable(facts + chain)


def _expect_chain(found: Checked) -> None:
    if found.first is None:
        raise typer.Exit(terminal.EXIT_FAILED)


def _facts(found: Checked) -> list[tuple[str, str]]:
    rows = [("input", found.source), ("format", found.format)]
    if found.columns:
        rows.append(("columns", found.columns))
    rows += [
        ("chains", f"{found.num_chains:,}, {numbers.plural(found.num_steps, 'step')}"),
        ("steps per chain", _spread(found)),
        ("final answers", _outcomes(found)),
        ("rejected", numbers.counts(found.rejected, "record")),
    ]
    return [*rows, *(("", f"first: {example}") for example in found.examples.values())]


def _outcomes(found: Checked) -> str:
    return numbers.listed([f"{count:,} {name}" for name, count in found.outcomes.items()]) or "none"


def _spread(found: Checked) -> str:
    if found.steps is None:
        return numbers.NOTHING
    least, low, median, high, most = found.steps
    return f"{least:g} to {most:g}, median {median:g}, half of them {low:g} to {high:g}"


def _chain(first: CheckedChain) -> list[tuple[str, str]]:
    chain = first.chain
    steps = [(f"step {index}", short(step)) for index, step in enumerate(chain.steps[:_SHOWN], start=1)]
    if len(chain.steps) > _SHOWN:
        steps.append(("", f"and {numbers.plural(len(chain.steps) - _SHOWN, 'more step')}"))
    return [
        ("first chain", chain.id),
        ("question", short(chain.question)),
        *steps,
        *answer_facts(first),
        *([("meta", ", ".join(chain.meta))] if chain.meta else []),
    ]
