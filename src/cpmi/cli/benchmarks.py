"""Benchmark results of a reward model in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cpmi.evaluate.best_of_n_result import BestOfN, BestOfNRow
from cpmi.evaluate.findings import format_percent
from cpmi.evaluate.prmbench_result import PRMBench, PRMBenchRow
from cpmi.evaluate.processbench_result import ProcessBench, ProcessBenchRow
from cpmi.evaluate.result import LeftOut
from cpmi.numbers import NOTHING


def show_processbench(console: Console, result: ProcessBench) -> None:
    """Print it: one column a split, the mean last."""
    for split in result.splits:
        settled = split.num_answers_settled
        console.print(
            f"{split.name}: {split.num_wrong:,} wrong and {split.num_right:,} right chains on "
            f"{split.num_problems:,} problems, {split.num_steps:,} steps"
            + (f"; {settled} undecided final answers count in favor of the baselines" if settled else "")
        )
        _left_out(console, split.left_out)
    console.print(f"threshold {result.threshold:.4g} ({result.threshold_source})")
    names = [split.name for split in result.splits]
    table = _table("F1, %", *names, f"mean of {len(names)}" if len(names) > 1 else "")
    for row in result.rows:
        found = {item.split: item.f1 for item in row.splits}
        cells = [format_percent(found.get(name)) for name in names]
        table.add_row(_name(row), *cells, format_percent(row.mean_f1) if len(names) > 1 else "")
    console.print(table)
    console.print(_accuracies(result, names))
    console.print(
        Text(
            "F1: harmonic mean of the accuracies on wrong and on right chains, below. * uses final-answer "
            "correctness and is compared with other * only. In brackets 95 % intervals over problems.",
            "dim",
        )
    )
    notes = {f"{row.name}: {item.note}" for row in result.rows for item in row.splits if item.note}
    console.print(Text("; ".join(sorted(notes)), "dim"))
    _warn(console, result.warnings)


def _accuracies(result: ProcessBench, names: Sequence[str]) -> Table:
    table = _table("accuracy, %", *(f"{name}: wrong, right" for name in names))
    for row in result.rows:
        found = {item.split: item for item in row.splits}
        cells = []
        for name in names:
            item = found.get(name)
            pair = () if item is None else (item.acc_err, item.acc_corr)
            cells.append(", ".join(format_percent(share, interval=False) for share in pair) or NOTHING)
        table.add_row(_name(row), *cells)
    return table


def show_prmbench(console: Console, result: PRMBench) -> None:
    """Print it: the official scores, their classes, then those of well-formed items and what differs."""
    model, ours = result.rows[0], result.well_formed
    console.print(
        f"{result.num_items:,} items on {result.num_problems:,} problems, "
        f"{model.overall.num_wrong_steps:,} of {model.overall.num_steps:,} steps wrong; "
        f"threshold {result.threshold:g}"
    )
    _left_out(console, result.left_out)
    for reason, count in (result.apart or {}).items():
        console.print(f"apart: official items without scores: {count:,} ({reason})")
    _prm_scores(console, "official, %", result.rows)
    aspects = [(item.name, [row.aspects[i] for row in result.rows]) for i, item in enumerate(model.aspects)]
    classes = _table("official PRMScore, %", "items", *(row.name for row in result.rows))
    for name, found in aspects:
        cells = [format_percent(item.score, interval=index == 0) for index, item in enumerate(found)]
        classes.add_row(name, "", *cells)
    for index, of_class in enumerate(model.classes):
        of_rows = [row.classes[index].score for row in result.rows]
        cells = [format_percent(score, interval=i == 0) for i, score in enumerate(of_rows)]
        classes.add_row(of_class.name, f"{of_class.num_items:,}", *cells)
    console.print(classes)
    console.print(
        f"not official: {ours.num_items:,} well-formed items with an error, on {ours.num_problems:,} problems"
    )
    if ours.without_errors is not None:
        apart = ours.without_errors
        console.print(
            f"apart: {apart.num_items:,} items without an error, {format_percent(apart.share_passed)} % of "
            f"their {apart.num_steps:,} steps pass"
        )
    _prm_scores(console, "well-formed items, %", ours.rows)
    differing = _table("what differs", "number", "official", "well-formed items")
    for item in result.differences:
        differing.add_row(item.what, f"{item.num:,}", item.official, item.well_formed)
    console.print(differing)
    _warn(console, result.warnings)


def _prm_scores(console: Console, head: str, rows: Sequence[PRMBenchRow]) -> None:
    table = _table(head, "PRMScore", "F1 of right steps", "F1 of wrong steps")
    for row in rows:
        found = (row.overall.score, row.overall.f1_right, row.overall.f1_wrong)
        table.add_row(_styled(row), *map(format_percent, found))
    console.print(table)


def show_best_of_n(console: Console, result: BestOfN) -> None:
    """Print it: one column an N, then the differences to majority vote."""
    answers = ", ".join(f"{count:,} {verdict}" for verdict, count in result.verdicts.items())
    console.print(f"{result.num_problems:,} problems; answers against the gold: {answers}")
    _left_out(console, result.left_out)
    table = _table("right, %", *(f"N = {n}" for n in result.ns))
    for row in result.rows:
        table.add_row(_styled(row), *(format_percent(item.accuracy) for item in row.at))
    console.print(table)
    difference = _table("minus majority vote, points", *(f"N = {n}" for n in result.ns if n > 1))
    for row in result.rows:
        if row.kind == "model":
            difference.add_row(
                _styled(row),
                *(format_percent(item.to_majority, signed=True) for item in row.at if item.n > 1),
            )
    if result.ns[-1] > 1:
        console.print(difference)
    console.print(
        Text(
            "product, min, last, mean: the chain whose steps' scores have the greatest one; pass@N: whether "
            "any chain is right. In brackets 95 % intervals over problems; differences are paired.",
            "dim",
        )
    )
    _warn(console, result.warnings)


def _table(head: str, *names: str) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(head)
    for name in names:
        table.add_column(name)
    return table


def _name(row: ProcessBenchRow) -> Text:
    return Text(f"{row.name} *" if row.knows_answer else row.name, "bold" if row.kind == "model" else "")


def _styled(row: PRMBenchRow | BestOfNRow) -> Text:
    return Text(row.name, "bold" if row.kind == "model" else "")


def _left_out(console: Console, left_out: Sequence[LeftOut]) -> None:
    for item in left_out:
        noun = "chain" if item.num_chains == 1 else "chains"
        console.print(f"left out: {item.num_chains:,} {noun} ({item.reason})")


def _warn(console: Console, warnings: Iterable[str]) -> None:
    for sentence in warnings:
        console.print(Text(f"! {sentence}", "yellow"))
