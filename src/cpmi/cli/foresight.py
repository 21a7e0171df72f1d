"""Foresight in the terminal: the curve, the number, what it means, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cpmi.evaluate.findings import format_estimate
from cpmi.evaluate.foresight import Foresight, Point

_LEGEND = (
    "Right chains only. To come: steps until one prints the right answer; 0: just printed, no part of the "
    "number. Leads: the right answer is above every wrong one; share: of the probability of all candidates; "
    "chance: how often it leads without its problem. In brackets 95 % intervals."
)


def show_foresight(console: Console, found: Foresight) -> None:
    """Print it; readable from 80 columns on."""
    console.print()
    console.print("\n".join(_head(found)), soft_wrap=True)
    console.print(_curve(found.points))
    console.print(_LEGEND)
    console.print(f"\n{found.finding}")


def _head(found: Foresight) -> Iterator[str]:
    yield (
        f"{'foresight':<18} {format_estimate(found.foresight)}, on {found.num_chains:,} right chains "
        f"({found.num_problems:,} problems) of {found.num_read:,} chains read"
    )
    yield f"{'chance':<18} {format_estimate(found.chance)} ({found.chance_from})"
    yield f"{'leads at question':<18} {format_estimate(found.at_question)}, before any step"
    for item in found.left_out:
        yield f"{'left out':<18} {item.num_chains:,} ({item.reason})"


def _curve(points: tuple[Point, ...]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("to come", "prefixes"):
        table.add_column(name, justify="right")
    for name in ("leads", "share", "probability"):
        table.add_column(name, min_width=17)
    for point in points:
        table.add_row(
            f"{point.to_come}{'+' if point.or_more else ''}",
            f"{point.num_prefixes:,}",
            *(format_estimate(number) for number in (point.leads, point.share, point.probability)),
        )
    return table
