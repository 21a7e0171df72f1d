"""Everything that one forward tree tells about steps, side by side: the ground on which a label is found.

The contrast of answers after every prefix, a judgment of every step, the step's own log-probability as a
whole and in its numbers, and what the step before it adds to that. All of it is read from one tree, so it
costs one forward of the chain and of short branches.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from cpmi.flows import Flow, score
from cpmi.labelers.common import abstain, without_values
from cpmi.labelers.judge import Judge
from cpmi.labelers.net_gain import NetGain
from cpmi.negatives import CandidateSet, Negatives
from cpmi.prompts import Prompter
from cpmi.requests import Branch, ScoreTree, TreeLogprobs
from cpmi.surprise import Surprise
from cpmi.types import Chain, StepLabels

Probed = Literal["value", "gain", "margin", "mean", "least", "numbers", "least_number", "least_result"]


class Probe:
    """One of several readings of a step as its label; nat.

    Parts of a label: those of `NetGain` (`value`, `gain`, `net`, `step_logprob`, `step_tokens`), `margin`
    [S] of `Judge` (log p+ − log p−, asked on the shared prefix of the contrast), those of `Surprise` [S], and
    `unprepared` [S]: the log-probability of step i with step i−1 left out (of the first step, before which
    there is none, its own).
    """

    name = "probe"
    part_names = (
        *NetGain.part_names,
        "margin",
        "mean",
        "least",
        "numbers",
        "least_number",
        "least_result",
        "unprepared",
    )
    needs_gold = True

    def __init__(
        self, prompter: Prompter, negatives: Negatives, *, label: Probed = "least_number", num_variants: int
    ) -> None:
        self._prompter = prompter
        self._negatives = negatives
        self._label = label
        self._contrast = NetGain(prompter, negatives, num_variants=num_variants)
        self._judge = Judge(prompter, num_variants=num_variants, instruction=prompter.templates[0])

    def label(self, chain: Chain) -> Flow[StepLabels]:
        candidates = yield from self._negatives.propose(chain, self._prompter)
        if candidates.reason:
            return abstain(self.name, "nat", chain, candidates, self.part_names)
        (reply,) = yield from score([self.tree(chain, candidates)])
        return self.read(chain, candidates, reply)

    def tree(self, chain: Chain, candidates: CandidateSet) -> ScoreTree:
        """The branches of `NetGain`, those of `Judge`, then steps 1.. without the step before them."""
        contrast = self._contrast.tree(chain, candidates)
        judged = self._judge.tree(chain)
        return ScoreTree(
            shared_prefix=contrast.shared_prefix,
            branches=(*contrast.branches, *judged.branches, *self._skips(chain)),
        )

    def _skips(self, chain: Chain) -> list[Branch]:
        question = self._prompter.question(self._prompter.templates[0], chain.question)
        steps = [self._prompter.step(step) for step in chain.steps]
        ends = np.cumsum([len(question), *map(len, steps)]).tolist()
        return [Branch(at=end, tokens=step) for end, step in zip(ends, steps[1:], strict=False)]

    def read(self, chain: Chain, candidates: CandidateSet, reply: TreeLogprobs) -> StepLabels:
        """Labels from the reply to `tree`."""
        num_steps = len(chain.steps)
        num_judged = len(self._judge.tree(chain).branches)
        num_contrast = len(reply.branches) - num_judged - (num_steps - 1)
        contrast, rest = reply.branches[:num_contrast], reply.branches[num_contrast:]
        net = self._contrast.read(chain, candidates, TreeLogprobs(branches=contrast))
        judged = self._judge.read(chain, TreeLogprobs(branches=rest[:num_judged]))
        skipped = rest[num_judged:]
        if (
            net.abstained
            or judged.abstained
            or not all(map(math.isfinite, itertools.chain.from_iterable(skipped)))
        ):
            return abstain(self.name, "nat", chain, without_values(candidates), self.part_names)
        own = contrast[-num_steps:]
        right, wrong = judged.parts["log_right"], judged.parts["log_wrong"]
        parts = {
            **net.parts,
            "margin": tuple(r - w for r, w in zip(right, wrong, strict=True)),
            **surprises(self._prompter, chain, own),
            "unprepared": tuple(map(sum, (own[0], *skipped))),
        }
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=parts[self._label],
            unit="nat",
            candidates=net.candidates,
            candidate_values=net.candidate_values,
            parts=parts,
            marks=net.marks,
            rejected_candidates=net.rejected_candidates,
            num_tokenization_mismatches=net.num_tokenization_mismatches + judged.num_tokenization_mismatches,
        )


def surprises(
    prompter: Prompter, chain: Chain, own: Sequence[Sequence[float]]
) -> dict[str, tuple[float, ...]]:
    """The columns of `Surprise` [S], from the log-probabilities of every step's own tokens."""
    decode = prompter.tokenizer.decode
    found = [
        Surprise.of([decode([token]) for token in tokens], logprobs)
        for tokens, logprobs in zip(map(prompter.step, chain.steps), own, strict=True)
    ]
    names = ("mean", "least", "numbers", "least_number", "least_result")
    return {name: tuple(getattr(surprise, name) for surprise in found) for name in names}
