"""Chains of which only the outcome is known: a method that needs an answer in words abstains on them."""

from __future__ import annotations

from cpmi.flows import Flow
from cpmi.methods.base import Method
from cpmi.methods.contrast import abstain
from cpmi.negatives import CandidateSet
from cpmi.types import Chain, StepLabels

NO_ANSWER_TEXT = "only the outcome is known, and the method needs a gold answer in words"


def labels_of(method: Method, chain: Chain) -> Flow[StepLabels]:
    """`method.label(chain)`, or an abstention at every step where the method cannot do without a gold."""
    if chain.gold is None and method.needs_gold and not method.takes_outcome:
        return _abstaining(method, chain)
    return method.label(chain)


def _abstaining(method: Method, chain: Chain) -> Flow[StepLabels]:
    return abstain(method, chain, CandidateSet(candidates=(), reason=NO_ANSWER_TEXT))
    yield  # a flow that asks for nothing
