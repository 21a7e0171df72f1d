"""Everything that one forward tree tells about steps, side by side: the ground on which a label is found.

The contrast of answers after every prefix, a judgment of every step, the step's own log-probability as a
whole and in its numbers, and what the step before it adds to that. All of it is read from one tree, so it
costs one forward of the chain and of short branches.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from cpmi.facts import Facts
from cpmi.flows import Flow, score
from cpmi.methods.base import Method, Setup
from cpmi.methods.contrast import abstain, all_finite, without_values
from cpmi.methods.features import SURPRISES, surprises
from cpmi.methods.judge import Judge
from cpmi.methods.net_gain import NetGain
from cpmi.methods.options import ContrastOptions, MethodOptions
from cpmi.negatives import CandidateSet
from cpmi.requests import Branch, ScoreTree, TreeLogprobs
from cpmi.types import Chain, StepLabels


class Probe(Method):
    """One of several features of a step as its label; nat.

    Columns of a label: those of `NetGain` (`value`, `gain`, `net`, `step_logprob`, `step_tokens`), `margin`
    [S] of `Judge` (log p+ − log p−, asked on the shared prefix of the contrast), those of `Surprise` [S], and
    `unprepared` [S]: the log-probability of step i with step i−1 left out (of the first step, before which
    there is none, its own).
    """

    name = "probe"
    unit = "nat"
    columns = (*NetGain.columns, "margin", *SURPRISES, "unprepared")

    class Options(ContrastOptions):
        label: Literal[
            "value", "gain", "margin", "mean", "least", "numbers", "least_number", "least_result"
        ] = Field(default="least_number", description="the feature that becomes the label")

    options: Options

    def __init__(self, options: Options, setup: Setup) -> None:
        super().__init__(options, setup)
        contrast = {name: getattr(options, name) for name in ContrastOptions.model_fields}
        self._contrast = NetGain(NetGain.Options(**contrast), setup)
        self._judge = Judge(
            Judge.Options(variants=options.variants), setup, instruction=self.prompter.templates[0]
        )

    @classmethod
    def facts(cls, options: MethodOptions) -> Facts:
        del options
        return Facts(method=cls.name, unit=cls.unit, values_answers=True)

    def label(self, chain: Chain) -> Flow[StepLabels]:
        candidates = self._contrast.told_apart(
            (yield from self._contrast.negatives.propose(chain, self.prompter))
        )
        if candidates.reason:
            return abstain(self, chain, candidates)
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
        question = self.prompter.question(self.prompter.templates[0], chain.question)
        steps = [self.prompter.step(step) for step in chain.steps]
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
        if net.abstained or judged.abstained or not all_finite(skipped):
            return abstain(self, chain, without_values(candidates))
        own = contrast[-num_steps:]
        right, wrong = judged.parts["log_right"], judged.parts["log_wrong"]
        parts = {
            **net.parts,
            "margin": tuple(r - w for r, w in zip(right, wrong, strict=True)),
            **surprises(self.prompter, chain, own),
            "unprepared": tuple(map(sum, (own[0], *skipped))),
        }
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=parts[self.options.label],
            unit=self.unit,
            candidates=net.candidates,
            candidate_values=net.candidate_values,
            parts=parts,
            marks=net.marks,
            rejected_candidates=net.rejected_candidates,
            num_tokenization_mismatches=net.num_tokenization_mismatches + judged.num_tokenization_mismatches,
        )
