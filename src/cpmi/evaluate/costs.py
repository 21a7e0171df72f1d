"""What the evaluated runs cost, and as multiples of Monte Carlo's cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cpmi.evaluate.result import Cost, CostRatios, RunFacts
from cpmi.runs.lost_usage import why_unknown
from cpmi.runs.spent import Spent, read_spent


def read_costs(runs: Sequence[RunFacts]) -> list[Cost | None]:
    """One a run; None without `usage.json`. Ratios are to the first Monte Carlo run, if there is one.

    Raises:
        RunError: a `usage.json` is damaged.
    """
    spent = [read_spent(Path(run.folder), notice=False) for run in runs]
    costs = [None if found is None else cost_of(found) for found in spent]
    rivals = (cost for cost, run in zip(costs, runs, strict=True) if run.cost_reference)
    rival = next((cost for cost in rivals if cost is not None), None)
    if rival is None:
        return costs
    return [None if cost is None else replace(cost, to_monte_carlo=_ratios(cost, rival)) for cost in costs]


def unknown_costs(runs: Sequence[RunFacts]) -> list[str]:
    """A sentence for every run whose cost is not known though it was written."""
    lost = ((run.folder, why_unknown(Path(run.folder))) for run in runs)
    return [f"{folder}: {reason}." for folder, reason in lost if reason is not None]


def cost_of(spent: Spent) -> Cost:
    """What a run cost, without ratios."""
    return Cost(
        num_steps=spent.num_steps,
        generated_tokens=spent.usage.generated_tokens,
        computed_tokens=spent.usage.computed_tokens,
        unshared_tokens=spent.usage.unshared_tokens,
        flops=spent.usage.flops,
        wall_s=spent.wall_s,
        steps_per_s=spent.num_steps / spent.wall_s if spent.wall_s > 0 else None,
        to_monte_carlo=None,
    )


def _ratios(cost: Cost, rival: Cost) -> CostRatios:
    """Per labeled step, so that runs over different numbers of chains compare."""

    def ratio(mine: float | None, theirs: float | None) -> float | None:
        if mine is None or not theirs or not cost.num_steps or not rival.num_steps:
            return None
        return (mine / cost.num_steps) / (theirs / rival.num_steps)

    return CostRatios(
        wall_s=ratio(cost.wall_s, rival.wall_s),
        generated_tokens=ratio(cost.generated_tokens, rival.generated_tokens),
        computed_tokens=ratio(cost.computed_tokens, rival.computed_tokens),
        unshared_tokens=ratio(cost.unshared_tokens, rival.unshared_tokens),
        flops=ratio(cost.flops, rival.flops),
    )
