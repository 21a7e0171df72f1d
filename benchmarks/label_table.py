"""Labels measured and written as a table: quality, cost, literal answers, and differences to Monte Carlo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cpmi.evaluate import evaluate_labels
from cpmi.evaluate.findings import format_estimate, marked
from cpmi.evaluate.result import Cost, Evaluation, EvaluationRow
from cpmi.storage import write_json, write_text

NOTHING = "–"
# Readings of one `probe` run, beside the methods: the judge, the contrasts, the step's own log-probability.
FEATURES = ("value", "gain", "margin", "mean", "least", "numbers", "least_number", "least_result")


def report(stem: Path, folders: Sequence[str | Path]) -> None:
    """Measure runs, write the result as JSON and as Markdown, and print it."""
    evaluation = evaluate_labels(folders)
    text = markdown(evaluation)
    write_json(stem.with_suffix(".json"), evaluation.to_json())
    write_text(stem.with_suffix(".md"), text)
    print(text, flush=True)


def readings_of(probe: Path) -> list[str]:
    """All readings of a `probe` run, as `cpmi evaluate labels` takes them."""
    return [f"{probe}:{name}" for name in FEATURES]


def markdown(evaluation: Evaluation) -> str:
    """Tables of all measures with 95 % intervals; the rows that need no model among them."""
    ground = evaluation.ground
    lines = [
        f"{ground.num_wrong:,} wrong and {ground.num_right:,} right chains on {ground.num_problems:,} "
        f"problems, {ground.num_steps:,} steps, {ground.num_pairs:,} pairs; {evaluation.num_draws:,} draws.",
        *(f"Left out: {item.num_chains:,} ({item.reason})." for item in ground.left_out),
        "",
        "| method | C | C, equal S | first-error accuracy | F1 | F1 gated | gain in C | gain in F1 | AUROC |",
        "|---|---|---|---|---|---|---|---|---|",
        *map(_quality, evaluation.rows),
        "",
        "* uses final-answer correctness: compare its first-error accuracy and F1 with other * and F1 gated.",
        "",
        "| method | generated tokens | computed tokens | of Monte Carlo's | time, s | of Monte Carlo's |",
        "|---|---|---|---|---|---|",
        *(_cost(row.name, row.cost) for row in evaluation.rows if row.cost is not None),
        "",
        "| method | C, all pairs | C, no candidate printed | pairs removed |",
        "|---|---|---|---|",
        *_literal(evaluation),
        "",
        "| difference | C | first-error accuracy | F1 |",
        "|---|---|---|---|",
        *_differences(evaluation),
    ]
    return "\n".join(lines) + "\n"


def _quality(row: EvaluationRow) -> str:
    gain = row.gain
    cells = [
        marked(row),
        format_estimate(row.concordance),
        format_estimate(row.concordance_equal_count),
        format_estimate(row.first_error_accuracy),
        NOTHING if row.f1 is None else format_estimate(row.f1.f1),
        format_estimate(row.f1_gated.f1),
        NOTHING if gain is None else format_estimate(gain.concordance, signed=True),
        NOTHING if gain is None else format_estimate(gain.f1, signed=True),
        format_estimate(row.auroc),
    ]
    return f"| {' | '.join(cells)} |"


def _cost(name: str, cost: Cost) -> str:
    ratios = cost.to_monte_carlo
    shares = [None, None] if ratios is None else [ratios.computed_tokens, ratios.wall_s]
    tokens, time = (NOTHING if share is None else f"{share:.1%}" for share in shares)
    return (
        f"| {name} | {cost.generated_tokens:,} | {cost.computed_tokens:,} | {tokens} | {cost.wall_s:,.1f} "
        f"| {time} |"
    )


def _literal(evaluation: Evaluation) -> Iterator[str]:
    for row in evaluation.rows:
        if row.literal is not None:
            cells = (row.literal.all_pairs, row.literal.without_printed, row.literal.share_removed)
            yield f"| {row.name} | {' | '.join(map(format_estimate, cells))} |"


def _differences(evaluation: Evaluation) -> Iterator[str]:
    """Those to the first row or to Monte Carlo; all others are in the JSON beside it."""
    first = evaluation.rows[0].name
    for item in evaluation.differences:
        if first in (item.first, item.second) or "monte_carlo" in (item.first, item.second):
            cells = (item.concordance, item.first_error_accuracy, item.f1)
            text = " | ".join(format_estimate(cell, signed=True) for cell in cells)
            yield f"| {item.first} − {item.second} | {text} |"
