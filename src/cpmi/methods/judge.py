"""A judge in one pass (the control of arXiv 2605.10158): after every step, "correct" against "incorrect".

p+(i) and p−(i) are the probabilities of the two markers after step i, normalized over the two. The margin
log p+(i) − log p−(i) judges a step by itself; the first-error score log p−(j) + Σ_{t<j} log p+(t) judges it
as the place where the chain goes wrong. No answer is compared, so no gold is needed.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from cpmi import formulas
from cpmi.errors import UnsupportedModelError
from cpmi.flows import Flow, score
from cpmi.methods.base import Method, Paper, Setup
from cpmi.methods.contrast import abstain, all_finite, leakage_flags, own_columns, without_values
from cpmi.methods.options import MethodOptions, NumVariants
from cpmi.negatives import CandidateSet
from cpmi.prompts import prefix_free, step_text
from cpmi.requests import Branch, ScoreTree, TreeLogprobs
from cpmi.types import Candidate, Chain, Origin, StepLabels


class Judge(Method):
    """Log-odds of a judgment of every step, in one pass; nat.

    The markers' log-probabilities are averaged over K wordings of the cue before they are normalized. With
    the label "first_error" a step's value is minus its first-error score, so that greater is better here
    too. It leans toward later steps: every step t before adds −log p+(t) >= 0.

    Columns of a label, all [S]: `log_right` (log p+), `log_wrong` (log p−), `first_error` (the score), and
    `step_logprob`, the step's own log-probability given the request to judge and all before the step, summed
    over its `step_tokens`.

    Args:
        instruction: of the request; None for the one that asks to judge.
    """

    name = "judge"
    unit = "nat"
    columns = ("log_right", "log_wrong", "first_error", "step_logprob", "step_tokens")
    needs_gold = False
    paper = Paper(
        title="Unsupervised Process Reward Models",
        authors="Gadetsky, Artyom and Kodryan, Maxim and Panigrahi, Siba Smarak and Guo, Hang and "
        "Brbic, Maria",
        arxiv="2605.10158",
        year=2026,
    )

    class Options(MethodOptions):
        label: Literal["margin", "first_error"] = Field(
            default="margin", description="log-odds of the step itself, or minus its first-error score"
        )
        variants: NumVariants = 4

    options: Options

    def __init__(self, options: Options, setup: Setup, *, instruction: str | None = None) -> None:
        super().__init__(options, setup)
        self._instruction = self.prompter.judge if instruction is None else instruction
        self._judgments = self.prompter.judgments[: options.variants]
        for _, *markers in self._judgments:
            if not prefix_free([self.prompter.cue(marker) for marker in markers]):
                raise UnsupportedModelError(
                    "the tokenizer does not tell the markers of a judgment apart", got=" and ".join(markers)
                )

    def label(self, chain: Chain) -> Flow[StepLabels]:
        replies = yield from score([self.tree(chain)])
        return self.read(chain, replies[0])

    def tree(self, chain: Chain) -> ScoreTree:
        """Branches: K cues times S prefixes times 2 markers, right first; then the steps."""
        question = self.prompter.question(self._instruction, chain.question)
        steps = [self.prompter.step(step) for step in chain.steps]
        ends = np.cumsum([len(question), *map(len, steps)]).tolist()
        encode = self.prompter.cue
        branches = [
            Branch(at=end, tokens=encode(cue) + encode(marker), num_context=len(encode(cue)))
            for cue, *markers in self._judgments
            for end in ends[1:]
            for marker in markers
        ]
        branches += [Branch(at=end, tokens=step) for end, step in zip(ends, steps, strict=False)]
        return ScoreTree(
            shared_prefix=question + tuple(token for step in steps for token in step),
            branches=tuple(branches),
        )

    def read(self, chain: Chain, reply: TreeLogprobs) -> StepLabels:
        """Labels from the reply to `tree`."""
        shape = (len(self._judgments), len(chain.steps), 2)
        num_judged = int(np.prod(shape))
        logprob_KS2 = np.array([sum(branch) for branch in reply.branches[:num_judged]]).reshape(shape)
        own = reply.branches[num_judged:]
        if not all_finite(own, logprob_KS2):
            return abstain(self, chain, without_values(CandidateSet(candidates=())))
        judgment_S2 = formulas.judgment(logprob_KS2)
        first_error_S = formulas.first_error(judgment_S2)
        values_S = (
            -first_error_S if self.options.label == "first_error" else judgment_S2 @ np.array([1.0, -1.0])
        )
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=tuple(values_S.tolist()),
            unit=self.unit,
            parts={
                "log_right": tuple(judgment_S2[:, 0].tolist()),
                "log_wrong": tuple(judgment_S2[:, 1].tolist()),
                "first_error": tuple(first_error_S.tolist()),
                **own_columns(own),
            },
            marks=_leakage(chain),
            num_tokenization_mismatches=self._num_tokenization_mismatches(chain),
        )

    def _num_tokenization_mismatches(self, chain: Chain) -> int:
        question = self.prompter.question_text(self._instruction, chain.question)
        steps = [step_text(step) for step in chain.steps]
        judged = [(step, cue) for step in steps for cue, *_ in self._judgments]
        marked = [(cue, marker) for cue, *markers in self._judgments for marker in markers]
        return self.prompter.num_tokenization_mismatches((question, *steps), *judged, *marked)


def _leakage(chain: Chain) -> dict[str, tuple[bool, ...]]:
    """Which steps print the gold, where it is known; no candidates are compared that a step could print."""
    if chain.gold is None:
        return {}
    gold = Candidate(text=chain.gold, origin=Origin.GOLD)
    return {"mentions_gold": leakage_flags(chain, [gold])["mentions_gold"]}
