"""The first error of a whole chain, from the targets of all its steps.

A target p_t is read as the probability that step t is right, given that all steps before it are. Its
complement h_t = 1 − p_t is then a hazard, and

    P(first error at j) = h_j · Π_{t<j} (1 − h_t),    P(no error) = Π_t (1 − h_t)

sum to 1. Targets that are no probabilities of this kind (of the robust or quantile map) decode to early
errors: half of all steps look wrong.

Axes: S steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cpmi.calibration.maps import Floats
from cpmi.types import Relation

NO_TARGET = "not decoded: a step of the chain has no target"
NO_EVIDENCE = "not decoded: the final answer is wrong, but every target is 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """What a chain was decoded to.

    Attributes:
        first_error: 0-based; None for no error, or where nothing was decoded.
        undecided: why nothing was decoded; "" if it was.
    """

    first_error: int | None
    undecided: str = ""


def first_error_probabilities(
    targets_S: Floats, final_answer: Relation = Relation.UNDECIDED
) -> Floats | None:
    """The hazard form: the probability of every first error, and last of none, [S + 1], sum 1.

    Args:
        targets_S: in [0, 1].
        final_answer: how it compares with the gold answer. A wrong one implies an error, so that "none" has
            probability 0; a right one implies nothing, as wrong steps can lead to it.

    Returns:
        None if the final answer is wrong and every target 1: no step can be the error there must be.
    """
    log_probability = _log_probabilities(targets_S)
    if final_answer is Relation.DIFFERENT:
        log_probability[-1] = -np.inf
    highest = log_probability.max()
    if highest == -np.inf:
        return None
    probability = np.exp(log_probability - highest)
    return np.asarray(probability / probability.sum())


def decode_change_point(
    targets: Sequence[float | None], final_answer: Relation = Relation.UNDECIDED
) -> Decoding:
    """The most probable place where right turns to wrong.

    argmax over j of log(1 − p_j) + Σ_{t<j} log p_t, against Σ_t log p_t for no error at all, unless the
    final answer is wrong. On ties there is no error, else the earliest.

    Args:
        targets: [S] in [0, 1]; a chain with a step that has none is not decoded.
        final_answer: how it compares with the gold answer.
    """
    known = [target for target in targets if target is not None]
    if len(known) < len(targets):
        return Decoding(first_error=None, undecided=NO_TARGET)
    log_probability = _log_probabilities(np.array(known, dtype=np.float64))
    best = int(np.argmax(log_probability[:-1]))
    if final_answer is Relation.DIFFERENT:
        if log_probability[best] == -np.inf:
            return Decoding(first_error=None, undecided=NO_EVIDENCE)
        return Decoding(first_error=best)
    return Decoding(first_error=best if log_probability[best] > log_probability[-1] else None)


def _log_probabilities(targets_S: Floats) -> Floats:
    """Of every first error, and last of none, [S + 1]; −inf for what cannot be."""
    with np.errstate(divide="ignore"):
        log_right_S, log_wrong_S = np.log(targets_S), np.log1p(-targets_S)
    before = np.concatenate([[0.0], np.cumsum(log_right_S)])
    return np.concatenate([log_wrong_S + before[:-1], before[-1:]])
