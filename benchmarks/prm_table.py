"""A reward model on ProcessBench and PRMBench as a table: percent, 95 % intervals, rows without a model."""

from __future__ import annotations

import json
from pathlib import Path

from cpmi.evaluate import Estimate, PRMBench, ProcessBench

NOTHING = "–"


def markdown(errors: ProcessBench, items: PRMBench, *, half: ProcessBench) -> str:
    """Both benchmarks; `half` is ProcessBench on the problems that no weight was fitted on."""
    split, part = errors.splits[0], half.splits[0]
    lines = [
        f"| ProcessBench gsm8k, {split.num_wrong} wrong and {split.num_right} right chains | F1 | found "
        f"| passed | F1 on the test half, {part.num_wrong} and {part.num_right} |",
        "|---|---|---|---|---|",
    ]
    for row in errors.rows:
        whole = row.splits[0]
        name = f"{row.name} (told which final answers are right)" if row.knows_answer else row.name
        cells = (whole.f1, whole.acc_err, whole.acc_corr, half.row(row.name).splits[0].f1)
        lines.append(f"| {name} | {' | '.join(map(percent, cells))} |")
    ours = items.well_formed
    for head, rows in (
        (f"PRMBench p1, {items.num_items:,} items | PRMScore", items.rows),
        (f"PRMBench p1, {ours.num_items:,} well-formed items | PRMScore, not official", ours.rows),
    ):
        lines += ["", f"| {head} | F1 of right steps | F1 of wrong steps |", "|---|---|---|---|"]
        for found in rows:
            whole = found.overall
            cells = (whole.score, whole.f1_right, whole.f1_wrong)
            lines.append(f"| {found.name} | {' | '.join(map(percent, cells))} |")
    return "\n".join(lines) + "\n"


def percent(estimate: Estimate) -> str:
    """`40.1 [35.0, 45.2]`."""
    if estimate.value is None:
        return NOTHING
    text = f"{100 * estimate.value:.1f}"
    if estimate.low is not None and estimate.high is not None:
        text += f" [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"
    return text


def sizes(prm: Path) -> str:
    """What a reward model was trained on, and how long."""
    card = json.loads((prm / "prm.json").read_text("utf-8"))
    spent = json.loads((prm / "usage.json").read_text("utf-8"))["totals"]
    training, measured = card["training"], card["measured"]
    counts = training["counts"]
    return " ".join(
        (
            f"{counts['chains']:,} chains on {training['problems']:,} problems,",
            f"{counts['targets']:,} targets, {counts['steps_truncated']:,} steps cut off;",
            f"loss {training['loss']}, {training['steps']:,} steps of the optimizer,",
            f"{spent['wall_s']:,.0f} s; cross-entropy of {measured['targets']:,} held-out targets",
            f"{measured['cross_entropy']:.3f},",
            f"of a constant {measured['cross_entropy_of_a_constant']:.3f}.",
        )
    )
