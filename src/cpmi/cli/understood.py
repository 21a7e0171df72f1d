"""The first lines of a run: how its input is understood, in the words of `cpmi check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpmi import numbers
from cpmi.cli import terminal

if TYPE_CHECKING:
    from cpmi.api.first_chain import FirstChain
    from cpmi.types import Problem

_CUT = 100  # characters of a question


def show_chains(found: FirstChain, *, rollouts: tuple[int, int] | None = None) -> None:
    """Print how chains are understood, on standard error.

    Args:
        found: the input.
        rollouts: how many a method draws per prefix, and of how many tokens at most: what a chain of many
            steps may cost is said before it is paid; None for a method without rollouts.
    """
    from cpmi.api.checked import answer_facts, short

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
        if rollouts is not None:
            rows.append(("rollouts", _rollouts(*rollouts, num_prefixes=len(chain.steps) + 1)))
    _show(rows)


def show_problems(source: str, problem: Problem | None) -> None:
    """Print how problems are understood, on standard error."""
    from cpmi.api.checked import short

    rows = [("input", source)]
    if problem is not None:
        gold = "none: final answers cannot be compared" if problem.gold is None else problem.gold
        rows += [("first problem", problem.id), ("question", short(problem.question, _CUT)), ("gold", gold)]
    _show(rows)


def _rollouts(number: int, max_tokens: int, *, num_prefixes: int) -> str:
    most = number * num_prefixes
    return f"{number} per prefix, at most {most:,} for this chain, of at most {max_tokens:,} tokens each"


def _show(rows: list[tuple[str, str]]) -> None:
    terminal.err().print(f"{numbers.aligned(rows)}\n", soft_wrap=True)
