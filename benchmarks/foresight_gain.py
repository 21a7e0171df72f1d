"""What labels add, against how far their model sees.

`python -m benchmarks.foresight_gain FOLDER... --out PNG`, every FOLDER one of `benchmarks.labels_real`, each
with one labeling model. Everything is read from its `probe` run: foresight from the right chains of
all problems, what labels add to the combined baseline from the test
half, `evidence` with weights of the dev half.
`--contrast-model FOLDER FOLDER` adds a labeling model whose gain is read by another one, as `cpmi label
--method evidence --contrast-model`.
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
from cpmi.storage import write_text

SHOWN = {
    "evidence": "evidence",
    "evidence:alone": "evidence, without the final answer",
    "probe:gain": "gain (net_gain)",
    "probe:value": "value",
    "probe:margin": "judge",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One labeling model: how far it sees, and what each label adds by its name in `SHOWN`."""

    model: str
    foresight: Foresight
    gains: dict[str, Gain]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--contrast-model", type=Path, nargs=2, action="append", default=[])
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    found = [
        Found(folder.name, foresight_of_run(folder / "probe"), gains(folder)) for folder in arguments.folders
    ]
    for policy, contrast_model in arguments.contrast_model:
        added = gains(policy, contrast_model)
        name = f"{policy.name}, gain by {contrast_model.name}"
        found.append(Found(name, foresight_of_run(contrast_model / "probe"), added))
    print(markdown(found))
    draw(found, arguments.out)


def gains(folder: Path, contrast_model: Path | None = None) -> dict[str, Gain]:
    """What each label adds to the combined baseline on the test half."""
    probe = folder / "probe"
    derived = folder / (
        "evidence-of-probe" if contrast_model is None else f"evidence-with-{contrast_model.name}"
    )
    derive(probe, derived, contrast_model=None if contrast_model is None else contrast_model / "probe")
    readings = [f"{probe}:{name.partition(':')[2]}" for name in SHOWN if name.startswith("probe:")]
    evaluation = evaluate_labels([derived, f"{derived}:alone", *(readings if contrast_model is None else ())])
    write_text(derived / "table.md", table(evaluation))
    return {SHOWN[row.name]: row.gain for row in evaluation.rows if row.name in SHOWN and row.gain}


def markdown(found: Sequence[Found]) -> str:
    lines = [
        "| labeling model | foresight | outlook | label | gain in C | gain in F1 |",
        "|---|---|---|---|---|---|",
    ]
    for item in found:
        seen = format_estimate(item.foresight.foresight)
        for name, gain in item.gains.items():
            added = [format_estimate(value, signed=True) for value in (gain.concordance, gain.f1)]
            lines.append(
                f"| {item.model} | {seen} | {item.foresight.outlook} | {name} | {' | '.join(added)} |"
            )
    return "\n".join(lines)


def draw(found: Sequence[Found], out: Path) -> None:
    """One line per model, the more foresight the higher, and a mark per label in it."""
    ordered = sorted(found, key=lambda item: item.foresight.foresight.value or 0)
    figure = Figure(figsize=(11, 1.5 + 0.75 * len(ordered)), layout="constrained")
    for axes, measure in zip(figure.subplots(1, 2, sharey=True), ("concordance", "f1"), strict=True):
        for index, name in enumerate(SHOWN.values()):
            lines = [
                (line + 0.15 * (2 - index), getattr(item.gains[name], measure))
                for line, item in enumerate(ordered)
                if name in item.gains
            ]
            lines = [(line, gain) for line, gain in lines if gain.value is not None]
            x = [gain.value for _, gain in lines]
            low = [gain.value - gain.low for _, gain in lines]
            high = [gain.high - gain.value for _, gain in lines]
            axes.errorbar(
                x, [line for line, _ in lines], xerr=[low, high], fmt="osD^v"[index], label=name,
                capsize=2, markersize=4, linewidth=1,
            )  # fmt: skip
        axes.axvline(0, color="gray", linewidth=1)
        axes.set_yticks(range(len(ordered)), [_line(item) for item in ordered], fontsize=8)
        axes.set_xlabel(
            f"{'concordance' if measure == 'concordance' else 'first-error F1'} added", fontsize=9
        )
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=5, fontsize=8
    )
    figure.savefig(out, dpi=110)


def _line(item: Found) -> str:
    seen = format_estimate(item.foresight.foresight)
    return "\n".join((*item.model.split(", "), f"foresight {seen}"))


if __name__ == "__main__":
    main()
