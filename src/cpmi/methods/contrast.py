"""What the methods that contrast answers have in common: candidates, abstention, leakage flags."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from cpmi import formulas
from cpmi.answers import Equivalence, decimal_of, judged, mentions, plain
from cpmi.methods.base import Method, Setup
from cpmi.methods.options import ContrastOptions
from cpmi.negatives import CandidateSet, Negatives
from cpmi.types import Candidate, Chain, Relation, StepLabels


def negatives_of(options: ContrastOptions, setup: Setup) -> Negatives:
    """The chooser of candidates: the chain's own wrong answer comes first."""
    return Negatives(
        equivalence=setup.equivalence,
        num_negatives=options.negatives,
        num_gold_forms=options.gold_forms,
        num_sampled=options.sampled,
        num_intermediate=options.intermediate,
        use_own=True,
        other_golds=setup.other_golds,
        seed=setup.seed,
    )


def abstain(method: Method, chain: Chain, candidates: CandidateSet) -> StepLabels:
    """A label of no step, with the reason at every step."""
    return StepLabels(
        chain_id=chain.id,
        method=method.name,
        values=(None,) * len(chain.steps),
        unit=method.unit,
        candidates=candidates.candidates,
        parts=dict.fromkeys(method.columns, ()),
        marks=leakage_flags(chain, candidates.candidates),
        rejected_candidates=candidates.rejected,
        abstained=dict.fromkeys(range(len(chain.steps)), candidates.reason),
    )


def leakage_flags(chain: Chain, candidates: Sequence[Candidate]) -> dict[str, tuple[bool, ...]]:
    """Which steps mention the gold answer, and which mention any candidate, the gold included.

    A step that mentions an answer raises its probability whatever the step's logic: such steps are flagged so
    that an evaluation can look at them apart.
    """
    decimal = decimal_of(chain)
    right = [plain(candidate.text, decimal) for candidate in candidates if candidate.right]
    every = [plain(candidate.text, decimal) for candidate in candidates]
    steps = [plain(step, decimal) for step in chain.steps]
    return {
        "mentions_gold": tuple(any(mentions(step, a) for a in right) for step in steps),
        "mentions_candidate": tuple(any(mentions(step, a) for a in every) for step in steps),
    }


def all_finite(own: Sequence[Sequence[float]], *others: formulas.Floats) -> bool:
    """Whether every log-probability is a number, of the steps' own tokens and in arrays of others; half types
    overflow in some models."""
    return all(map(math.isfinite, itertools.chain.from_iterable(own))) and all(
        bool(np.isfinite(other).all()) for other in others
    )


def contrasted(
    method: Method,
    chain: Chain,
    candidates: CandidateSet,
    logprob_KPA: formulas.Floats,
    own: Sequence[Sequence[float]],
    *,
    values: Sequence[float],
    parts: Mapping[str, tuple[float, ...]],
    num_tokenization_mismatches: int,
) -> StepLabels:
    """The labels of a method that compares answers.

    Args:
        method, chain, candidates: who labels what, and the A answers.
        logprob_KPA: of every answer in P contexts under K wordings; their mean over K is kept.
        own: log-probabilities of every step's own tokens, [S]; kept as `own_columns`.
        values: the labels, [S].
        parts: the other columns.
        num_tokenization_mismatches: of all prompts.
    """
    return StepLabels(
        chain_id=chain.id,
        method=method.name,
        values=tuple(values),
        unit=method.unit,
        candidates=candidates.candidates,
        candidate_values=tuple(map(tuple, logprob_KPA.mean(axis=0).T.tolist())),
        parts={**parts, **own_columns(own)},
        marks=leakage_flags(chain, candidates.candidates),
        rejected_candidates=candidates.rejected,
        num_tokenization_mismatches=num_tokenization_mismatches,
    )


def own_columns(own: Sequence[Sequence[float]]) -> dict[str, tuple[float, ...]]:
    """`step_logprob`, summed over the tokens of a step, and `step_tokens`, both [S]."""
    return {
        "step_logprob": tuple(sum(branch) for branch in own),
        "step_tokens": tuple(float(len(branch)) for branch in own),
    }


def without_values(candidates: CandidateSet) -> CandidateSet:
    """The same candidates, with the reason that the model gave no usable number for them."""
    return candidates.because("the model gave a log-probability that is not finite")


def own_answer(chain: Chain, equivalence: Equivalence) -> bool | None:
    """Whether the chain's own final answer is right; None where it states none or is UNDECIDED.

    Raises:
        ValueError: the chain has neither a gold nor an outcome.
    """
    if chain.gold is None and chain.outcome is None:
        raise ValueError(f"{chain.id}: a final answer is judged by a gold answer or an outcome")
    relation = judged(chain, equivalence).relation
    return {Relation.SAME: True, Relation.DIFFERENT: False, Relation.UNDECIDED: None}[relation]
