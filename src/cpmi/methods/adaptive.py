"""Contrast first, rollouts only where it is undecided, under a budget that the user sets.

A first pass gives every step log-odds. They are a belief over the chain's first error, which the outcomes of
rollouts update. Rollouts are drawn after the prefix whose outcome is expected to tell most, a few at a time,
until the belief is settled or the budget does not reach for the next ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import BeforeValidator, Field

from cpmi.beliefs import Beta, Floats, log_prior, shown, step_log_odds, update, with_answer
from cpmi.budget import Budget
from cpmi.facts import Facts
from cpmi.flows import Flow, draw_seed
from cpmi.methods.base import Method, Setup
from cpmi.methods.contrast import leakage_flags, own_answer
from cpmi.methods.evidence import Evidence
from cpmi.methods.options import Circumstance, MethodOptions, RolloutOptions, WeightedOptions
from cpmi.methods.rollouts import Count, Rollouts, count_columns, gold_alone
from cpmi.methods.spending import Meter, tokens_shown, tokens_to_come
from cpmi.methods.without_gold import labels_of
from cpmi.types import LOG_ODDS, ROLLOUT_PARTS, Chain, StepLabels

SETTLED = 0.95  # no rollout is drawn once a place of the first error, or "none", is this probable
BASE_RATE = 0.1  # of errors among steps whose predecessors are right, where the first pass says nothing
AT_ONCE = 4  # rollouts a visit: every visit computes its prompt again, which two rollouts would not repay

# Success rates of rollouts, of the Beta form: 2 in 3 go right after a prefix without an error, 1 in 6 after
# one with it. Both are wide, worth six rollouts seen, as policies differ.
SOUND, BROKEN = Beta(right=4, wrong=2), Beta(right=1, wrong=5)

# A rollout may take SLACK times what the chain itself still has, and ROOM tokens more: one that is cut off
# says nothing, and one that is let go on forever says it too dearly.
SLACK, ROOM = 2, 16


class Adaptive(Method):
    """Log-odds that a step is not its chain's first error; nat, within ±20.

    The belief begins with P(first error at j) = h_j · Π_{t<j} (1 − h_t), h = sigmoid(−v), of the first pass's
    values v, and takes the chain's own final answer in (`cpmi.beliefs.with_answer`). Given the first error,
    rollouts from prefixes before it have one success rate and those that show it another. The next prefix is
    the one that shows the error with a probability nearest 1/2, and no prefix gets more than N rollouts.

    The budget is a share of what full Monte Carlo of the chain is expected to compute (`full_cost`), and all
    counts: the first pass and the rollouts. On the tree path a chain's `computed_tokens` never exceed it; on
    the plain path that cannot be promised (see `Meter`).

    Columns of a label: `first` [S], the values of the first pass (where it has none, those of the base rate);
    `successes`, `rollouts`, `undecided`, `cut_off` [S] of what was drawn after the step; `belief` [S + 1],
    the probability of a first error at every step, and last of none.

    Args:
        first: another first pass, of the unit "log-odds"; None for `Evidence` without the final answer.

    Raises:
        ValueError: the setup has no budget.
    """

    name = "adaptive"
    unit = LOG_ODDS
    takes_outcome = True
    columns = ("first", *ROLLOUT_PARTS, "belief")

    class Options(RolloutOptions, WeightedOptions):
        budget: Annotated[str, BeforeValidator(str), Circumstance()] = Field(
            description="a share of full Monte Carlo (20%), or tokens (2000000) or money (3.50usd) in all"
        )
        price_per_million_tokens: Annotated[float | None, Circumstance()] = Field(
            default=None,
            gt=0,
            strict=False,
            description="price of a million computed tokens, for money",
        )

        def parsed_budget(self) -> Budget:
            return Budget.parse(self.budget, price=self.price_per_million_tokens)

    options: Options

    def __init__(self, options: Options, setup: Setup, *, first: Method | None = None) -> None:
        super().__init__(options, setup)
        if setup.budget_share is None:
            raise ValueError("adaptive needs the budget as a share")
        self._budget = setup.budget_share
        alone = Evidence.Options(label="alone", weights=options.weights)
        self._first = first or Evidence(alone, setup)
        self._rollouts = Rollouts.of(options, setup)

    @classmethod
    def facts(cls, options: MethodOptions) -> Facts:
        assert isinstance(options, cls.Options)
        return Facts(
            method=cls.name,
            unit=cls.unit,
            reads_final_answer=True,
            fitted_on=options.weights.fitted_on,
            weights=str(options.weights.origin),
        )

    def label(self, chain: Chain) -> Flow[StepLabels]:
        """Errors as the first pass and `Rollouts.count`.

        Raises:
            RecordError: the budget is too small for the first pass.
            ValueError: the first pass gives another unit.
        """
        meter = Meter.of_share(self._budget, self._rollouts, chain)
        first = yield from meter.through(labels_of(self._first, chain))
        if first.unit != LOG_ODDS:
            raise ValueError(f"the first pass {first.method} gives {first.unit}, expected {LOG_ODDS}")
        otherwise = float(np.log(1 / BASE_RATE - 1))
        values_S = np.array([otherwise if value is None else value for value in first.values])
        search = _Search(
            self._rollouts,
            chain,
            with_answer(log_prior(values_S), own_answer(chain, self._rollouts.equivalence)),
        )
        # Without a gold, what the outcome says is all there is: no rollout could be judged.
        while chain.gold is not None and (visit := search.next_visit(meter.left)) is not None:
            prefix, rollouts = visit
            (count,) = yield from meter.through(rollouts.count(chain, [prefix]))
            search.learn(prefix, count)
        return self._labels(chain, first, values_S, search)

    def _labels(self, chain: Chain, first: StepLabels, values_S: Floats, search: _Search) -> StepLabels:
        candidates = first.candidates or (() if chain.gold is None else gold_alone(chain))
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=tuple(step_log_odds(search.log_belief_J).tolist()),
            unit=self.unit,
            candidates=candidates,
            candidate_values=first.candidate_values,
            parts={
                "first": tuple(values_S.tolist()),
                **count_columns(search.counts[1:]),
                "belief": tuple(np.exp(search.log_belief_J).tolist()),
            },
            marks=leakage_flags(chain, candidates),
            rejected_candidates=first.rejected_candidates,
            # Both show the chain in the same tokens: its joins are among those of the first pass.
            num_tokenization_mismatches=max(
                first.num_tokenization_mismatches, self._rollouts.num_tokenization_mismatches(chain)
            ),
        )


class _Search:
    """What is known of one chain's first error, and what to ask next.

    Attributes:
        counts: of the rollouts drawn after every prefix, [P].
        log_belief_J: the belief over the first error, from all of it.
    """

    def __init__(self, rollouts: Rollouts, chain: Chain, log_prior_J: Floats) -> None:
        self._rollouts = rollouts
        self._log_prior_J = log_prior_J
        self._shown_P = tokens_shown(rollouts, chain)
        self._to_come_P = tokens_to_come(rollouts, chain)
        self.counts = [Count() for _ in self._shown_P]
        self.log_belief_J = self._belief()

    def next_visit(self, left: int) -> tuple[int, Rollouts] | None:
        """The prefix to draw from and how, or None if all is settled, drawn, or too dear.

        Args:
            left: tokens that may still be computed.
        """
        num_most = self._rollouts.options.rollouts
        open_prefixes = [p for p in range(1, len(self.counts)) if self.counts[p].num_rollouts < num_most]
        if np.exp(self.log_belief_J).max() >= SETTLED or not open_prefixes:
            return None
        # With two rates alone, an outcome tells most where it is least known which of them it follows; the
        # expected entropy itself finds first errors no better. Of equals, the longest has the least to write.
        doubt_P = np.abs(shown(self.log_belief_J) - 0.5)
        prefix = min(open_prefixes, key=lambda p: (doubt_P[p], -p))
        rollouts = self._affordable(prefix, left)
        return None if rollouts is None else (prefix, rollouts)

    def learn(self, prefix: int, count: Count) -> None:
        self.counts[prefix] = _added(self.counts[prefix], count)
        self.log_belief_J = self._belief()

    def _affordable(self, prefix: int, left: int) -> Rollouts | None:
        """Rollouts that cannot cost more than what is left and can be as long as the chain, or None."""
        num_drawn = self.counts[prefix].num_rollouts
        needed = self._to_come_P[prefix]
        options = self._rollouts.options
        wanted = min(options.max_tokens, SLACK * needed + ROOM)
        for num in range(min(AT_ONCE, options.rollouts - num_drawn), 0, -1):
            affordable = (left - self._shown_P[prefix]) // num
            if affordable >= needed:
                # A prefix that is visited again needs other draws; at first they are those of Monte Carlo.
                seed = self._rollouts.seed
                return replace(
                    self._rollouts,
                    options=options.model_copy(
                        update={"rollouts": num, "max_tokens": min(wanted, affordable)}
                    ),
                    seed=draw_seed(seed, f"after {num_drawn}") if num_drawn else seed,
                )
        return None

    def _belief(self) -> Floats:
        right_P, wrong_P = np.array([[count.right, count.wrong] for count in self.counts]).T
        return update(self._log_prior_J, right_P, wrong_P, sound=SOUND, broken=BROKEN)


def _added(one: Count, other: Count) -> Count:
    return Count(
        right=one.right + other.right,
        wrong=one.wrong + other.wrong,
        undecided=one.undecided + other.undecided,
        cut_off=one.cut_off + other.cut_off,
    )
