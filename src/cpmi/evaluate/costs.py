"""What the evaluated runs cost, and as multiples of Monte Carlo's cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cpmi.errors import RunError
from cpmi.evaluate.result import Cost, CostRatios, RunFacts
from cpmi.runs.assemble import USAGE_NAME

MONTE_CARLO = "monte_carlo"


def read_costs(runs: Sequence[RunFacts]) -> list[Cost | None]:
    """One a run; None without `usage.json`. Ratios are to the first Monte Carlo run, if there is one.

    Raises:
        RunError: a `usage.json` is damaged.
    """
    costs = [_read_cost(Path(run.folder) / USAGE_NAME) for run in runs]
    rivals = (cost for cost, run in zip(costs, runs, strict=True) if run.method == MONTE_CARLO)
    rival = next((cost for cost in rivals if cost is not None), None)
    if rival is None:
        return costs
    return [None if cost is None else replace(cost, to_monte_carlo=_ratios(cost, rival)) for cost in costs]


def _read_cost(path: Path) -> Cost | None:
    try:
        totals = json.loads(path.read_text("utf-8"))["totals"]
        usage, wall_s, num_steps = totals["usage"], float(totals["wall_s"]), int(totals["num_steps"])
        return Cost(
            num_steps=num_steps,
            generated_tokens=usage["generated_tokens"],
            computed_tokens=usage["computed_tokens"],
            logical_tokens=usage["logical_tokens"],
            flops=usage["flops"],
            wall_s=wall_s,
            steps_per_s=num_steps / wall_s if wall_s > 0 else None,
            to_monte_carlo=None,
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise RunError("not the usage of a cpmi run", where=str(path), got=repr(error)) from error


def _ratios(cost: Cost, rival: Cost) -> CostRatios:
    """Per labeled step, so that runs over different numbers of chains compare."""

    def ratio(mine: float, theirs: float) -> float | None:
        if not theirs or not cost.num_steps or not rival.num_steps:
            return None
        return (mine / cost.num_steps) / (theirs / rival.num_steps)

    return CostRatios(
        wall_s=ratio(cost.wall_s, rival.wall_s),
        generated_tokens=ratio(cost.generated_tokens, rival.generated_tokens),
        computed_tokens=ratio(cost.computed_tokens, rival.computed_tokens),
        logical_tokens=ratio(cost.logical_tokens, rival.logical_tokens),
        flops=ratio(cost.flops, rival.flops),
    )
