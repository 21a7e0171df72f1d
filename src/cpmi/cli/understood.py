"""The first lines of a run: how its input is understood, in the words of `cpmi check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpmi import numbers
from cpmi.cli import terminal
from cpmi.cli.checked_chain import answer_facts, printable, short

if TYPE_CHECKING:
    from cpmi.api.first_chain import FirstChain
    from cpmi.types import Problem

_CUT = 100  # characters of a question


def show_chains(found: FirstChain) -> None:
    """Print how chains are understood, on standard error."""
    rows = [("input", found.source), ("format", found.format)]
    if found.columns:
        rows.append(("columns", found.columns))
    rows.append(
        ("steps", f"cut by --split-steps {found.split}" if found.split else "as the records give them")
    )
    if found.first is not None:
        chain = found.first.chain
        rows += [
            ("first chain", f"{chain.id}, {numbers.plural(len(chain.steps), 'step')}"),
            ("question", short(chain.question, _CUT)),
            *answer_facts(found.first),
        ]
    _show(rows)


def show_problems(source: str, problem: Problem | None) -> None:
    """Print how problems are understood, on standard error."""
    rows = [("input", source)]
    if problem is not None:
        gold = "none: final answers cannot be compared" if problem.gold is None else problem.gold
        rows += [("first problem", problem.id), ("question", short(problem.question, _CUT)), ("gold", gold)]
    _show(rows)


def _show(rows: list[tuple[str, str]]) -> None:
    terminal.err().print(
        f"{printable(numbers.aligned(rows))}\n", soft_wrap=True, highlight=False, markup=False
    )
