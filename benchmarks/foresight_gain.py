"""What labels add, against how far their labeler sees.

`python -m benchmarks.foresight_gain FOLDER... --out PNG`, every FOLDER one of `benchmarks.labels_real`, one
labeler each. Foresight is read from its `probe` run on the right chains of all problems; what labels add to
the trivial combination from its table on the test half.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from cpmi.evaluate.findings import format_estimate
from cpmi.evaluate.foresight import Foresight, foresight_of_run
from cpmi.evaluate.result import Estimate
from cpmi.report import read_evaluation

SHOWN = {"evidence": "evidence", "probe:gain": "gain", "probe:value": "value", "probe:margin": "judge"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    found = [(folder.name, foresight_of_run(folder / "probe"), gains(folder)) for folder in arguments.folders]
    print(markdown(found))
    draw(found, arguments.out)


def gains(folder: Path) -> dict[str, Estimate]:
    """What each label adds in concordance."""
    evaluation = read_evaluation(folder / "table.json")
    added = {row.name: row.gain.concordance for row in evaluation.rows if row.gain is not None}
    return {shown: added[name] for name, shown in SHOWN.items() if name in added}


def markdown(found: Sequence[tuple[str, Foresight, dict[str, Estimate]]]) -> str:
    names = list(SHOWN.values())
    lines = [
        f"| labeler | foresight | outlook | {' | '.join(f'{name}: gain in C' for name in names)} |",
        "|---|---|---|" + "---|" * len(names),
    ]
    for labeler, foresight, gain in found:
        cells = [format_estimate(gain[name], signed=True) if name in gain else "–" for name in names]
        seen = format_estimate(foresight.foresight)
        lines.append(f"| {labeler} | {seen} | {foresight.outlook} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(found: Sequence[tuple[str, Foresight, dict[str, Estimate]]], out: Path) -> None:
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    for index, name in enumerate(SHOWN.values()):
        points = [
            (foresight.foresight.value, gain[name])
            for _, foresight, gain in found
            if name in gain and gain[name].value is not None and foresight.foresight.value is not None
        ]
        x = [seen + 0.002 * (index - 1.5) for seen, _ in points]  # side by side where they would overlap
        y = [estimate.value for _, estimate in points]
        low = [estimate.value - estimate.low for _, estimate in points]
        high = [estimate.high - estimate.value for _, estimate in points]
        axes.errorbar(x, y, yerr=[low, high], fmt="osD^"[index], label=name, capsize=3)
    for labeler, foresight, _ in found:
        axes.annotate(
            labeler, (foresight.foresight.value or 0, 0.0), xycoords=("data", "axes fraction"),
            xytext=(3, 4), textcoords="offset points", rotation=90, fontsize=8, color="gray",
        )  # fmt: skip
    axes.axhline(0, color="gray", linewidth=1)
    axes.set_xlabel("foresight of the labeler (0 chance, 1 always)")
    axes.set_ylabel("concordance added to the trivial combination")
    axes.legend(frameon=False)
    figure.savefig(out, dpi=140)


if __name__ == "__main__":
    main()
