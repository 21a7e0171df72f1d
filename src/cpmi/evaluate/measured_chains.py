"""Rated chains as they are measured: numbers without their texts, which are most of the memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cpmi.answers import Equivalence
from cpmi.evaluate.chains import LabeledRun, RatedChains
from cpmi.evaluate.outcomes import Outcomes, compare_outcomes
from cpmi.evaluate.result import LeftOut
from cpmi.evaluate.step_facts import StepFacts
from cpmi.metrics.layout import Bools, StepLayout
from cpmi.types import Chain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredChains:
    """Chains with known first errors, the labels of one or more runs on them, and their final answers.

    Attributes:
        layout: the chains.
        steps: what is known of their steps.
        runs: in the order given.
        outcomes: of their final answers.
        left_out: chains that are not used, by reason.
        values_C: an entry of their `meta`, where chains are told apart by it; None where it is missing;
            empty where they are not.
    """

    layout: StepLayout
    steps: StepFacts
    runs: tuple[LabeledRun, ...]
    outcomes: Outcomes
    left_out: tuple[LeftOut, ...]
    values_C: tuple[str | None, ...]

    @classmethod
    def of(
        cls, chains: RatedChains, equivalence: Equivalence, seed: int, key: str | None = None
    ) -> MeasuredChains:
        """Compare the final answers.

        Args:
            chains: with their texts.
            equivalence: how answers are compared.
            seed: of the random draws.
            key: of the `meta` of the chains; None for none.
        """
        return cls(
            layout=chains.layout,
            steps=StepFacts.of(chains.chains, seed),
            runs=chains.runs,
            outcomes=compare_outcomes(chains.chains, equivalence),
            left_out=chains.left_out,
            values_C=() if key is None else _values(chains.chains, key),
        )

    def only(self, key: str, value: str) -> MeasuredChains:
        """The chains whose entry `key` of `meta`, which was asked for, is this value."""
        keep_C = np.array([found == value for found in self.values_C])
        keep_N = keep_C[self.layout.chain_N]
        num_others = int((~keep_C).sum())
        others = LeftOut(reason=f"{key} is not {value}", num_chains=num_others)
        return MeasuredChains(
            layout=self.layout.only(keep_C),
            steps=self.steps.only(keep_N),
            runs=_on_steps(self.runs, keep_N),
            outcomes=self.outcomes.only(keep_C),
            left_out=(*self.left_out, others) if num_others else self.left_out,
            values_C=(value,) * (len(keep_C) - num_others),
        )


def _values(chains: Sequence[Chain], key: str) -> tuple[str | None, ...]:
    one_text: dict[str, str] = {}  # however many chains have it
    found = (chain.meta.get(key) for chain in chains)
    return tuple(None if value is None else one_text.setdefault(value, value) for value in found)


def _on_steps(runs: Sequence[LabeledRun], keep_N: Bools) -> tuple[LabeledRun, ...]:
    return tuple(
        replace(
            run,
            values_N=run.values_N[keep_N],
            printed_N=None if run.printed_N is None else run.printed_N[keep_N],
        )
        for run in runs
    )
