"""Evidence: the log-odds that a step is not the first error, from one forward pass. The recommended label.

A wrong operand or a false result is a number that the model did not expect, in a sentence that it expects
less, and it moves the right answer away. So three features are enough: how improbable the step's least
probable number is, how improbable its tokens are on average, and what the step adds to the lead of the right
answer over the best wrong one (`net_gain`, with one cue and two wrong answers). All are read from one tree;
nothing is generated. The chain's own final answer is evidence too: a right one rarely follows an error.

Where there is no wrong answer to compare with (a gold that is a sentence, say), the gain has no value; the
other two speak alone, by weights of their own.

A model tuned to foresee answers is surprised by other steps than before. So the gain can be read by a model
of its own, the contrast model: that is a second tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from cpmi.beliefs import Floats, log_prior, step_log_odds, with_answer
from cpmi.errors import ConfigError
from cpmi.facts import Facts
from cpmi.flows import Flow, score
from cpmi.methods.base import Method, Setup
from cpmi.methods.contrast import abstain, all_finite, own_answer, without_values
from cpmi.methods.features import surprises
from cpmi.methods.net_gain import NetGain
from cpmi.methods.options import (
    ContrastOptions,
    MethodOptions,
    ModelName,
    NumGoldForms,
    NumIntermediate,
    NumVariants,
    WeightedOptions,
)
from cpmi.methods.rollouts import gold_alone
from cpmi.negatives import CandidateSet
from cpmi.prompts import step_text
from cpmi.requests import ScoreTree, TreeLogprobs
from cpmi.types import LOG_ODDS, Chain, StepLabels
from cpmi.weights import FEATURES

CONTRAST_MODEL = "contrast_model"
"""The role of the model that reads the gain: the name of its option."""
OUTCOME_ALONE = "only the outcome is known"
NO_CONTRAST = "no wrong answers were asked for"


class Evidence(Method):
    """Log-odds that a step is not its chain's first error; nat. Recommended.

    The label "alone" is v_i = `Weights.log_odds` of the step's three features: the log-odds that it is right
    given that those before it are. The default, "posterior", reads the whole chain and its own final answer:
    P(first error at j) ∝ h_j · Π_{t<j} (1 − h_t) · P(answer | error) with h = sigmoid(−v), and the label is
    ln (1 − P(i)) − ln P(i) in that belief (`cpmi.beliefs`).

    Columns of a label: `least_number`, `mean`, `gain` [S], the features; `alone` [S]; `belief` [S + 1], the
    probability of a first error at every step, and last of none, under "alone" without the answer; `net` [P]
    of `NetGain`. `gain` and `net` are empty in a chain without a contrast; `missing_parts` says why.
    """

    name = "evidence"
    unit = LOG_ODDS
    columns = (*FEATURES, "alone", "belief", "net")
    recommended = True
    takes_outcome = True

    class Options(ContrastOptions, WeightedOptions):
        former: ClassVar[Mapping[str, str]] = {"prover": "contrast_model"}

        label: Literal["posterior", "alone"] = Field(
            default="posterior",
            description="with the chain and its final answer, or the step alone",
        )
        contrast_model: ModelName = Field(
            default=None,
            description="the model that reads what a step adds to the right answer, best one tuned for "
            "foresight; by default --model",
        )
        negatives: Annotated[
            int, Field(ge=0, description="wrong answers to compare the gold answer with; 0: no contrast")
        ] = 2
        intermediate: NumIntermediate = 0
        variants: NumVariants = 1
        gold_forms: NumGoldForms = 1

        @model_validator(mode="after")
        def _expect_something_to_read(self) -> Self:
            if not self.negatives and self.contrast_model is not None:
                raise ConfigError(
                    "contradicts negatives 0", where="option contrast_model", got=repr(self.contrast_model),
                    expected="no contrast model: there is nothing for it to read",
                )  # fmt: skip
            return self

    options: Options

    def __init__(self, options: Options, setup: Setup) -> None:
        super().__init__(options, setup)
        named = {name: getattr(options, name) for name in ContrastOptions.model_fields}
        contrast = NetGain.Options(**{**named, "negatives": max(1, options.negatives)})
        self._own = self._contrast = NetGain(contrast, setup)
        if CONTRAST_MODEL in setup.tokenizers:
            self._contrast = NetGain(contrast, setup.playing(CONTRAST_MODEL))

    @classmethod
    def facts(cls, options: MethodOptions) -> Facts:
        assert isinstance(options, cls.Options)
        return Facts(
            method=cls.name,
            unit=cls.unit,
            reads_final_answer=options.label == "posterior",
            values_answers=True,
            features=FEATURES,
            fitted_on=options.weights.fitted_on,
            weights=str(options.weights.origin),
        )

    def label(self, chain: Chain) -> Flow[StepLabels]:
        candidates = yield from self._candidates(chain)
        if candidates.reason:
            return (yield from self._without_contrast(chain, candidates))
        contrast, own_S = yield from self._read(chain, candidates)
        net = self._contrast.read(chain, candidates, contrast)
        if net.abstained or not all_finite(own_S):
            return abstain(self, chain, without_values(candidates))
        parts = {**surprises(self.prompter, chain, own_S), "gain": net.parts["gain"], "net": net.parts["net"]}
        return self._labels(chain, net, parts, self.options.weights.log_odds(parts))

    def _candidates(self, chain: Chain) -> Flow[CandidateSet]:
        if chain.gold is None:
            return CandidateSet(candidates=(), reason=OUTCOME_ALONE)
        if not self.options.negatives:
            return CandidateSet(candidates=gold_alone(chain), reason=NO_CONTRAST)
        return self._contrast.told_apart((yield from self._own.negatives.propose(chain, self.prompter)))

    def _without_contrast(self, chain: Chain, candidates: CandidateSet) -> Flow[StepLabels]:
        """The labels by the surprises alone."""
        weights = self.options.weights.without_contrast
        if weights is None:
            reason = f"{candidates.reason}, and the weights have none for such chains: fit them again"
            return abstain(self, chain, candidates.because(reason))
        (own,) = yield from score([self._steps_alone(chain, candidates)])
        if not all_finite(own.branches):
            return abstain(self, chain, without_values(candidates))
        question = self.prompter.question_text(self.prompter.templates[0], chain.question)
        labels = replace(
            abstain(self, chain, candidates),
            values=(0.0,) * len(chain.steps),
            abstained={},
            missing_parts={"gain": candidates.reason},
            num_tokenization_mismatches=self.prompter.num_tokenization_mismatches(
                (question, *map(step_text, chain.steps))
            ),
        )
        parts = {**surprises(self.prompter, chain, own.branches), "gain": (), "net": ()}
        return self._labels(chain, labels, parts, weights.log_odds(parts))

    def _steps_alone(self, chain: Chain, candidates: CandidateSet) -> ScoreTree:
        """The tree without an answer."""
        return self._own.tree(chain, replace(candidates, candidates=()))

    def _read(
        self, chain: Chain, candidates: CandidateSet
    ) -> Flow[tuple[TreeLogprobs, Sequence[Sequence[float]]]]:
        """The reply to the contrast, and the log-probabilities of every step's own tokens [S]."""
        tree = self._contrast.tree(chain, candidates)
        if self._contrast is self._own:
            (reply,) = yield from score([tree])
            return reply, reply.branches[-len(chain.steps) :]
        steps = self._steps_alone(chain, candidates)
        contrast, own = yield from score([replace(tree, role=CONTRAST_MODEL), steps])
        return contrast, own.branches

    def _labels(
        self, chain: Chain, contrasted: StepLabels, parts: Mapping[str, tuple[float, ...]], alone_S: Floats
    ) -> StepLabels:
        """The labels of the contrast, with the values and parts of evidence in their place."""
        log_belief_J = log_prior(alone_S)
        values_S = alone_S
        if self.options.label == "posterior":
            log_belief_J = with_answer(log_belief_J, own_answer(chain, self.setup.equivalence))
            values_S = step_log_odds(log_belief_J)
        return replace(
            contrasted,
            method=self.name,
            values=tuple(values_S.tolist()),
            unit=self.unit,
            parts={
                **{name: parts[name] for name in (*FEATURES, "net")},
                "alone": tuple(alone_S.tolist()),
                "belief": tuple(np.exp(log_belief_J).tolist()),
            },
        )
