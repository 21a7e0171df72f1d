"""Monte-Carlo labels (arXiv 2312.08935): how often a chain that goes on from here ends at the right answer.

N rollouts from the question and the first i steps, for every step i. The soft label is the share of them
that end at the gold answer, the hard one whether any does. Either says what the prefix is worth to the model
that completes it. With `first_steps` only the first K steps of a chain are paid for, as in the hybrid of
arXiv 2604.10660, where a contrast labels the rest.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cpmi.facts import Facts
from cpmi.flows import Flow
from cpmi.methods.base import Method, Paper, Setup
from cpmi.methods.contrast import leakage_flags
from cpmi.methods.options import MethodOptions, RolloutOptions
from cpmi.methods.rollouts import Count, Rollouts, count_columns, gold_alone
from cpmi.types import PROBABILITY, ROLLOUT_PARTS, Chain, StepLabels


class MonteCarlo(Method):
    """Success rate of rollouts from every prefix; a probability.

    Columns of a label, all [S]: `successes`, `rollouts` (N), `undecided`, `cut_off`. The soft label is
    successes / (rollouts − undecided − cut_off). After the first K steps nothing is asked of the model: the
    steps abstain, and their columns are 0.
    """

    name = "monte_carlo"
    unit = PROBABILITY
    columns = ROLLOUT_PARTS
    paper = Paper(
        title="Math-Shepherd: Verify and Reinforce LLMs Step-by-step without Human Annotations",
        authors="Wang, Peiyi and Li, Lei and Shao, Zhihong and Xu, R. X. and "
        "Dai, Damai and Li, Yifei and Chen, Deli and Wu, Y. and Sui, Zhifang",
        arxiv="2312.08935",
        year=2023,
    )

    class Options(RolloutOptions):
        label: Literal["soft", "hard"] = Field(
            default="soft", description="success rate, or whether any rollout succeeds"
        )
        first_steps: int | None = Field(default=None, ge=1, description="label only the first K steps")

    options: Options

    def __init__(self, options: Options, setup: Setup) -> None:
        super().__init__(options, setup)
        self._rollouts = Rollouts.of(options, setup)

    @classmethod
    def facts(cls, options: MethodOptions) -> Facts:
        assert isinstance(options, cls.Options)
        if options.first_steps is None:
            return Facts(method=cls.name, unit=cls.unit, cost_reference=True)
        # Another label than that of all steps, and no measure of what Monte Carlo costs.
        return Facts(method=f"{cls.name}, first {options.first_steps}", unit=cls.unit)

    def label(self, chain: Chain) -> Flow[StepLabels]:
        """Errors as `Rollouts.count`."""
        num_steps = len(chain.steps)
        num_first = min(self.options.first_steps or num_steps, num_steps)
        counts = yield from self._rollouts.count(chain, range(1, num_first + 1))
        beyond = range(num_first, num_steps)
        candidates = gold_alone(chain)
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=(
                *(None if count.reason else self._value(count) for count in counts),
                *(None for _ in beyond),
            ),
            unit=self.unit,
            candidates=candidates,
            parts=count_columns((*counts, *(Count() for _ in beyond))),
            marks=leakage_flags(chain, candidates),
            num_tokenization_mismatches=self._rollouts.num_tokenization_mismatches(chain, num_first),
            abstained={
                **{step: count.reason for step, count in enumerate(counts) if count.reason},
                **dict.fromkeys(beyond, after_first(num_first)),
            },
        )

    def _value(self, count: Count) -> float:
        return float(count.right > 0) if self.options.label == "hard" else count.success


def after_first(num_steps: int) -> str:
    """Why a later step has no label."""
    return "after the first step" if num_steps == 1 else f"after the first {num_steps} steps"
