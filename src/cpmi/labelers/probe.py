"""Everything that one forward tree tells about steps, side by side: the ground on which a label is found.

The contrast of answers after every prefix, a judgment of every step, the step's own log-probability as a
whole and in its numbers, and what the step before it adds to that. All of it is read from one tree, so it
costs one forward of the chain and of short branches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
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
from cpmi.types import StepLabels, Trajectory

Probed = Literal["value", "gain", "margin", "mean", "least", "numbers", "least_number", "least_result"]


class Probe:
    """One of several readings of a step as its label; nat.

    Parts of a label: those of `NetGain` (`value`, `gain`, `net`, `step_logprob`, `step_tokens`), `margin`
    [S] of `Judge` (log p+ − log p−, asked on the trunk of the contrast), those of `Surprise` [S], and
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

    def label(self, trajectory: Trajectory) -> Flow[StepLabels]:
        candidates = yield from self._negatives.propose(trajectory, self._prompter)
        if candidates.reason:
            return abstain(self.name, "nat", trajectory, candidates, self.part_names)
        (reply,) = yield from score([self.tree(trajectory, candidates)])
        return self.read(trajectory, candidates, reply)

    def tree(self, trajectory: Trajectory, candidates: CandidateSet) -> ScoreTree:
        """The branches of `NetGain`, those of `Judge`, then steps 1.. without the step before them."""
        contrast = self._contrast.tree(trajectory, candidates)
        judged = self._judge.tree(trajectory)
        return ScoreTree(
            trunk=contrast.trunk, branches=(*contrast.branches, *judged.branches, *self._skips(trajectory))
        )

    def _skips(self, trajectory: Trajectory) -> list[Branch]:
        question = self._prompter.question(self._prompter.templates[0], trajectory.question)
        steps = [self._prompter.step(step) for step in trajectory.steps]
        ends = np.cumsum([len(question), *map(len, steps)]).tolist()
        return [Branch(at=end, tokens=step) for end, step in zip(ends, steps[1:], strict=False)]

    def read(self, trajectory: Trajectory, candidates: CandidateSet, reply: TreeLogprobs) -> StepLabels:
        """Labels from the reply to `tree`."""
        num_steps = len(trajectory.steps)
        num_judged = len(self._judge.tree(trajectory).branches)
        num_contrast = len(reply.branches) - num_judged - (num_steps - 1)
        contrast, rest = reply.branches[:num_contrast], reply.branches[num_contrast:]
        net = self._contrast.read(trajectory, candidates, TreeLogprobs(branches=contrast))
        judged = self._judge.read(trajectory, TreeLogprobs(branches=rest[:num_judged]))
        skipped = rest[num_judged:]
        if net.abstained or judged.abstained or not all(map(math.isfinite, chain.from_iterable(skipped))):
            return abstain(self.name, "nat", trajectory, without_values(candidates), self.part_names)
        own = contrast[-num_steps:]
        right, wrong = judged.parts["log_right"], judged.parts["log_wrong"]
        parts = {
            **net.parts,
            "margin": tuple(r - w for r, w in zip(right, wrong, strict=True)),
            **surprises(self._prompter, trajectory, own),
            "unprepared": tuple(map(sum, (own[0], *skipped))),
        }
        return StepLabels(
            trajectory_id=trajectory.id,
            labeler=self.name,
            values=parts[self._label],
            unit="nat",
            candidates=net.candidates,
            candidate_values=net.candidate_values,
            parts=parts,
            marks=net.marks,
            rejected_candidates=net.rejected_candidates,
            num_joint_differences=net.num_joint_differences + judged.num_joint_differences,
        )


def surprises(
    prompter: Prompter, trajectory: Trajectory, own: Sequence[Sequence[float]]
) -> dict[str, tuple[float, ...]]:
    """The columns of `Surprise` [S], from the log-probabilities of every step's own tokens."""
    decode = prompter.tokenizer.decode
    found = [
        Surprise.of([decode([token]) for token in tokens], logprobs)
        for tokens, logprobs in zip(map(prompter.step, trajectory.steps), own, strict=True)
    ]
    names = ("mean", "least", "numbers", "least_number", "least_result")
    return {name: tuple(getattr(surprise, name) for surprise in found) for name in names}
