"""Process advantage (arXiv 2410.08146): a step is worth what its prefix is, and the progress that it makes.

The effective reward of step i is Q(i) + α · [Q'(i) − Q'(i−1)]. Q is the success rate of the policy's rollouts
after the first i steps, Q' that of a prover: another model, or the best of K tries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from pydantic import Field, model_validator

from cpmi import formulas
from cpmi.flows import Flow
from cpmi.methods.base import Method, Paper, Setup
from cpmi.methods.contrast import leakage_flags
from cpmi.methods.options import ModelName, RolloutOptions
from cpmi.methods.rollouts import Count, Rollouts, count_columns, gold_alone
from cpmi.types import ROLLOUT_PARTS, Chain, StepLabels

PROVER = "prover"
"""The role of the model that measures progress: the name of its option."""


class Pav(Method):
    """Effective reward of each step: success rate and α times a difference of success rates.

    The unit is "success rate"; a label lies in [−α, 1 + α]. Without a prover of its own, Q' is the success
    rate of the best of K tries of the policy itself, 1 − (1 − Q)^K, as in the source's experiments. It is
    computed from the policy's rollouts, so only those from the bare question come on top. (With K = 1 the
    prover would be the policy, whose progress the source shows to add nothing to outcome rewards.)

    Columns of a label: `successes`, `rollouts`, `undecided`, `cut_off` [S] of the policy, and the same with
    `prover_` before them [P], prefix 0 first, of the prover's rollouts.
    """

    name = "pav"
    unit = "success rate"
    columns = (*ROLLOUT_PARTS, *(f"prover_{name}" for name in ROLLOUT_PARTS))
    paper = Paper(
        title="Rewarding Progress: Scaling Automated Process Verifiers for LLM Reasoning",
        authors="Setlur, Amrith and Nagpal, Chirag and Fisch, Adam and Geng, Xinyang and "
        "Eisenstein, Jacob and Agarwal, Rishabh and Agarwal, Alekh and Berant, Jonathan and Kumar, Aviral",
        arxiv="2410.08146",
        year=2024,
    )

    class Options(RolloutOptions):
        prover: ModelName = Field(
            default=None,
            description="the model that measures progress; by default the best of K of --model",
        )
        best_of: int = Field(
            default=4, ge=1, description="tries of the prover, K; by default 1 with a prover of its own"
        )
        alpha: float = Field(default=1.0, ge=0, strict=False, description="weight of progress")

        @model_validator(mode="before")
        @classmethod
        def _fill_by_prover(cls, options: Any) -> Any:
            proved = isinstance(options, Mapping) and options.get("prover") is not None
            return {"best_of": 1, **options} if proved else options

    options: Options

    def __init__(self, options: Options, setup: Setup) -> None:
        super().__init__(options, setup)
        self._rollouts = Rollouts.of(options, setup)
        self._prover: Rollouts | None = None
        if PROVER in setup.tokenizers:
            self._prover = replace(self._rollouts, prompter=setup.prompter(PROVER), role=PROVER)

    def label(self, chain: Chain) -> Flow[StepLabels]:
        """Errors as `Rollouts.count`."""
        prefixes = range(len(chain.steps) + 1)
        if self._prover is None:
            proved = yield from self._rollouts.count(chain, prefixes)
            counts = proved[1:]
        else:
            counts = yield from self._rollouts.count(chain, prefixes[1:])
            proved = yield from self._prover.count(chain, prefixes)
        return self._labels(chain, counts, proved)

    def _labels(self, chain: Chain, counts: tuple[Count, ...], proved: tuple[Count, ...]) -> StepLabels:
        steps = [(count, *around) for count, around in zip(counts, pairwise(proved), strict=True)]
        reasons = [next((count.reason for count in step if count.reason), "") for step in steps]
        candidates = gold_alone(chain)
        tokenization_mismatches = [
            rollouts.num_tokenization_mismatches(chain)
            for rollouts in (self._rollouts, self._prover)
            if rollouts is not None
        ]
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=tuple(
                None if reason else self._value(*step) for step, reason in zip(steps, reasons, strict=True)
            ),
            unit=self.unit,
            candidates=candidates,
            parts={**count_columns(counts), **count_columns(proved, prefix="prover_")},
            marks=leakage_flags(chain, candidates),
            num_tokenization_mismatches=sum(tokenization_mismatches),
            abstained={index: reason for index, reason in enumerate(reasons) if reason},
        )

    def _value(self, count: Count, before: Count, after: Count) -> float:
        return formulas.effective_reward(
            count.success,
            formulas.best_of(before.success, self.options.best_of),
            formulas.best_of(after.success, self.options.best_of),
            self.options.alpha,
        )
