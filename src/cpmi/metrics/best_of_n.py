"""Choosing one answer among N chains: by scores, by votes, or by both. Expected values over ties, no draws.

A group are N chains on one problem. Letters: N chains, S steps of a chain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Score = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredAnswer:
    """One chain of a problem.

    Attributes:
        right: whether its answer is the gold beyond doubt.
        vote: number of the class of equal answers that it belongs to; None if it states no answer.
        scores: [S] in [0, 1]; None for a step that was not scored.
        num_characters: of its steps.
    """

    right: bool
    vote: int | None
    scores: tuple[Score, ...]
    num_characters: int


Group = Sequence[ScoredAnswer]


def product(scores: Sequence[float]) -> float:
    """The product of the scores of a chain."""
    return math.prod(scores)


def mean(scores: Sequence[float]) -> float:
    """Their mean."""
    return math.fsum(scores) / len(scores)


def last(scores: Sequence[float]) -> float:
    """The last score."""
    return scores[-1]


REDUCTIONS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "product": product,
    "min": min,
    "last": last,
    "mean": mean,
}
"""How the scores of a chain's steps become one."""


def chain_score(chain: ScoredAnswer, reduction: str) -> float | None:
    """The chain's score, None if a step of it was not scored."""
    scores = [score for score in chain.scores if score is not None]
    return None if len(scores) < len(chain.scores) else REDUCTIONS[reduction](scores)


def best(group: Group, reduction: str) -> float:
    """P(the chain with the best score is right); among ties each is as likely. Unscored chains rank last."""
    return _among_best(group, [_or_worst(chain_score(chain, reduction)) for chain in group])


def shortest(group: Group) -> float:
    """P(the chain with the fewest characters is right)."""
    return _among_best(group, [-float(chain.num_characters) for chain in group])


def majority(group: Group) -> float:
    """P(the answer that most chains state is right); among ties each answer is as likely."""
    return _vote(group, [1.0] * len(group))


def weighted_majority(group: Group, reduction: str) -> float:
    """P(the answer whose chains have the greatest sum of scores is right); unscored chains weigh nothing."""
    return _vote(group, [chain_score(chain, reduction) or 0.0 for chain in group])


def any_right(group: Group) -> float:
    """pass@N: 1 if a chain is right."""
    return float(any(chain.right for chain in group))


def random_pick(group: Group) -> float:
    """P(a chain drawn at random is right)."""
    return sum(chain.right for chain in group) / len(group)


def averaged(chains: Group, size: int, measure: Callable[[Group], float]) -> float:
    """The measure's mean over the disjoint runs of `size` chains, what remains left out."""
    groups = [group for group in batched_groups(chains, size) if len(group) == size]
    return sum(map(measure, groups)) / len(groups)


def batched_groups(chains: Group, size: int) -> list[Group]:
    """Runs of `size` chains in their order; the last may be shorter."""
    return [chains[first : first + size] for first in range(0, len(chains), size)]


def _or_worst(score: float | None) -> float:
    return -1.0 if score is None else score


def _among_best(group: Group, values: Sequence[float]) -> float:
    top = max(values)
    chosen = [chain.right for chain, value in zip(group, values, strict=True) if value == top]
    return sum(chosen) / len(chosen)


def _vote(group: Group, weights: Sequence[float]) -> float:
    """Where no chain states an answer, nothing is right."""
    votes: dict[int, list[float]] = {}
    right: dict[int, bool] = {}
    for chain, weight in zip(group, weights, strict=True):
        if chain.vote is not None:
            votes.setdefault(chain.vote, []).append(weight)
            right.setdefault(chain.vote, chain.right)
    if not votes:
        return 0.0
    # fsum does not depend on the order, so equal votes are equal numbers.
    totals = {vote: math.fsum(weights) for vote, weights in votes.items()}
    top = max(totals.values())
    chosen = [right[vote] for vote, total in totals.items() if total == top]
    return sum(chosen) / len(chosen)
