"""Binary search for the first error (arXiv 2406.06592): bisect the chain by rollouts.

A prefix from which no rollout succeeds is taken to hold an error, and so is every longer one. Bisection
finds the first such prefix with about log2(S) visits of N rollouts, where Monte Carlo makes S.
"""

from __future__ import annotations

from cpmi.flows import Flow
from cpmi.methods.base import Method, Paper, Setup
from cpmi.methods.contrast import leakage_flags
from cpmi.methods.options import RolloutOptions
from cpmi.methods.rollouts import Count, Rollouts, count_columns, gold_alone
from cpmi.types import PROBABILITY, ROLLOUT_PARTS, Chain, StepLabels

TOO_HARD = "no rollout from the question alone is right, so no step can be blamed"


class BinarySearch(Method):
    """1 for the steps before the first prefix from which no rollout succeeds, 0 from it on.

    The unit is "probability", of which only the two ends occur. The whole chain is visited first: if a
    rollout succeeds from there, no error is found and every step is 1. If none succeeds from any visited
    prefix, the question itself is visited: the source draws its chains from questions that the model can
    solve, so where it cannot, all steps abstain. Where a visited prefix cannot be decided (all its rollouts
    cut off or UNDECIDED), the search ends there and the steps not yet known abstain.

    Columns of a label, all [S]: `visited` is 1 where rollouts were drawn after the step; `successes`,
    `rollouts` (N), `undecided` and `cut_off` mean something only there and are 0 elsewhere.
    """

    name = "binary_search"
    unit = PROBABILITY
    columns = ("visited", *ROLLOUT_PARTS)
    paper = Paper(
        title="Improve Mathematical Reasoning in Language Models by Automated Process Supervision",
        authors="Luo, Liangchen and others",
        arxiv="2406.06592",
        year=2024,
    )

    class Options(RolloutOptions):
        """How rollouts are drawn."""

    options: Options

    def __init__(self, options: Options, setup: Setup) -> None:
        super().__init__(options, setup)
        self._rollouts = Rollouts.of(options, setup)

    def label(self, chain: Chain) -> Flow[StepLabels]:
        """Errors as `Rollouts.count`."""
        num_steps = len(chain.steps)
        visited: dict[int, Count] = {}
        right, wrong = 0, num_steps + 1  # longest prefix known to succeed, shortest known to fail
        reason = ""
        while wrong - right > 1 and not reason:
            prefix = (right + wrong) // 2 if visited else num_steps
            (visited[prefix],) = yield from self._rollouts.count(chain, [prefix])
            reason = visited[prefix].reason
            if not reason and visited[prefix].right:
                right = prefix
            elif not reason:
                wrong = prefix
        if visited[num_steps].reason == "" and right == 0:
            (question,) = yield from self._rollouts.count(chain, [0])
            if not question.right:
                right, wrong, reason = 0, num_steps + 1, question.reason or TOO_HARD
        return self._labels(chain, visited, right, wrong, reason)

    def _labels(
        self, chain: Chain, visited: dict[int, Count], right: int, wrong: int, reason: str
    ) -> StepLabels:
        """1 up to prefix `right`, 0 from prefix `wrong` on, and between them the reason why not."""
        prefixes = range(1, len(chain.steps) + 1)
        candidates = gold_alone(chain)
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=tuple(1.0 if p <= right else 0.0 if p >= wrong else None for p in prefixes),
            unit=self.unit,
            candidates=candidates,
            parts={
                "visited": tuple(float(prefix in visited) for prefix in prefixes),
                **count_columns([visited.get(prefix, Count()) for prefix in prefixes]),
            },
            marks=leakage_flags(chain, candidates),
            num_tokenization_mismatches=self._rollouts.num_tokenization_mismatches(chain),
            abstained={prefix - 1: reason for prefix in prefixes if right < prefix < wrong},
        )
