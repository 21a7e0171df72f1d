"""Monte-Carlo labels (arXiv 2312.08935): how often a chain that goes on from here ends at the right answer.

N rollouts from the question and the first i steps, for every step i. The soft label is the share of them
that end at the gold answer, the hard one whether any does. Either says what the prefix is worth to the model
that completes it. With `first_steps` only the first K steps of a chain are paid for, as in the hybrid of
arXiv 2604.10660, where a contrast labels the rest.
"""

from __future__ import annotations

from typing import Literal

from cpmi.flows import Flow
from cpmi.labelers.common import marks
from cpmi.labelers.rollouts import COUNT_NAMES, Count, Rollouts, columns, gold_of
from cpmi.types import PROBABILITY, Candidate, Chain, Origin, StepLabels


class MonteCarlo:
    """Success rate of rollouts from every prefix 1..S, or with `first_steps` 1..min(K, S); a probability.

    Parts of a label, all [S]: `successes`, `rollouts` (N), `undecided`, `cut_off`. The soft label is
    successes / (rollouts − undecided − cut_off). After the first K steps nothing is asked of the model: the
    steps abstain, and their parts are 0.
    """

    name = "monte_carlo"
    part_names = COUNT_NAMES
    needs_gold = True

    def __init__(
        self, rollouts: Rollouts, *, label: Literal["soft", "hard"] = "soft", first_steps: int | None = None
    ) -> None:
        self._rollouts = rollouts
        self._label = label
        self._first_steps = first_steps

    def label(self, chain: Chain) -> Flow[StepLabels]:
        """Errors as `Rollouts.count`."""
        num_steps = len(chain.steps)
        num_first = num_steps if self._first_steps is None else min(self._first_steps, num_steps)
        counts = yield from self._rollouts.count(chain, range(1, num_first + 1))
        beyond = range(num_first, num_steps)
        candidates = (Candidate(text=gold_of(chain), origin=Origin.GOLD),)
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=(
                *(None if count.reason else self._value(count) for count in counts),
                *(None for _ in beyond),
            ),
            unit=PROBABILITY,
            candidates=candidates,
            parts=columns((*counts, *(Count() for _ in beyond))),
            marks=marks(chain, candidates),
            num_tokenization_mismatches=self._rollouts.num_tokenization_mismatches(chain, num_first),
            abstained={
                **{step: count.reason for step, count in enumerate(counts) if count.reason},
                **dict.fromkeys(beyond, after_first(num_first)),
            },
        )

    def _value(self, count: Count) -> float:
        return float(count.right > 0) if self._label == "hard" else count.success


def after_first(num_steps: int) -> str:
    """Why a later step has no label."""
    return "after the first step" if num_steps == 1 else f"after the first {num_steps} steps"
