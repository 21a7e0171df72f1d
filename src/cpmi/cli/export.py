"""`cpmi export`: label sets as data sets for other trainers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cpmi.cli import terminal
from cpmi.cli.arguments import AnswerCheck, OutFolder, Overwrite, Percent
from cpmi.options import LICENSE

if TYPE_CHECKING:
    from cpmi.exports import Export, Form

_DIR = "A run of labels, or targets by cpmi calibrate, consensus or hybrid."
_TO = (
    "parquet, datasets or jsonl: prompt, completions, boolean labels, soft targets, counts and cost; "
    "math-shepherd: one text with + or - after every step."
)
_THRESHOLD = "Targets or labels of at least this are right; by default hard labels decide, else 0.5."
_PUSH = "Upload to this dataset of the Hugging Face Hub."


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_DIR)],
    out: OutFolder,
    to: Annotated[str, typer.Option(help=_TO)] = "parquet",
    threshold: Annotated[float | None, typer.Option(help=_THRESHOLD)] = None,
    push_to_hub: Annotated[str | None, typer.Option(metavar="OWNER/NAME", help=_PUSH)] = None,
    private: Annotated[bool, typer.Option("--private", help="Create that dataset as private.")] = False,
    percent: Percent = None,
    answer_check: AnswerCheck = None,
    license: Annotated[str | None, typer.Option(help=LICENSE)] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write labels or targets as a dataset that trainers read, with a dataset card."""
    from cpmi.exports import export_labels
    from cpmi.runs.grading import grading_of

    done = export_labels(
        folder,
        out,
        to=cast("Form", to),  # checked there
        threshold=threshold,
        push=push_to_hub,
        private=private,
        grading=grading_of([folder], percent=percent, check=answer_check),
        license=license,
        overwrite=overwrite,
    )
    terminal.out().print(_summary(done), soft_wrap=True)


def _summary(done: Export) -> str:
    exported = done.exported
    lines = [
        f"chains    {len(exported.rows):,}",
        f"steps     {exported.num_steps:,}, of them {exported.num_wrong_steps:,} wrong ({exported.rule})",
    ]
    lines += [f"left out  {count:,} chains: {reason}" for reason, count in exported.left_out.items()]
    lines += [f"cut       {count:,} steps: {reason}" for reason, count in exported.cut.items()]
    if exported.num_decided_cut:
        lines.append(
            f"          {exported.num_decided_cut:,} of the cut steps have a label, after one that has none"
        )
    lines.append(f"quality   {_quality(done)}")
    lines.append(f"files     {done.data}, {done.folder}/README.md, {done.folder}/export.json")
    if done.address is not None:
        lines.append(f"uploaded  {done.address}")
    return "\n".join(lines)


def _quality(done: Export) -> str:
    from cpmi.evaluate.findings import format_estimate

    if done.quality is None:
        return "not measured, no chain is rated up to its first error"
    labels, *baselines = done.quality.rows
    rivals = [row for row in baselines if not row.knows_answer and row.f1.value is not None]
    text = f"first-error F1 {format_estimate(labels.f1)}"
    if rivals:
        best = max(rivals, key=lambda row: row.f1.value or 0.0)
        text += f"; without a model {best.name} {format_estimate(best.f1)}"
    return text + "; more in README.md"
