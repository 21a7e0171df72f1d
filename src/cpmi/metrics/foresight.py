"""Foresight: whether the right answer leads before a step prints it, corrected for chance.

A contrast label compares how probable the right answer is after more and after fewer steps. Before a step
prints the answer that can only mean something if the model sees the answer coming at all.

Axes: A candidate answers (gold forms first), P = S + 1 prefixes of a chain, N prefixes of all chains,
G problems, D draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpmi.metrics.bootstrap import Measured, Weights, ratio, weighted_mean, weighted_sums
from cpmi.metrics.layout import Bools, Floats, Ints

NO_ROOM = "the right answers lead at every prefix without their problem too, so nothing can be told"
NO_PREFIX = "no prefix with so many steps to come"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """How the right answer stands at every prefix of one chain.

    Attributes:
        probability_P: of the right answer: its forms' probabilities added up.
        share_P: of that among all candidates' probability.
        leads_P: 1 where the best right form is above every wrong answer, 0 where one is above it; where it
            shares the first place with t wrong ones, 1 / (1 + t). A model that gives all candidates the
            same gets the uniform chance.
    """

    probability_P: Floats
    share_P: Floats
    leads_P: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prefixes:
    """The prefixes that are read, of all chains.

    Attributes:
        to_come_N: steps until one prints the answer; 0 where the last one shown is the first that does.
        probability_N, share_N, leads_N: as in `Standing`.
        chance_N: how often the right answer would lead without its problem, in [0, 1].
        at_question_N: whether no step is shown.
        problem_N: index of the problem, 0..G-1.
    """

    to_come_N: Ints
    probability_N: Floats
    share_N: Floats
    leads_N: Floats
    chance_N: Floats
    at_question_N: Bools
    problem_N: Ints


def standing(logprob_AP: Floats, num_right: int) -> Standing:
    """How the right answer stands.

    Args:
        logprob_AP: log-probability of every candidate after every prefix; nat.
        num_right: how many candidates, the first ones, are forms of the right answer; at least one is not.
    """
    right_P = np.logaddexp.reduce(logprob_AP[:num_right], axis=0)
    all_P = np.logaddexp.reduce(logprob_AP, axis=0)
    best_P = logprob_AP[:num_right].max(axis=0)
    wrong_AP = logprob_AP[num_right:]
    num_tied_P = (wrong_AP == best_P).sum(axis=0)
    return Standing(
        probability_P=np.exp(right_P),
        share_P=np.exp(right_P - all_P),
        leads_P=np.where((wrong_AP > best_P).any(axis=0), 0.0, 1 / (1 + num_tied_P)),
    )


def uniform_chance(num_wrong: int) -> float:
    """How often the right answer leads M wrong ones by chance, if nothing tells them apart: 1 / (1 + M)."""
    return 1 / (1 + num_wrong)


def foresight(prefixes: Prefixes, weights_GD: Weights) -> Measured:
    """Σ (leads − chance) / Σ (1 − chance), over the prefixes with one or more steps to come.

    1 if the right answer always leads, 0 if as often as without its problem, below 0 if less often. A model
    that knows the answer at a share k of the prefixes and guesses at the others leads at k + (1 − k)·chance
    of them, so its foresight is k, with however many wrong answers. One that knows answers only roughly loses
    the lead to the nearest of more wrong ones: compare such numbers with like wrong answers only. Where all
    prefixes have one chance it is Cohen's kappa of leading (Cohen 1960).
    """
    before_N = prefixes.to_come_N >= 1
    problem_N = prefixes.problem_N[before_N]
    leads_N, chance_N = prefixes.leads_N[before_N], prefixes.chance_N[before_N]
    return ratio(
        weighted_sums(leads_N - chance_N, problem_N, weights_GD),
        weighted_sums(1 - chance_N, problem_N, weights_GD),
        NO_ROOM,
    )


def mean_over(column_N: Floats, of_N: Bools, prefixes: Prefixes, weights_GD: Weights) -> Measured:
    """The mean of a column over the prefixes chosen by `of_N`, on every draw."""
    return weighted_mean(column_N, of_N, prefixes.problem_N, weights_GD, NO_PREFIX)
