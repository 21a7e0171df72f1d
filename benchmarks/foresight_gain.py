"""What labels add, against how far their labeler sees.

`python -m benchmarks.foresight_gain FOLDER... --out PNG`, every FOLDER one of `benchmarks.labels_real`, one
labeler each. Everything is read from its `probe` run: foresight from the right chains of all problems, what
labels add to the trivial combination from the test half, `evidence` with weights of the dev half. `--prover
FOLDER FOLDER` adds a labeler whose gain is read by another one, as `cpmi label --method evidence --prover`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.evidence_of_probe import derive
from benchmarks.label_table import markdown as table
from matplotlib.figure import Figure

from cpmi.evaluate import evaluate_labels
from cpmi.evaluate.findings import format_estimate
from cpmi.evaluate.foresight import Foresight, foresight_of_run
from cpmi.evaluate.result import Gain
from cpmi.runs.storage import write_text

SHOWN = {
    "evidence": "evidence",
    "evidence:alone": "evidence, without the final answer",
    "probe:gain": "gain (net_gain)",
    "probe:value": "value",
    "probe:margin": "judge",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One labeler: how far it sees, and what each label adds by its name in `SHOWN`."""

    labeler: str
    foresight: Foresight
    gains: dict[str, Gain]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--prover", type=Path, nargs=2, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    found = [
        Found(folder.name, foresight_of_run(folder / "probe"), gains(folder)) for folder in arguments.folders
    ]
    for policy, prover in arguments.prover:
        added = gains(policy, prover)
        name = f"{policy.name}, gain by {prover.name}"
        found.append(Found(name, foresight_of_run(prover / "probe"), added))
    print(markdown(found))
    draw(found, arguments.out)


def gains(folder: Path, prover: Path | None = None) -> dict[str, Gain]:
    """What each label adds to the trivial combination on the test half."""
    probe = folder / "probe"
    derived = folder / ("evidence-of-probe" if prover is None else f"evidence-with-{prover.name}")
    derive(probe, derived, prover=None if prover is None else prover / "probe")
    readings = [f"{probe}:{name.partition(':')[2]}" for name in SHOWN if name.startswith("probe:")]
    evaluation = evaluate_labels([derived, f"{derived}:alone", *(readings if prover is None else ())])
    write_text(derived / "table.md", table(evaluation))
    return {SHOWN[row.name]: row.gain for row in evaluation.rows if row.name in SHOWN and row.gain}


def markdown(found: Sequence[Found]) -> str:
    lines = [
        "| labeler | foresight | outlook | label | gain in C | gain in F1 |",
        "|---|---|---|---|---|---|",
    ]
    for item in found:
        seen = format_estimate(item.foresight.foresight)
        for name, gain in item.gains.items():
            added = [format_estimate(value, signed=True) for value in (gain.concordance, gain.f1)]
            lines.append(
                f"| {item.labeler} | {seen} | {item.foresight.outlook} | {name} | {' | '.join(added)} |"
            )
    return "\n".join(lines)


def draw(found: Sequence[Found], out: Path) -> None:
    figure = Figure(figsize=(9, 4), layout="constrained")
    for axes, measure in zip(figure.subplots(1, 2, sharex=True), ("concordance", "f1"), strict=True):
        for index, name in enumerate(SHOWN.values()):
            points = [
                (item.foresight.foresight.value, getattr(item.gains[name], measure))
                for item in found
                if name in item.gains
            ]
            points = [(seen, gain) for seen, gain in points if seen is not None and gain.value is not None]
            x = [seen + 0.002 * (index - 2) for seen, _ in points]  # side by side where they would overlap
            y = [gain.value for _, gain in points]
            low = [gain.value - gain.low for _, gain in points]
            high = [gain.high - gain.value for _, gain in points]
            axes.errorbar(x, y, yerr=[low, high], fmt="osD^v"[index], label=name, capsize=3, markersize=4)
        for item in found:
            axes.annotate(
                item.labeler, (item.foresight.foresight.value or 0, 0.0), xycoords=("data", "axes fraction"),
                xytext=(3, 4), textcoords="offset points", rotation=90, fontsize=7, color="gray",
            )  # fmt: skip
        axes.axhline(0, color="gray", linewidth=1)
        axes.set_xlabel("foresight of the labeler (0 chance, 1 always)")
        axes.set_title(
            f"{'concordance' if measure == 'concordance' else 'first-error F1'} added", fontsize=10
        )
    figure.axes[0].legend(frameon=False, fontsize=7)
    figure.savefig(out, dpi=140)


if __name__ == "__main__":
    main()
