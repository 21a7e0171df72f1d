"""The part of a page on a reward model: which answer it chooses among N, beside majority vote."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from cpmi import numbers
from cpmi.evaluate.best_of_n_result import BestOfN, BestOfNRow
from cpmi.reports.plots import figure_of, method_color
from cpmi.reports.svg import color, inline_svg

MAJORITY, CEILING, RANDOM = "majority vote", "pass@N", "random pick"
HEADLINE = "product"  # chosen before any result: the usual way to read a chain's score off its steps
_DRAWN = (HEADLINE, "min", "weighted majority, product")
_GRAY_DASHES: dict[str, Any] = {MAJORITY: (0, (5, 2)), CEILING: (0, (1, 2)), RANDOM: (0, (3, 1, 1, 1))}
_WIDTH, _HEIGHT = 380, 300


def sentence(result: BestOfN) -> str:
    """How the chain with the greatest product of scores compares with majority vote at the largest N."""
    n = result.ns[-1]
    chosen, majority = result.row(HEADLINE), result.row(MAJORITY)
    said = (
        f"Best of {n} by the {HEADLINE} of step scores: {percent(chosen, n)} of {result.num_problems:,} "
        f"problems right, majority vote {percent(majority, n)}"
    )
    difference = {item.n: item.to_majority for item in chosen.at}[n]
    if difference is None or difference.value is None:
        return f"{said}."
    low, high = difference.low, difference.high
    sure = low is not None and high is not None and (low > 0 or high < 0)
    interval = numbers.interval(low, high, 3)
    return (
        f"{said}: {numbers.signed(difference.value, 3)} {interval}"
        f"{'.' if sure else ', a difference that may be chance.'}"
    )


def percent(row: BestOfNRow, n: int) -> str:
    """The accuracy of best-of-n in percent; a dash where it is unknown."""
    value = row.accuracy(n).value
    return "–" if value is None else f"{100 * value:.0f} %"


def plot(result: BestOfN) -> str:
    """Share of right answers against N: what reads the scores in color, what does not in gray."""

    def draw(axes: Axes) -> None:
        axes.set_xscale("log", base=2)
        for row in result.rows:
            values = [item.accuracy.value for item in row.at if item.accuracy.value is not None]
            if len(values) < len(result.ns):
                continue
            if row.name in _DRAWN:
                ink, dash = method_color(_DRAWN.index(row.name)), "-"
            elif row.name in _GRAY_DASHES:
                ink, dash = color("muted"), _GRAY_DASHES[row.name]
            else:
                continue
            axes.plot(result.ns, values, color=ink, linestyle=dash, linewidth=1.8, label=row.name)
        axes.set_xlabel("N chains a problem")
        axes.set_ylabel("right answers")
        axes.xaxis.set_major_locator(FixedLocator(list(result.ns)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:g}"))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
        axes.legend(loc="upper left", frameon=False, fontsize=9.5, handlelength=2.2, borderaxespad=0.2)

    n = result.ns[-1]
    said = "; ".join(f"{row.name} {percent(row, n)}" for row in result.rows)
    return inline_svg(
        figure_of(_WIDTH, _HEIGHT, draw, left=60),
        name="best-of-n",
        title=f"Right answers with {n} chains: {said}",
    )
