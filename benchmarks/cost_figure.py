"""The figure of README: first-error F1 of every method against its cost, from the tables of the world.

    python -m benchmarks.cost_figure --out docs/cost.png

Costs are shares of Monte Carlo's computed tokens per step, in the same run. Hollow marks: methods that were
run on a part of the chains; their table says which.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

TABLES = Path(__file__).parents[1] / "docs" / "tables"
SHOWN = {
    "world.md": ("evidence", "monte_carlo", "net_gain", "cpmi", "hybrid (monte_carlo, cpmi), overlap"),
    "world-adaptive.md": ("adaptive",),
    "world-rivals.md": ("binary_search", "pav"),
}
BASELINE = "length"
OFFSETS = {"evidence": (0, 10), "adaptive": (8, 8), "pav": (-8, 2), "monte_carlo": (-8, 10)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One method: F1 with its interval, cost as a percentage of Monte Carlo's."""

    name: str
    f1: float
    low: float
    high: float
    cost: float
    whole: bool


def rows(text: str, heading: str) -> dict[str, list[str]]:
    """The cells of every row of the table whose heading holds a word, by the first cell."""
    table = next(block for block in text.split("\n\n") if heading in block.split("\n", 1)[0])
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {row[0]: row[1:] for row in cells}


def points() -> tuple[list[Point], float]:
    """The methods, and the F1 of the best single model-free baseline."""
    found = []
    baseline = 0.0
    for file, names in SHOWN.items():
        text = (TABLES / file).read_text("utf-8")
        quality, cost = rows(text, "F1 gated"), rows(text, "computed tokens")
        columns = quality["method"]
        if file == "world.md":
            baseline = numbers(quality[BASELINE][columns.index("F1")])[0]
        for name in names:
            f1, low, high = numbers(quality[name][columns.index("F1")])
            share = float(cost[name][2].rstrip("%"))
            whole = file == "world.md"
            found.append(Point(name=name, f1=f1, low=low, high=high, cost=share, whole=whole))
    return found, baseline


def numbers(cell: str) -> tuple[float, float, float]:
    value, low, high = map(float, re.findall(r"-?\d+\.\d+", cell.replace("−", "-")))
    return value, low, high


def draw(out: Path) -> None:
    """Write the figure."""
    found, baseline = points()
    figure, axes = plt.subplots(figsize=(7.2, 3.6), dpi=160)
    axes.axhline(baseline, color="0.6", lw=1, ls="--")
    axes.text(6.2, baseline + 0.012, "best model-free baseline (length of the step)", color="0.4", fontsize=8)
    for point in found:
        color = "#c2410c" if point.name == "evidence" else "#1f4e79"
        error = [[point.f1 - point.low], [point.high - point.f1]]
        axes.errorbar(
            point.cost, point.f1, yerr=error, fmt="o", ms=7, color=color, capsize=2, lw=1,
            mfc=color if point.whole else "white",
        )  # fmt: skip
        label = "hybrid" if point.name.startswith("hybrid") else point.name
        offset = OFFSETS.get(point.name, (8, 4))
        align = "right" if offset[0] < 0 else "center" if not offset[0] else "left"
        axes.annotate(
            label, (point.cost, point.f1), xytext=offset, textcoords="offset points", fontsize=9, ha=align
        )
    axes.set(xscale="log", xlim=(6, 260), ylim=(0.15, 0.82), ylabel="first-error F1")
    axes.set_xlabel("computed tokens per step, % of Monte Carlo with 8 rollouts (log scale)")
    axes.set_xticks([10, 20, 50, 100, 200], labels=["10 %", "20 %", "50 %", "100 %", "200 %"])
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("docs/cost.png"))
    draw(parser.parse_args().out)
