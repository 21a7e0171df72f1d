"""`cpmi check`: how an input is understood, before anything is computed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from cpmi import numbers
from cpmi.cli import session, terminal
from cpmi.cli.flags import command
from cpmi.config import CheckConfig
from cpmi.types import LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpmi.api.check import Checked, CheckedChain

_SHOWN = 8  # steps of the first chain
_CUT = 300  # characters of a text


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
        text = _printable(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        terminal.out().print(text, soft_wrap=True, highlight=False, markup=False)
        _expect_chain(found)
        return
    console = terminal.out()
    console.print(lines(found), soft_wrap=True, highlight=False, markup=False)
    for sentence in found.warnings:
        console.print(_printable(f"! {sentence}"), style="yellow", soft_wrap=True, markup=False)
    _expect_chain(found)


def lines(found: Checked) -> str:
    """What is shown, but for the warnings."""
    facts = numbers.aligned(_facts(found))
    chain = "" if found.first is None else f"\n\n{numbers.aligned(_chain(found.first))}"
    return _printable(facts + chain)


def _printable(text: str) -> str:
    """The text with halves of surrogate pairs, which no terminal takes, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


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
    steps = [(f"step {index}", _short(step)) for index, step in enumerate(chain.steps[:_SHOWN], start=1)]
    if len(chain.steps) > _SHOWN:
        steps.append(("", f"and {numbers.plural(len(chain.steps) - _SHOWN, 'more step')}"))
    stated = "none found in the last step" if first.answer is None else f"{first.answer} (by {first.rule})"
    return [
        ("first chain", chain.id),
        ("question", _short(chain.question)),
        *steps,
        ("stated answer", stated),
        *_answers(first),
        *([("meta", ", ".join(chain.meta))] if chain.meta else []),
    ]


def _answers(first: CheckedChain) -> Iterator[tuple[str, str]]:
    """What there is to compare the stated answer with."""
    chain = first.chain
    if chain.options:
        shown = zip(LETTERS, chain.options, strict=False)
        yield "options", _short("; ".join(f"{letter}. {text}" for letter, text in shown))
    if chain.gold is not None:
        yield "gold", f"{chain.gold}: the stated answer is {first.outcome}"
    elif chain.outcome is None:
        yield "gold", "none"
    if chain.outcome is not None:
        yield "outcome", "right" if chain.outcome else "wrong"
    for name, texts in (("other golds", chain.other_golds), ("wrong answers", chain.distractors)):
        if texts:
            yield name, _short("; ".join(texts))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _CUT else f"{line[: _CUT - 1]}…"
