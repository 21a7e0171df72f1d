"""Evidence: the log-odds that a step is not the first error, from one forward pass. The recommended label.

A wrong operand or a false result is a number that the model did not expect, in a sentence that it expects
less, and it moves the right answer away. So three readings are enough: how improbable the step's least
probable number is, how improbable its tokens are on average, and what the step adds to the lead of the right
answer over the best wrong one (`net_gain`, with one cue and two wrong answers). All are read from one tree;
nothing is generated. The chain's own final answer is evidence too: a right one rarely follows an error.

A model tuned to foresee answers is surprised by other steps than before. So the gain can be read by a model
of its own, the prover: that is a second tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from cpmi.answers import Equivalence
from cpmi.beliefs import log_prior, step_log_odds, with_answer
from cpmi.evidence import READINGS, Weights
from cpmi.flows import Flow, score
from cpmi.labelers.common import abstain, all_finite, own_answer, without_values
from cpmi.labelers.net_gain import NetGain
from cpmi.labelers.probe import surprises
from cpmi.negatives import CandidateSet, Negatives
from cpmi.prompts import Prompter
from cpmi.requests import TreeLogprobs
from cpmi.types import LOG_ODDS, Chain, StepLabels

DEFAULT_WEIGHTS_FILE = Path(__file__).with_name("default_weights.json")
DEFAULT_WEIGHTS = Weights.read(DEFAULT_WEIGHTS_FILE)
"""Where the labeler has not been fitted. `docs/log.md` says what they come from."""


class Evidence:
    """Log-odds that a step is not its chain's first error; nat.

    The label "alone" is v_i = `Weights.log_odds` of the step's three readings: the log-odds that it is right
    given that those before it are. The default, "posterior", reads the whole chain and its own final answer:
    P(first error at j) ∝ h_j · Π_{t<j} (1 − h_t) · P(answer | error) with h = sigmoid(−v), and the label is
    ln (1 − P(i)) − ln P(i) in that belief (`cpmi.beliefs`).

    Args:
        prover: of the model that reads the gain, in its own tokens; None if one model reads everything.

    Parts of a label: `least_number`, `mean`, `gain` [S], the readings; `alone` [S]; `belief` [S + 1], the
    probability of a first error at every step, and last of none, under "alone" without the answer; `net` [P]
    of `NetGain`.
    """

    name = "evidence"
    part_names = (*READINGS, "alone", "belief", "net")
    needs_gold = True

    def __init__(
        self,
        prompter: Prompter,
        negatives: Negatives,
        *,
        weights: Weights = DEFAULT_WEIGHTS,
        label: Literal["posterior", "alone"] = "posterior",
        num_variants: int = 1,
        prover: Prompter | None = None,
    ) -> None:
        self._prompter = prompter
        self._negatives = negatives
        self._weights = weights
        self._label = label
        self._own = NetGain(prompter, negatives, num_variants=num_variants)
        self._contrast = self._own
        if prover is not None:
            self._contrast = NetGain(prover, negatives, num_variants=num_variants)

    def label(self, chain: Chain) -> Flow[StepLabels]:
        candidates = yield from self._negatives.propose(chain, self._prompter)
        if candidates.reason:
            return abstain(self.name, LOG_ODDS, chain, candidates, self.part_names)
        contrast, own_S = yield from self._read(chain, candidates)
        net = self._contrast.read(chain, candidates, contrast)
        if net.abstained or not all_finite(np.zeros(0), own_S):
            return abstain(self.name, LOG_ODDS, chain, without_values(candidates), self.part_names)
        found = surprises(self._prompter, chain, own_S)
        return self._labels(chain, net, found, self._negatives.equivalence)

    def _read(
        self, chain: Chain, candidates: CandidateSet
    ) -> Flow[tuple[TreeLogprobs, Sequence[Sequence[float]]]]:
        """The reply to the contrast, and the log-probabilities of every step's own tokens [S]."""
        tree = self._contrast.tree(chain, candidates)
        if self._contrast is self._own:
            (reply,) = yield from score([tree])
            return reply, reply.branches[-len(chain.steps) :]
        steps = self._own.tree(chain, replace(candidates, candidates=()))  # no answer: the steps alone
        contrast, own = yield from score([replace(tree, role="prover"), steps])
        return contrast, own.branches

    def _labels(
        self,
        chain: Chain,
        net: StepLabels,
        found: dict[str, tuple[float, ...]],
        equivalence: Equivalence,
    ) -> StepLabels:
        seen = {**found, **net.parts}
        readings = {name: seen[name] for name in READINGS}
        alone_S = self._weights.log_odds(readings)
        log_belief_J = log_prior(alone_S)
        values_S = alone_S
        if self._label == "posterior":
            log_belief_J = with_answer(log_belief_J, own_answer(chain, equivalence))
            values_S = step_log_odds(log_belief_J)
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=tuple(values_S.tolist()),
            unit=LOG_ODDS,
            candidates=net.candidates,
            candidate_values=net.candidate_values,
            parts={
                **readings,
                "alone": tuple(alone_S.tolist()),
                "belief": tuple(np.exp(log_belief_J).tolist()),
                "net": net.parts["net"],
            },
            marks=net.marks,
            rejected_candidates=net.rejected_candidates,
            num_tokenization_mismatches=net.num_tokenization_mismatches,
        )
