"""An evaluation in the terminal: what was compared, two tables, and what follows in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cpmi import numbers
from cpmi.evaluate.baselines import OUTCOME_LONGEST
from cpmi.evaluate.findings import format_estimate, marked
from cpmi.evaluate.result import Cost, Estimate, Evaluation, EvaluationRow

_NAME_WIDTH = 22
_WIDE = 150  # columns from which a value and its interval stand in one line
_LEGEND = (
    "C: concordance index (time-matched), of first errors with steps at the same place in other wrong "
    "chains; 0.50 is chance. C, equal S: only chains with equally many steps. First-error accuracy: "
    "share of wrong chains whose lowest step is the first error. F1 and F1 gated (by the final "
    "answer) are never compared. Gain: C added to the combined baseline. * uses final-answer "
    "correctness. AUROC mostly measures the outcome. In brackets 95 % intervals."
)


def show_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print it; readable from 100 columns on."""
    console.print(_head(evaluation), soft_wrap=False)
    between = " " if console.width >= _WIDE else "\n"
    console.print(_quality_table(evaluation.rows, between))
    console.print(Text(_LEGEND, "dim"))
    console.print(_references(evaluation))
    console.print()
    console.print(_label_table(evaluation.rows, between))
    if any(row.cost is not None for row in evaluation.rows):
        console.print(_cost_table(evaluation.rows))
    for sentence in evaluation.findings:
        console.print(f"· {sentence}")
    for sentence in evaluation.warnings:
        console.print(Text(f"! {sentence}", "yellow"))


def _head(evaluation: Evaluation) -> str:
    ground = evaluation.ground
    lines = [
        f"{ground.num_wrong:,} wrong and {ground.num_right:,} right chains on {ground.num_problems:,} "
        f"problems, {ground.num_steps:,} steps; {ground.num_pairs:,} pairs of wrong chains, "
        f"{ground.num_pairs_equal_count:,} of them with equally many steps",
        f"final answers: {ground.num_answers_same:,} right, {ground.num_answers_different:,} wrong, "
        f"{ground.num_answers_undecided:,} undecided",
    ]
    for item in ground.left_out:
        noun = "chain" if item.num_chains == 1 else "chains"
        lines.append(f"left out: {item.num_chains:,} {noun} ({item.reason})")
    sources = {row.f1.threshold_from for row in evaluation.rows if row.f1 is not None}
    lines.append(f"thresholds: {', '.join(sorted(sources))}; {evaluation.num_draws:,} draws of problems")
    return "\n".join(lines)


def _quality_table(rows: Sequence[EvaluationRow], between: str) -> Table:
    table = _table("C", "C, equal S", "first-error\naccuracy", "F1", "F1 gated", "gain in C")
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        table.add_row(
            Text(marked(row), "bold" if row.kind == "label" else ""),
            _cell(row.concordance, between),
            _cell(row.concordance_equal_count, between),
            _cell(row.first_error_accuracy, between),
            _cell(None if row.f1 is None else row.f1.f1, between),
            _cell(row.f1_gated.f1, between),
            _cell(None if row.gain is None else row.gain.concordance, between, signed=True),
            end_section=row.kind == "label" and following is not None and following.kind != "label",
        )
    return table


def _label_table(rows: Sequence[EvaluationRow], between: str) -> Table:
    """What is worth knowing of labels only."""
    table = _table("AUROC", "C, none printed", "pairs left out", "ECE (Platt)", "without label")
    for row in rows:
        if row.kind == "label":
            literal = row.literal
            table.add_row(
                Text(row.name, "bold"),
                _cell(row.auroc, between),
                _cell(None if literal is None else literal.without_printed, between),
                _cell(None if literal is None else literal.share_removed, between),
                _cell(row.calibration[0].ece if row.calibration else None, between),
                _cell(row.null_share, between),
            )
    outcome = next((row for row in rows if row.name == "outcome"), None)
    if outcome is not None:
        table.add_section()
        table.add_row("outcome alone", _cell(outcome.auroc, between))
    return table


def _cost_table(rows: Sequence[EvaluationRow]) -> Table:
    """What the runs cost; the last columns as multiples of Monte Carlo, per step."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", max_width=_NAME_WIDTH)
    for name in ("generated", "computed", "FLOPs", "time", "steps/s", "time ÷ MC", "generated ÷ MC"):
        table.add_column(name, justify="right")
    for row in rows:
        if row.kind == "label":
            table.add_row(Text(row.name, "bold"), *_cost_cells(row.cost))
    return table


def _table(*names: str) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", max_width=_NAME_WIDTH)
    for name in names:
        table.add_column(name, min_width=16 if name.startswith("gain") else 12)
    return table


def _cost_cells(cost: Cost | None) -> list[str]:
    if cost is None:
        return [numbers.NOTHING] * 7
    ratios = cost.to_monte_carlo
    return [
        numbers.short(cost.generated_tokens),
        numbers.short(cost.computed_tokens),
        numbers.short(cost.flops),
        numbers.duration(cost.wall_s),
        numbers.short(cost.steps_per_s),
        numbers.ratio(None if ratios is None else ratios.wall_s),
        numbers.ratio(None if ratios is None else ratios.generated_tokens),
    ]


def _references(evaluation: Evaluation) -> Text:
    found = evaluation.references
    parts = [
        f"a blind guess {format_estimate(found.mean_inverse_steps)}",
        f"the best fixed index ({found.fixed_index_from}) {format_estimate(found.best_fixed_index)}",
        f"the longest step {format_estimate(evaluation.row('length').first_error_accuracy)}",
    ]
    gated = (
        f"F1 gated of the fixed index {format_estimate(found.outcome_fixed_index_f1)}, "
        f"of the longest step {format_estimate(evaluation.row(OUTCOME_LONGEST).f1_gated.f1)}"
    )
    return Text(f"First-error accuracy without any label: {'; '.join(parts)}. {gated}.", "dim")


def _cell(estimate: Estimate | None, between: str, *, signed: bool = False) -> str:
    """A value and its interval, with a space or a line end between them."""
    if estimate is None or estimate.value is None:
        return numbers.NOTHING
    value, _, interval = format_estimate(estimate, signed=signed).partition(" ")
    return f"{value}{between}{interval}".strip()
