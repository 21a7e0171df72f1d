"""Process advantage (arXiv 2410.08146): a step is worth what its prefix is, and the progress that it makes.

The effective reward of step i is Q(i) + α · [Q'(i) − Q'(i−1)]. Q is the success rate of the policy's rollouts
after the first i steps, Q' that of a prover: another model, or the best of K tries.
"""

from __future__ import annotations

from itertools import pairwise

from cpmi import formulas
from cpmi.flows import Flow
from cpmi.labelers.common import marks
from cpmi.labelers.rollouts import COUNT_NAMES, Count, Rollouts, columns, gold_of
from cpmi.types import Candidate, Chain, Origin, StepLabels


class Pav:
    """Effective reward of each step: success rate and α times a difference of success rates.

    The unit is "success rate"; a label lies in [−α, 1 + α]. Without a prover of its own, Q' is the success
    rate of the best of K tries of the policy itself, 1 − (1 − Q)^K, as in the source's experiments. It is
    computed from the policy's rollouts, so only those from the bare question come on top. (With K = 1 the
    prover would be the policy, whose progress the source shows to add nothing to outcome rewards.)

    Parts of a label: `successes`, `rollouts`, `undecided`, `cut_off` [S] of the policy, and the same with
    `prover_` before them [P], prefix 0 first, of the prover's rollouts.

    Args:
        rollouts: of the policy.
        prover: rollouts of the prover; None if it is the policy, best of K.
        best_of: K, of either prover; 1 takes its success rate as it is.
        alpha: α >= 0, the weight of progress.
    """

    name = "pav"
    part_names = (*COUNT_NAMES, *(f"prover_{name}" for name in COUNT_NAMES))
    needs_gold = True

    def __init__(
        self, rollouts: Rollouts, prover: Rollouts | None = None, *, best_of: int, alpha: float = 1.0
    ) -> None:
        self._rollouts = rollouts
        self._prover = prover
        self._best_of = best_of
        self._alpha = alpha

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
        candidates = (Candidate(text=gold_of(chain), origin=Origin.GOLD),)
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
            unit="success rate",
            candidates=candidates,
            parts={**columns(counts), **columns(proved, prefix="prover_")},
            marks=marks(chain, candidates),
            num_tokenization_mismatches=sum(tokenization_mismatches),
            abstained={index: reason for index, reason in enumerate(reasons) if reason},
        )

    def _value(self, count: Count, before: Count, after: Count) -> float:
        return formulas.effective_reward(
            count.success,
            formulas.best_of(before.success, self._best_of),
            formulas.best_of(after.success, self._best_of),
            self._alpha,
        )
