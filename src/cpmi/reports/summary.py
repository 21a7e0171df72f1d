"""What a report says first: what was labeled, the headline numbers, and the verdict in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cpmi import numbers
from cpmi.evaluate.result import Estimate, Evaluation, EvaluationRow
from cpmi.reports.runs import ReportedRun

Tone = Literal["adds", "nothing", "unrated"]
GENERATED, COMPUTED = "generated tokens per step", "computed tokens per step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One card of few large numbers.

    Attributes:
        name: the method's; or what does best without a model.
        index: of its color; None without a model.
        value: the large number, as text.
        what: what it is.
        estimate: behind it, for the whisker; None if there is none.
        facts: (text, value) beneath it.
    """

    name: str
    index: int | None
    value: str
    what: str
    estimate: Estimate | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What follows, in sentences: the first says it all, the others why."""

    tone: Tone
    lead: str
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]


def statement(runs: Sequence[ReportedRun], num_chains: int, num_steps: int) -> str:
    """What was labeled, with what, on what, when; in one sentence."""
    methods = numbers.plural(len(runs), "run") if len(runs) > 4 else numbers.listed([r.name for r in runs])
    models = _distinct([run.fact("circumstances", "model") for run in runs])
    machines = _distinct([_machine(run.fact("circumstances", "machine")) for run in runs])
    dates = sorted({run.date for run in runs})
    sentence = (
        f"{methods} labeled {numbers.plural(num_steps, 'step')} of {numbers.plural(num_chains, 'chain')}"
    )
    if models:
        sentence += f" with {numbers.listed(models)}"
    if machines:
        sentence += f" on {numbers.listed(machines)}"
    return f"{sentence}, {' to '.join(map(_day, dict.fromkeys((dates[0], dates[-1]))))}."


def _distinct(names: Sequence[object]) -> list[str]:
    return list(dict.fromkeys(str(name) for name in names if name))


def _machine(facts: object) -> str | None:
    if not isinstance(facts, Mapping) or not facts.get("cpu"):
        return None
    cores = facts.get("cores")
    return (
        f"{facts['cpu']} ({numbers.plural(cores, 'core')})" if isinstance(cores, int) else str(facts["cpu"])
    )


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day}\u00a0{day:%B}\u00a0{day.year}"


def best_baseline(evaluation: Evaluation) -> EvaluationRow | None:
    """The row without a model that has the highest concordance."""
    rows = [row for row in evaluation.rows if row.kind != "label" and row.concordance.value is not None]
    return max(rows, key=lambda row: row.concordance.value or 0.0, default=None)


def headlines(runs: Sequence[ReportedRun], evaluation: Evaluation | None) -> list[Headline]:
    """A card for every method, and one for the best that needs no model.

    Args:
        runs: in the order of the evaluation's label rows.
    """
    if evaluation is None:
        return [_unrated_headline(index, run) for index, run in enumerate(runs)]
    labels = [row for row in evaluation.rows if row.kind == "label"]
    rollouts = [row for run, row in zip(runs, labels, strict=True) if run.label_facts.cost_reference]
    baseline = best_baseline(evaluation)
    cards = [
        _headline(index, run.name, row, rollouts[0] if len(rollouts) == 1 else None, baseline)
        for index, (run, row) in enumerate(zip(runs, labels, strict=True))
    ]
    if baseline is not None:
        cards.append(
            Headline(
                name="no model",
                index=None,
                value=numbers.decimal(baseline.concordance.value),
                what="best concordance",
                estimate=baseline.concordance,
                facts=(("row", baseline.name), ("cost", "none")),
            )
        )
    return cards


def _headline(
    index: int, name: str, row: EvaluationRow, rollouts: EvaluationRow | None, baseline: EvaluationRow | None
) -> Headline:
    facts = []
    if rollouts is not None and rollouts is not row:
        facts.append(("concordance of Monte Carlo", numbers.decimal(rollouts.concordance.value)))
    if baseline is not None:
        facts.append(("best concordance without a model", numbers.decimal(baseline.concordance.value)))
    if row.cost is not None and row.cost.num_steps:
        facts.append((GENERATED, _per_step(row.cost.generated_tokens, row.cost.num_steps)))
        facts.append((COMPUTED, _per_step(row.cost.computed_tokens, row.cost.num_steps)))
    return Headline(
        name=name,
        index=index,
        value=numbers.decimal(row.concordance.value),
        what="concordance",
        estimate=row.concordance,
        facts=tuple(facts),
    )


def _unrated_headline(index: int, run: ReportedRun) -> Headline:
    cost = run.cost
    num_abstained = sum(run.abstained.values())
    return Headline(
        name=run.name,
        index=index,
        value=numbers.short(cost.computed_tokens / max(1, cost.num_steps)),
        what=COMPUTED,
        estimate=None,
        facts=(
            (GENERATED, _per_step(cost.generated_tokens, cost.num_steps)),
            ("steps without a label", f"{num_abstained / max(1, run.num_steps):.1%}".replace("%", " %")),
            ("time", numbers.duration(cost.wall_s)),
        ),
    )


def _per_step(total: int, num_steps: int) -> str:
    return numbers.short(total / max(1, num_steps))


def findings_by_run(names: Sequence[str], sentences: Sequence[str]) -> tuple[list[list[str]], list[str]]:
    """The sentences that begin with a run's name, without it, run by run; and the others.

    `cpmi: adds ...` and `cpmi against monte_carlo: ...` are of cpmi.
    """
    by_run: list[list[str]] = [[] for _ in names]
    others = []
    for sentence in sentences:
        found = [i for i, n in enumerate(names) if sentence.startswith((f"{n}: ", f"{n} against "))]
        if not found:
            others.append(sentence)
            continue
        own = max(found, key=lambda i: len(names[i]))
        rest = sentence.removeprefix(names[own]).removeprefix(":").strip()
        by_run[own].append(rest[:1].upper() + rest[1:])
    return by_run, others


def verdict(
    runs: Sequence[ReportedRun], evaluation: Evaluation | None, reason: str, *, shared_folder: str = ""
) -> Conclusion:
    """What the evaluation finds; without one, why there is none.

    Args:
        runs: in the order of the evaluation's label rows.
        evaluation: None if there is none.
        reason: why there is none.
        shared_folder: what the runs' names were shortened by.
    """
    if evaluation is None:
        return Conclusion(
            tone="unrated",
            lead="Whether these labels are good is unknown.",
            sentences=(reason, "The page shows what the labels are and what they cost."),
            warnings=(),
        )
    labels = [row for row in evaluation.rows if row.kind == "label"]
    gains = [(run.name, row.gain) for run, row in zip(runs, labels, strict=True)]
    adding = [name for name, gain in gains if gain is not None and gain.concordance.above_zero]
    others = [name for name, _ in gains if name not in adding]
    sentences = evaluation.findings
    if shared_folder:
        sentences = tuple(sentence.replace(shared_folder, "") for sentence in sentences)
    return Conclusion(
        tone="adds" if adding else "nothing",
        lead=_lead(adding, others),
        sentences=sentences,
        warnings=evaluation.warnings,
    )


def _lead(adding: list[str], others: list[str]) -> str:
    """The verdict in one sentence; from five labels on they are counted, not named."""
    nothing = "to what step count, length and position tell without a model"
    if not adding:
        subject = f"{others[0]} adds nothing" if len(others) == 1 else "None of the labels adds anything"
        return f"{subject} measurable {nothing}."
    if len(adding) + len(others) > 4:
        return f"{len(adding)} of {len(adding) + len(others)} labels add {nothing}."
    lead = f"{numbers.listed(adding)} {'adds' if len(adding) == 1 else 'add'} {nothing}"
    return (
        f"{lead}; {numbers.listed(others)} {'does' if len(others) == 1 else 'do'} not."
        if others
        else f"{lead}."
    )
