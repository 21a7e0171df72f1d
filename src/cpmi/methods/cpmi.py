"""CPMI as published (arXiv 2604.10660), with its two other contexts.

The label of step i is what the step adds to the log-probability of "The answer is: X" for the gold X, less
what it adds on average for M wrong X. Log-probabilities are means over all tokens of that string, boilerplate
included, averaged over K templates, and the string has no terminator: so it was published, so it stays here.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from cpmi import formulas
from cpmi.facts import Facts
from cpmi.flows import Flow, score
from cpmi.methods.base import Method, Paper, Setup
from cpmi.methods.contrast import abstain, all_finite, contrasted, without_values
from cpmi.methods.options import MethodOptions, NumIntermediate, NumNegatives, NumSampled, NumVariants
from cpmi.negatives import CandidateSet, Negatives
from cpmi.prompts import step_text
from cpmi.requests import Branch, ScoreTree, TreeLogprobs
from cpmi.types import Chain, StepLabels


class Cpmi(Method):
    """Contrastive pointwise mutual information of each step, as published; nat per token.

    Columns of a label: `gold_gain` and `wrong_gain` [S] are the two terms of the difference. `step_logprob`
    [S] is the step's own log-probability summed over its `step_tokens`, under the first template: given the
    question alone (single_step) or the question and the steps before it (prefix, leave_one_out).
    `candidate_values` [A][P] by context as in `formulas.step_gain`.
    """

    name = "cpmi"
    unit = "nat"
    columns = ("gold_gain", "wrong_gain", "step_logprob", "step_tokens")
    paper = Paper(
        title="Efficient Process Reward Modeling via Contrastive Mutual Information",
        authors="Lee, Nakyung and Hong, Sangwoo and Lee, Jungwoo",
        arxiv="2604.10660",
        year=2026,
    )

    class Options(MethodOptions):
        context: formulas.Context = Field(
            default="single_step",
            description="what the answer is given: the step alone, or more of the chain",
        )
        negatives: NumNegatives = 4
        sampled: NumSampled = 8
        intermediate: NumIntermediate = 0
        variants: NumVariants = 4

    options: Options

    def __init__(self, options: Options, setup: Setup) -> None:
        super().__init__(options, setup)
        self._negatives = Negatives(
            equivalence=setup.equivalence,
            num_negatives=options.negatives,
            num_sampled=options.sampled,
            num_intermediate=options.intermediate,
            other_golds=setup.other_golds,
            seed=setup.seed,
        )
        self._templates = self.prompter.templates[: options.variants]
        self._cue = self.prompter.cues[0]

    @classmethod
    def facts(cls, options: MethodOptions) -> Facts:
        assert isinstance(options, cls.Options)
        return Facts(method=cls.name, unit=cls.unit, contexts=options.context)

    def label(self, chain: Chain) -> Flow[StepLabels]:
        candidates = yield from self._negatives.propose(chain, self.prompter)
        if candidates.reason:
            return abstain(self, chain, candidates)
        replies = yield from score(self.trees(chain, candidates))
        return self.read(chain, candidates, replies)

    def trees(self, chain: Chain, candidates: CandidateSet) -> list[ScoreTree]:
        """One tree per template. Branches: P contexts times A answers, then the steps themselves."""
        return [
            self._tree(chain, candidates, self.prompter.question(template, chain.question), k == 0)
            for k, template in enumerate(self._templates)
        ]

    def _tree(
        self, chain: Chain, candidates: CandidateSet, question: tuple[int, ...], own: bool
    ) -> ScoreTree:
        steps = [self.prompter.step(step) for step in chain.steps]
        whole = tuple(token for step in steps for token in step)
        ends = np.cumsum([len(question), *map(len, steps)]).tolist()
        if self.options.context == "single_step":
            shared_prefix, at, read = question, [len(question)] * len(ends), [(), *steps]
        elif self.options.context == "prefix":
            shared_prefix, at, read = question + whole, ends, [()] * len(ends)
        else:
            shared_prefix = question + whole
            at = [len(shared_prefix), *ends[:-1]]
            read = [(), *(shared_prefix[end:] for end in ends[1:])]
        cue = self.prompter.cue(self._cue)
        branches = [
            Branch(at=at_p, tokens=read_p + cue + self.prompter.answer(c.text), num_context=len(read_p))
            for at_p, read_p in zip(at, read, strict=True)
            for c in candidates.candidates
        ]
        if own and self.options.context == "single_step":
            branches += [Branch(at=len(question), tokens=step) for step in steps]
        elif own:
            branches += [Branch(at=end, tokens=step) for end, step in zip(ends, steps, strict=False)]
        return ScoreTree(shared_prefix=shared_prefix, branches=tuple(branches))

    def read(self, chain: Chain, candidates: CandidateSet, replies: tuple[TreeLogprobs, ...]) -> StepLabels:
        """Labels from the replies to `trees`."""
        num_contexts, num_answers = len(chain.steps) + 1, len(candidates.candidates)
        logprob_KPA = np.array(
            [
                [sum(branch) / len(branch) for branch in reply.branches[: num_contexts * num_answers]]
                for reply in replies
            ]
        ).reshape(len(replies), num_contexts, num_answers)
        own = replies[0].branches[num_contexts * num_answers :]
        if not all_finite(own, logprob_KPA):
            return abstain(self, chain, without_values(candidates))
        gain_SA = formulas.step_gain(logprob_KPA, self.options.context)
        return contrasted(
            self,
            chain,
            candidates,
            logprob_KPA,
            own,
            values=formulas.cpmi(gain_SA).tolist(),
            parts={
                "gold_gain": tuple(gain_SA[:, 0].tolist()),
                "wrong_gain": tuple(gain_SA[:, 1:].mean(axis=1).tolist()),
            },
            num_tokenization_mismatches=self._num_tokenization_mismatches(chain, candidates),
        )

    def _num_tokenization_mismatches(self, chain: Chain, candidates: CandidateSet) -> int:
        question = self.prompter.question_text(self._templates[0], chain.question)
        steps = [step_text(step) for step in chain.steps]
        cue = self._cue
        answers = [(cue, self.prompter.answer_text(c.text)) for c in candidates.candidates]
        if self.options.context == "single_step":
            return self.prompter.num_tokenization_mismatches(
                (question, cue), *((question, step, cue) for step in steps), *answers
            )
        shown = [(step, cue) for step in steps]
        return self.prompter.num_tokenization_mismatches(
            (question, *steps), (question, cue), *shown, *answers
        )
