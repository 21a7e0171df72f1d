"""The static plots of a report, drawn from an evaluation with matplotlib.

All are drawn at the width of a phone's column, so that type keeps its size on every screen; only the plot of
quality against cost is also drawn wide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MultipleLocator

from cpmi.evaluate.result import Calibration, Curve, Histogram
from cpmi.numbers import decimal, short
from cpmi.reports.svg import VARIABLES, color, inline_svg, themed_style

MARKERS = ("o", "s", "D", "^", "v", "P")
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 1.5, 1.5, 1.5)), "-", (0, (5, 2)))
NUM_COLORS = sum(name.startswith("m") and name[1:].isdigit() for name in VARIABLES)
_SMALL, _WIDTH, _WIDE = 320, 380, 900
_LINE = 14  # points between neighboring lines of text


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One method in the plane of cost and quality; `index` chooses its color and marker."""

    name: str
    index: int
    cost: float
    value: float
    low: float | None
    high: float | None


def method_color(index: int) -> str:
    """The color of a method by its place in the page."""
    return color(f"m{index % NUM_COLORS}")


def figure_of(width: float, height: float, draw: Callable[[Axes], None], **margins: float) -> Figure:
    """A figure in points with margins in points, so that type and frame keep their size."""
    left, right, top, bottom = (
        margins.get(name, default)
        for name, default in (("left", 48), ("right", 12), ("top", 10), ("bottom", 40))
    )
    with mpl.rc_context(themed_style()):
        figure = Figure(figsize=(width / 72, height / 72))
        axes = figure.add_axes(
            (left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height)
        )
        draw(axes)
        figure.canvas.draw()  # ticks are made now, while the settings hold
    return figure


def quality_against_cost(
    points: Sequence[Point], references: Mapping[str, float], *, cost_name: str, wide: bool
) -> str:
    """Concordance against cost per step on a logarithmic axis; rows without a model are horizontal lines."""
    width, height, right = (_WIDE, 360, 160) if wide else (_WIDTH, 400, 96)

    def draw(axes: Axes) -> None:
        axes.set_xscale("log")
        _span(axes, points, references)
        low, high = axes.get_ylim()
        per_point = (high - low) / (height - 50)  # how much concordance a point of paper is
        _draw_references(axes, references, per_point, wide=wide)
        _draw_points(axes, points, per_point)
        axes.set_xlabel(f"{cost_name} per step")
        axes.set_ylabel("concordance")
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: short(x)))
        axes.yaxis.set_major_locator(MultipleLocator(0.1))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: decimal(y, 1)))

    figure = figure_of(width, height, draw, right=right)
    said = "; ".join(f"{p.name} {decimal(p.value)} at {short(p.cost)}" for p in points)
    name, classes = ("cost-wide", "plot wide") if wide else ("cost-narrow", "plot narrow")
    return inline_svg(figure, name=name, classes=classes, title=f"Concordance against {cost_name}: {said}")


def _span(axes: Axes, points: Sequence[Point], references: Mapping[str, float]) -> None:
    """Room for labels on both sides of the points, and for all whiskers."""
    costs = [point.cost for point in points]
    axes.set_xlim(min(costs) / 3, max(costs) * 3)
    ends = [end for p in points for end in (p.value, p.low, p.high) if end is not None]
    ends += references.values()
    axes.set_ylim(min(0.45, min(ends) - 0.03), min(1.01, max(ends) + 0.05))


def _draw_references(axes: Axes, references: Mapping[str, float], unit: float, *, wide: bool) -> None:
    """Horizontal lines, named outside the frame; the names are moved apart where they would touch."""
    num_lines = 1 if wide else 2
    placed = spread(list(references.values()), num_lines * _LINE * unit)
    for (name, value), y in zip(references.items(), placed, strict=True):
        axes.axhline(value, color=color("muted"), linewidth=1, dashes=(2, 3))
        axes.annotate(
            f"{name if wide else name.replace(' ', chr(10), 1)} {decimal(value)}",
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center_baseline" if wide else "center",
            color=color("muted"),
            size=10.5,
        )


def _draw_points(axes: Axes, points: Sequence[Point], unit: float) -> None:
    """Marks and whiskers; names to the left in the right half, so that none leaves the frame."""
    low, high = np.log(axes.get_xlim())
    middle = (low + high) / 2
    # All names are moved apart together: those of both halves may meet in the middle.
    for point, y in zip(points, spread([point.value for point in points], _LINE * unit), strict=True):
        leftward = bool(np.log(point.cost) > middle)
        _draw_point(axes, point)
        axes.annotate(
            f"{point.name}  {decimal(point.value)}",
            (point.cost, y),
            xytext=(-10 if leftward else 10, 0),
            textcoords="offset points",
            ha="right" if leftward else "left",
            va="center_baseline",
            color=method_color(point.index),
            weight="bold",
        )


def _draw_point(axes: Axes, point: Point) -> None:
    ink = method_color(point.index)
    if point.low is not None and point.high is not None:
        axes.plot([point.cost] * 2, [point.low, point.high], color=ink, linewidth=1.6, solid_capstyle="round")
    axes.plot(
        [point.cost],
        [point.value],
        marker=MARKERS[point.index % len(MARKERS)],
        markersize=9,
        color=ink,
        markeredgecolor=color("surface"),
        markeredgewidth=1.5,
        clip_on=False,
    )


def spread(values: Sequence[float], gap: float) -> list[float]:
    """The values moved as little as needed so that neighbors stand at least `gap` apart; order is kept."""
    order = sorted(range(len(values)), key=values.__getitem__)
    placed = [values[i] for i in order]
    for _ in range(100):
        moved = False
        for k in range(len(placed) - 1):
            short_of = gap - (placed[k + 1] - placed[k])
            if short_of > 1e-9:
                placed[k] -= short_of / 2
                placed[k + 1] += short_of / 2
                moved = True
        if not moved:
            break
    result = [0.0] * len(values)
    for i, value in zip(order, placed, strict=True):
        result[i] = value
    return result


def distribution(name: str, histogram: Histogram, *, index: int, unit: str) -> str:
    """Where the labels of right steps and of first errors lie, each as shares of its own kind."""
    shares = {kind: np.asarray(counts) / max(1, sum(counts)) for kind, counts in histogram.counts.items()}
    drawn = {kind: share for kind, share in shares.items() if share.any()}

    def draw(axes: Axes) -> None:
        for kind, share in drawn.items():
            ink = method_color(index) if kind == "all" else color("bad" if kind == "wrong" else "good")
            _draw_histogram(axes, kind, share, histogram.edges, ink)
        if histogram.edges[0] < 0 < histogram.edges[-1]:
            axes.axvline(0, color=color("line"), linewidth=1, zorder=0)
        axes.set_ylim(bottom=0)
        axes.set_xlim(histogram.edges[0], histogram.edges[-1])
        axes.set_xlabel(f"label ({unit})")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %"))
        axes.locator_params(axis="y", nbins=4)

    figure = figure_of(_SMALL, 200, draw, left=40)
    said = " and ".join(f"{sum(histogram.counts[kind]):,} {kind} steps" for kind in drawn)
    return inline_svg(figure, name=f"distribution-{index}", title=f"Labels by {name} of {said}")


def _draw_histogram(axes: Axes, kind: str, share: Any, edges: Sequence[float], ink: str) -> None:
    """Right steps as a filled shape, wrong ones as a thick line: not by color alone."""
    if kind == "wrong":
        axes.stairs(share, edges, color=ink, linewidth=2.2, zorder=3)
    elif kind == "neutral":
        axes.stairs(share, edges, color=color("muted"), linewidth=1.2, linestyle=":", zorder=2)
    else:
        axes.stairs(share, edges, color=ink, fill=True, alpha=0.30, zorder=1)
        axes.stairs(share, edges, color=ink, linewidth=1.0, zorder=1)


def roc(curves: Sequence[tuple[str, int | None, Curve]]) -> str:
    """Receiver operating characteristic of every method; a reference without a model has no index."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=color("line"), linewidth=1)
        for name, index, curve in curves:
            ink = color("muted") if index is None else method_color(index)
            dash = (0, (1, 2)) if index is None else _DASHES[index % len(_DASHES)]
            x, y = curve.false_positive_rate, curve.true_positive_rate
            axes.plot(x, y, color=ink, linestyle=dash, linewidth=1.4 if index is None else 2, label=name)
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.01, 1.01)
        axes.set_xlabel("right steps flagged")
        axes.set_ylabel("first errors flagged")
        _percents(axes)
        axes.legend(loc="lower right", frameon=False, fontsize=10.5, handlelength=2.4, borderaxespad=0.2)

    names = ", ".join(name for name, _, _ in curves)
    return inline_svg(
        figure_of(_WIDTH, 330, draw, left=60), name="roc", title=f"ROC of first errors: {names}"
    )


def reliability(calibrations: Sequence[tuple[str, int, Calibration]]) -> str:
    """How often a step is no first error, against the probability that the label gives for it."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=color("line"), linewidth=1)
        for name, index, calibration in calibrations:
            _draw_reliability(axes, name, index, calibration)
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.01, 1.01)
        axes.set_xlabel("probability that a step is no first error")
        axes.set_ylabel("share that is none")
        _percents(axes)
        axes.legend(loc="upper left", frameon=False, fontsize=10.5, handlelength=1.6, borderaxespad=0.2)

    names = ", ".join(f"{name}, error {decimal(c.ece.value, 3)}" for name, _, c in calibrations)
    return inline_svg(
        figure_of(_WIDTH, 330, draw, left=60), name="reliability", title=f"Reliability: {names}"
    )


def _draw_reliability(axes: Axes, name: str, index: int, calibration: Calibration) -> None:
    ink = method_color(index)
    x, y, sizes = [], [], []
    for part in calibration.bins:
        if part.mean_probability is None or part.share.value is None:
            continue
        x.append(part.mean_probability)
        y.append(part.share.value)
        sizes.append(20 + 70 * part.num_steps / max(1, calibration.num_steps))
        if part.share.low is not None and part.share.high is not None:
            axes.plot([x[-1]] * 2, [part.share.low, part.share.high], color=ink, linewidth=0.9, alpha=0.6)
    axes.plot(x, y, color=ink, linewidth=1.4, linestyle=_DASHES[index % len(_DASHES)])
    marker = MARKERS[index % len(MARKERS)]
    axes.scatter(x, y, s=sizes, color=ink, marker=marker, edgecolors=color("surface"), label=name, zorder=3)


def _percents(axes: Axes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1])
        axis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}".replace("%", " %")))
