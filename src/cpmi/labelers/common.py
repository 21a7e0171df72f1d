"""What every contrast labeler does alike: abstain with a reason, mark literal mentions, average tokens."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from cpmi import formulas
from cpmi.answers import Equivalence, mentions, stated_answer
from cpmi.negatives import CandidateSet
from cpmi.types import Candidate, Chain, Relation, StepLabels


def abstain(
    method: str, unit: str, chain: Chain, candidates: CandidateSet, part_names: Sequence[str]
) -> StepLabels:
    """A label of no step, with the reason at every step."""
    return StepLabels(
        chain_id=chain.id,
        method=method,
        values=(None,) * len(chain.steps),
        unit=unit,
        candidates=candidates.candidates,
        parts=dict.fromkeys(part_names, ()),
        marks=marks(chain, candidates.candidates),
        rejected_candidates=candidates.rejected,
        abstained=dict.fromkeys(range(len(chain.steps)), candidates.reason),
    )


def marks(chain: Chain, candidates: Sequence[Candidate]) -> dict[str, tuple[bool, ...]]:
    """Which steps print the gold answer, and which print any candidate, gold included.

    A step that prints an answer raises its probability whatever the step's logic: such steps are marked so
    that an evaluation can look at them apart.
    """
    right = [candidate.text for candidate in candidates if candidate.right]
    every = [candidate.text for candidate in candidates]
    return {
        "mentions_gold": tuple(any(mentions(step, a) for a in right) for step in chain.steps),
        "mentions_candidate": tuple(any(mentions(step, a) for a in every) for step in chain.steps),
    }


def all_finite(logprob_KPA: formulas.Floats, own: Sequence[Sequence[float]]) -> bool:
    """Whether every log-probability is a number; half types overflow in some models."""
    return bool(np.isfinite(logprob_KPA).all()) and all(
        map(math.isfinite, itertools.chain.from_iterable(own))
    )


def without_values(candidates: CandidateSet) -> CandidateSet:
    """The same candidates, with the reason that the model gave no usable number for them."""
    return candidates.because("the model gave a log-probability that is not finite")


def own_answer(chain: Chain, equivalence: Equivalence) -> bool | None:
    """Whether the chain's own final answer is right; None where it states none or is UNDECIDED.

    Raises:
        ValueError: the chain has no gold.
    """
    if chain.gold is None:
        raise ValueError(f"{chain.id}: a final answer is judged by a gold answer")
    answer = stated_answer(chain)
    if answer is None:
        return None
    relation = equivalence.compare(chain.gold, answer).relation
    return {Relation.SAME: True, Relation.DIFFERENT: False, Relation.UNDECIDED: None}[relation]


def token_mean(logprobs: Sequence[float]) -> float:
    """Mean log-probability a token."""
    return sum(logprobs) / len(logprobs)
