"""Monte-Carlo labels (arXiv 2312.08935): how often a chain that goes on from here ends at the right answer.

N rollouts from the question and the first i steps, for every step i. The soft label is the share of them
that end at the gold answer, the hard one whether any does. Either says what the prefix is worth to the model
that completes it.
"""

from __future__ import annotations

from typing import Literal

from cpmi.flows import Flow
from cpmi.labelers.common import marks
from cpmi.labelers.rollouts import COUNT_NAMES, Count, Rollouts, columns, gold_of
from cpmi.types import Candidate, Origin, StepLabels, Trajectory


class MonteCarlo:
    """Success rate of rollouts from every prefix 1..S; a probability.

    Parts of a label, all [S]: `successes`, `rollouts` (N), `undecided`, `cut_off`. The soft label is
    successes / (rollouts − undecided − cut_off).
    """

    name = "monte_carlo"
    part_names = COUNT_NAMES
    needs_gold = True

    def __init__(self, rollouts: Rollouts, *, label: Literal["soft", "hard"] = "soft") -> None:
        self._rollouts = rollouts
        self._label = label

    def label(self, trajectory: Trajectory) -> Flow[StepLabels]:
        """Errors as `Rollouts.count`."""
        counts = yield from self._rollouts.count(trajectory, range(1, len(trajectory.steps) + 1))
        candidates = (Candidate(text=gold_of(trajectory), origin=Origin.GOLD),)
        return StepLabels(
            trajectory_id=trajectory.id,
            labeler=self.name,
            values=tuple(None if count.reason else self._value(count) for count in counts),
            unit="probability",
            candidates=candidates,
            parts=columns(counts),
            marks=marks(trajectory, candidates),
            num_joint_differences=self._rollouts.num_joint_differences(trajectory),
            abstained={step: count.reason for step, count in enumerate(counts) if count.reason},
        )

    def _value(self, count: Count) -> float:
        return float(count.right > 0) if self._label == "hard" else count.success
