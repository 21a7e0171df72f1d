"""Render a report as one HTML page that loads nothing: styles, script, plots and data stand inside it."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from cpmi import numbers
from cpmi.evaluate.result import Estimate, EvaluationRow, Histogram
from cpmi.machine import package_version, software_versions
from cpmi.reports import best_of_n, plots
from cpmi.reports.command import command
from cpmi.reports.content import Report
from cpmi.reports.runs import ReportedRun
from cpmi.reports.summary import best_baseline, findings_by_run
from cpmi.shown import printable

_USUAL_LOW = 0.4  # where the small bars beside a concordance begin, unless a row lies below
_NUM_BINS = 24


def render(report: Report, *, json_name: str, own_command: str) -> str:
    """The page.

    Args:
        json_name: the file beside it that holds the same content.
        own_command: the command line that makes it again.
    """
    script = _script()
    baseline = None if report.evaluation is None else best_baseline(report.evaluation)
    by_run, others = findings_by_run([run.name for run in report.runs], report.verdict.sentences)
    findings = [(run.name, i, by_run[i]) for i, run in enumerate(report.runs) if by_run[i]]
    low = _scale_low(report)
    page = _environment().get_template("page.html.j2")
    return page.render(
        report=report,
        title=f"cpmi report: {', '.join(run.name for run in report.runs)}",
        css=Markup(_read("page.css") + _read("browser.css")),
        script=Markup(script),
        script_hash=_hash(script),
        data=Markup(as_inert_json(_printable(_browser_data(report)))),
        plots=_plots(report),
        sections=_sections(report),
        has_neutral=any(any(row.histogram.counts.get("neutral", ())) for row in _rows(report)),
        num_columns=_num_columns(len(report.cards)),
        findings=findings,
        chosen="" if report.best_of_n is None else best_of_n.sentence(report.best_of_n),
        other_findings=others,
        reference=None if baseline is None else baseline.concordance.value,
        num_colors=plots.NUM_COLORS,
        place=lambda value: _place(value, low),
        scale_low=f"{low:g}",
        cpmi_version=package_version("cpmi"),
        versions=_versions(),
        json_name=json_name,
        own_command=own_command,
    )


def as_inert_json(value: object) -> str:
    """JSON that can stand in a <script>: no text inside can end the element or begin another."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _printable(value: Any) -> Any:
    """JSON values with printable texts; anything else as it is."""
    if isinstance(value, dict):
        return {key: _printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return printable(value) if type(value) is str else value


def _environment() -> Environment:
    environment = Environment(
        finalize=lambda value: printable(value) if type(value) is str else value,  # not markup
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "decimal": numbers.decimal,
        "signed": numbers.signed,
        "short": numbers.short,
        "count": "{:,}".format,
        "plural": numbers.plural,
        "duration": numbers.duration,
        "span": _span,
        "command": lambda run: command(run.manifest),
    }
    return environment


def _read(name: str) -> str:
    return files("cpmi.reports").joinpath(name).read_text("utf-8")


def _script() -> str:
    """The parts of the script as one, with names of their own."""
    parts = "".join(_read(name) for name in ("dom.js", "charts.js", "chain.js", "page.js"))
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


def _hash(script: str) -> str:
    """By which the page's security policy knows its own script; it runs no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _span(estimate: Estimate, digits: int = 2) -> str:
    return numbers.interval(estimate.low, estimate.high, digits)


def _num_columns(num_cards: int) -> int:
    """Columns that leave the last line as full as can be."""
    return num_cards if num_cards <= 4 else 3 if num_cards in (5, 6, 9) else 4


def _scale_low(report: Report) -> float:
    """Where the small bars begin: no row may lie outside. Their end is 1."""
    rows = () if report.evaluation is None else report.evaluation.rows
    values = [row.concordance.value for row in rows if row.concordance.value is not None]
    return min([_USUAL_LOW, *(math.floor(10 * value) / 10 for value in values)])


def _place(value: float, low: float) -> str:
    """Where a concordance lies on the small bars, in percent; ends of intervals are cut off at the edge."""
    return f"{100 * min(1.0, max(0.0, (value - low) / (1 - low))):.1f}"


def _versions() -> str:
    named = {"cpmi": package_version("cpmi"), **software_versions()}
    return ", ".join(f"{name} {version}" for name, version in named.items())


def _rows(report: Report) -> Sequence[EvaluationRow]:
    """The label rows; row i is of run i."""
    return [] if report.evaluation is None else [r for r in report.evaluation.rows if r.kind == "label"]


def _sections(report: Report) -> list[tuple[str, str]]:
    names = [("summary", "Summary"), ("methods", "Methods" if report.evaluation else "Costs")]
    model = [("reward-model", "Reward model")] if report.best_of_n is not None else []
    return [*names, *model, ("distributions", "Labels"), ("chains", "Chains"), ("reproduce", "Reproduce")]


def _browser_data(report: Report) -> dict[str, Any]:
    """What page.js reads."""
    runs = [
        {"name": run.name, "method": run.method, "unit": run.unit, "contexts": run.label_facts.contexts}
        for run in report.runs
    ]
    return {"runs": runs, "rated": report.evaluation is not None, "chains": list(report.chains.chains)}


def _plots(report: Report) -> dict[str, Any]:
    rows = _rows(report)
    return {
        "cost": [Markup(plot) for plot in _cost_plots(report, rows)],
        "distributions": [
            (
                run.name,
                index,
                Markup(plots.distribution(run.name, histogram, index=index, unit=run.unit)),
                note,
            )
            for index, run in enumerate(report.runs)
            for histogram, note in [_histogram(run, rows[index] if rows else None)]
            if histogram.edges
        ],
        "roc": _roc(report, rows),
        "reliability": _reliability(report, rows),
        "best_of_n": Markup(best_of_n.plot(report.best_of_n)) if report.best_of_n is not None else None,
    }


def _cost_plots(report: Report, rows: Sequence[EvaluationRow]) -> list[str]:
    """Wide and narrow; none where no row has both a concordance and a cost."""
    points = [
        plots.Point(
            name=report.runs[index].name,
            index=index,
            cost=row.cost.computed_tokens / row.cost.num_steps,
            value=row.concordance.value,
            low=row.concordance.low,
            high=row.concordance.high,
        )
        for index, row in enumerate(rows)
        if row.cost is not None
        and row.cost.num_steps
        and row.cost.computed_tokens
        and row.concordance.value is not None
    ]
    if not points or report.evaluation is None:
        return []
    references = _references(report.evaluation.rows)
    return [
        plots.quality_against_cost(points, references, cost_name="computed tokens", wide=wide)
        for wide in (True, False)
    ]


def _references(rows: Sequence[EvaluationRow]) -> dict[str, float]:
    """The combined baseline, the best single baseline and chance: more lines would be clutter."""
    known = {
        row.name: (row.kind, row.concordance.value)
        for row in rows
        if row.kind != "label" and row.concordance.value is not None
    }
    single = {name: value for name, (kind, value) in known.items() if kind == "baseline" and name != "random"}
    chosen = {name: value for name, (kind, value) in known.items() if kind == "combination"}
    if single:
        best = max(single, key=single.__getitem__)
        chosen[best] = single[best]
    return {**chosen, "chance": 0.5}


def _histogram(run: ReportedRun, row: EvaluationRow | None) -> tuple[Histogram, str]:
    """Of the evaluation, or of all labels where there is none; and what to say beside it."""
    if row is not None:
        clipped = row.histogram.num_clipped
        return row.histogram, f"{numbers.plural(clipped, 'outlier')} in the outermost bars" if clipped else ""
    values = run.values_N
    if not values.size:
        return Histogram(edges=(), counts={}, num_clipped=0), ""
    low, high = np.percentile(values, [0.5, 99.5])
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(values, low, high), bins=_NUM_BINS, range=(low, high))
    clipped = int(np.sum((values < low) | (values > high)))
    return Histogram(
        edges=tuple(edges.tolist()), counts={"all": tuple(counts.tolist())}, num_clipped=clipped
    ), ""


def _roc(report: Report, rows: Sequence[EvaluationRow]) -> Markup | None:
    curves: list[tuple[str, int | None, Any]] = [
        (f"{report.runs[index].name} {numbers.decimal(row.auroc.value)}", index, row.roc)
        for index, row in enumerate(rows)
        if row.roc.false_positive_rate
    ]
    if not curves or report.evaluation is None:
        return None
    outcome = next((row for row in report.evaluation.rows if row.name == "outcome"), None)
    if outcome is not None and outcome.roc.false_positive_rate:
        curves.append((f"final answer alone {numbers.decimal(outcome.auroc.value)}", None, outcome.roc))
    return Markup(plots.roc(curves))


def _reliability(report: Report, rows: Sequence[EvaluationRow]) -> Markup | None:
    found = [
        (report.runs[index].name, index, calibration)
        for index, row in enumerate(rows)
        for calibration in row.calibration
        if calibration.of == "platt" and any(part.num_steps for part in calibration.bins)
    ]
    return Markup(plots.reliability(found)) if found else None
