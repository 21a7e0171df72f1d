"""`cpmi compare`: two label sets or score sets, measured on the same rated chains."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cpmi import numbers
from cpmi.cli import terminal
from cpmi.cli.arguments import AnswerCheck, Percent, Seed

if TYPE_CHECKING:
    from rich.console import Console

    from cpmi.evaluate import Comparison
    from cpmi.evaluate.comparison import ComparedMeasure

_MANY = 1_000_000
_FIRST = "A run of labels (or DIR:part), or a folder by cpmi calibrate, hybrid or score."
_DEV = "Take thresholds from this run of the same method on other problems; give it twice, once for each."
_LEGEND = (
    "Differences are paired: both sets on the same draws of problems. In brackets 95 % intervals. "
    "Detectable: the least true difference that this many chains show with probability 0.8. Chains needed: "
    "rated chains, mixed as these, that show a true difference of the size seen with that probability."
)


def compare(
    first: Annotated[Path, typer.Argument(metavar="DIR_A", help=_FIRST)],
    second: Annotated[Path, typer.Argument(metavar="DIR_B", help="Another one on the same rated chains.")],
    dev: Annotated[list[Path] | None, typer.Option(metavar="DIR", help=_DEV)] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the whole result to this JSON file.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Bootstrap draws of problems per confidence interval.")] = 2000,
    seed: Seed = 0,
    percent: Percent = None,
    answer_check: AnswerCheck = None,
) -> None:
    """Compare two label sets or score sets: A minus B, with intervals and the chains it takes to decide."""
    from cpmi.evaluate import compare as compare_sets
    from cpmi.runs.grading import grading_of
    from cpmi.runs.products import write_json_product

    with terminal.err().status("measuring"):
        found = compare_sets(
            first,
            second,
            dev=dev or (),
            num_draws=draws,
            seed=seed,
            grading=grading_of([first, second, *(dev or ())], percent=percent, check=answer_check),
        )
    if out is not None:
        write_json_product(out, found.to_json())
    _show(terminal.for_tables(), found)


def _show(console: Console, found: Comparison) -> None:
    from cpmi.evaluate.findings import format_estimate, marked

    ground = found.evaluation.ground
    chains = f"{ground.num_wrong:,} wrong and {ground.num_right:,} right chains"
    console.print(f"{chains} on {numbers.plural(ground.num_problems, 'problem')}")
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("")
    for name in (marked(found.first), marked(found.second), "A − B", "detectable", "chains needed"):
        table.add_column(name, justify="right", min_width=10)
    for measure in found.measures:
        table.add_row(
            measure.name,
            format_estimate(measure.first),
            format_estimate(measure.second),
            format_estimate(measure.difference, signed=True),
            numbers.decimal(measure.detectable, 3),
            _needed(measure),
        )
    console.print(table)
    console.print(_price(found))
    console.print(_LEGEND, style="dim")
    for sentence in found.evaluation.warnings:
        console.print(f"! {sentence}", style="yellow")


def _needed(measure: ComparedMeasure) -> str:
    if measure.num_chains_needed is None:
        return numbers.NOTHING
    many = measure.num_chains_needed > _MANY
    needed = f"> {_MANY:,}" if many else f"{measure.num_chains_needed:,}"
    return f"decided ({needed})" if measure.decided else needed


def _price(found: Comparison) -> str:
    """What either cost, per labeled step."""
    lines = []
    for row in (found.first, found.second):
        cost = row.cost
        if cost is None or not cost.num_steps:
            lines.append((row.name, "its cost is not known"))
            continue
        steps = cost.num_steps
        per_step_s = None if cost.wall_s is None else cost.wall_s / steps
        lines.append(
            (
                row.name,
                f"{numbers.short(cost.computed_tokens / steps)} computed and "
                f"{numbers.short(cost.generated_tokens / steps)} generated tokens per step, "
                f"{numbers.two_digits(per_step_s) if per_step_s is not None else numbers.NOTHING} s per step",
            )
        )
    return numbers.aligned(lines)
