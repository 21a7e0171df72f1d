"""Net gain (after arXiv 2603.17815): how far the right answer leads the best wrong one, prefix by prefix.

V_i = best right form − best wrong answer after the first i steps, each the summed log-probability of the
answer's own tokens and its terminator, averaged over K cues. Kept are V_i − V_0, the source's label, and
V_i − V_{i−1}, the gain of the step alone.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from cpmi import formulas
from cpmi.facts import Facts
from cpmi.flows import Flow, score
from cpmi.methods.base import Method, Paper, Setup
from cpmi.methods.contrast import abstain, all_finite, contrasted, negatives_of, without_values
from cpmi.methods.options import ContrastOptions, MethodOptions
from cpmi.negatives import CandidateSet
from cpmi.prompts import prefix_free, step_text
from cpmi.requests import Branch, ScoreTree, TreeLogprobs
from cpmi.types import Chain, StepLabels

NOT_TOLD_APART = "the tokens of a candidate answer are the beginning of another's"


class NetGain(Method):
    """Lead of the right answer over the best wrong one; nat.

    Columns of a label: `value` and `gain` [S] (the two labels), `net` [P] (V_i), `step_logprob` [S], the
    step's own log-probability given all before it, summed over its `step_tokens`.
    `candidate_values` [A][P]: answer a after the first p steps.
    """

    name = "net_gain"
    unit = "nat"
    columns = ("value", "gain", "net", "step_logprob", "step_tokens")
    paper = Paper(
        title="Process Supervision for Chain-of-Thought Reasoning via Monte Carlo Net Information Gain",
        authors="Royer, Corentin and Bhattacharjya, Debarun and Rossiello, Gaetano and "
        "Giovannini, Andrea and El-Assady, Mennatallah",
        arxiv="2603.17815",
        year=2026,
    )

    class Options(ContrastOptions):
        label: Literal["value", "gain"] = Field(default="value", description="V_i − V_0, or V_i − V_{i−1}")
        pool: formulas.Pool = Field(
            default="max", description="pooling over gold forms and over wrong answers"
        )

    options: Options

    def __init__(self, options: Options, setup: Setup) -> None:
        super().__init__(options, setup)
        self.negatives = negatives_of(options, setup)
        self._cues = self.prompter.cues[: options.variants]

    @classmethod
    def facts(cls, options: MethodOptions) -> Facts:
        del options
        return Facts(method=cls.name, unit=cls.unit, values_answers=True)

    def label(self, chain: Chain) -> Flow[StepLabels]:
        candidates = self.told_apart((yield from self.negatives.propose(chain, self.prompter)))
        if candidates.reason:
            return abstain(self, chain, candidates)
        replies = yield from score([self.tree(chain, candidates)])
        return self.read(chain, candidates, replies[0])

    def told_apart(self, candidates: CandidateSet) -> CandidateSet:
        """The candidates, with a reason to abstain if one with its terminator begins as another.

        It would be at least as probable whatever the step says; so of two that the tokenizer makes equal.
        """
        answers = [self.prompter.ended_answer(c.text) for c in candidates.candidates]
        return candidates if candidates.reason or prefix_free(answers) else candidates.because(NOT_TOLD_APART)

    def tree(self, chain: Chain, candidates: CandidateSet) -> ScoreTree:
        """One tree for all cues. Branches: K cues times P prefixes times A answers, then the steps."""
        question = self.prompter.question(self.prompter.templates[0], chain.question)
        steps = [self.prompter.step(step) for step in chain.steps]
        ends = np.cumsum([len(question), *map(len, steps)]).tolist()
        answers = [self.prompter.ended_answer(c.text) for c in candidates.candidates]
        branches = [
            Branch(at=end, tokens=cue + answer, num_context=len(cue))
            for cue in map(self.prompter.cue, self._cues)
            for end in ends
            for answer in answers
        ]
        branches += [Branch(at=end, tokens=step) for end, step in zip(ends, steps, strict=False)]
        return ScoreTree(
            shared_prefix=question + tuple(token for step in steps for token in step),
            branches=tuple(branches),
        )

    def read(self, chain: Chain, candidates: CandidateSet, reply: TreeLogprobs) -> StepLabels:
        """Labels from the reply to `tree`."""
        shape = (len(self._cues), len(chain.steps) + 1, len(candidates.candidates))
        num_answers = int(np.prod(shape))
        logprob_KPA = np.array([sum(branch) for branch in reply.branches[:num_answers]]).reshape(shape)
        own = reply.branches[num_answers:]
        if not all_finite(own, logprob_KPA):
            return abstain(self, chain, without_values(candidates))
        net_P = formulas.net_value(
            logprob_KPA, sum(c.right for c in candidates.candidates), self.options.pool
        )
        parts = {
            "value": tuple((net_P[1:] - net_P[0]).tolist()),
            "gain": tuple((net_P[1:] - net_P[:-1]).tolist()),
            "net": tuple(net_P.tolist()),
        }
        return contrasted(
            self,
            chain,
            candidates,
            logprob_KPA,
            own,
            values=parts[self.options.label],
            parts=parts,
            num_tokenization_mismatches=self._num_tokenization_mismatches(chain, candidates),
        )

    def _num_tokenization_mismatches(self, chain: Chain, candidates: CandidateSet) -> int:
        question = self.prompter.question_text(self.prompter.templates[0], chain.question)
        steps = [step_text(step) for step in chain.steps]
        shown = [(before, cue) for before in (question, *steps) for cue in self._cues]
        answers = [
            (cue, self.prompter.answer_text(candidate.text), self.prompter.terminator)
            for cue in self._cues
            for candidate in candidates.candidates
        ]
        return self.prompter.num_tokenization_mismatches((question, *steps), *shown, *answers)
