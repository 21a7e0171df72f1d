"""Rollouts from the bare question: what `pav` and `binary_search` draw beyond those of `monte_carlo`."""

from __future__ import annotations

from cpmi.flows import Flow
from cpmi.methods.base import Method, Setup
from cpmi.methods.contrast import leakage_flags
from cpmi.methods.options import RolloutOptions
from cpmi.methods.rollouts import Rollouts, count_columns, gold_alone
from cpmi.types import PROBABILITY, ROLLOUT_PARTS, Chain, StepLabels

NO_STEP = "rollouts from the question say nothing of a step"


class FromQuestion(Method):
    """Counts of the rollouts from the question alone; no step gets a label.

    Columns, all [1]: as `monte_carlo`, of prefix 0. The draws are those that `pav` and `binary_search` make
    there: a draw's seed depends on the chain, the prefix and the run's seed only.
    """

    name = "from_question"
    unit = PROBABILITY
    columns = ROLLOUT_PARTS

    class Options(RolloutOptions):
        """How rollouts are drawn."""

    options: Options

    def __init__(self, options: Options, setup: Setup) -> None:
        super().__init__(options, setup)
        self._rollouts = Rollouts.of(options, setup)

    def label(self, chain: Chain) -> Flow[StepLabels]:
        counts = yield from self._rollouts.count(chain, [0])
        candidates = gold_alone(chain)
        steps = range(len(chain.steps))
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=tuple(None for _ in steps),
            unit=self.unit,
            candidates=candidates,
            parts=count_columns(counts),
            marks=leakage_flags(chain, candidates),
            abstained=dict.fromkeys(steps, NO_STEP),
        )
