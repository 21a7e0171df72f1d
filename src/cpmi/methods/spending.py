"""What a chain may cost: the price of full Monte Carlo, and a meter that lets no request exceed a budget.

Costs are tokens computed: positions that go through the model's body.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import TypeVar

from cpmi.errors import ContextTooLongError, RecordError
from cpmi.flows import Flow
from cpmi.methods.rollouts import Rollouts
from cpmi.requests import Reply, Request, ScoreTree
from cpmi.types import Chain

T = TypeVar("T")


def tokens_shown(rollouts: Rollouts, chain: Chain) -> list[int]:
    """Tokens of the prompt that shows the first p steps, [P]."""
    question = rollouts.prompter.question(rollouts.prompter.templates[0], chain.question)
    steps = map(rollouts.prompter.step, chain.steps)
    return list(accumulate(map(len, steps), initial=len(question)))


def tokens_to_come(rollouts: Rollouts, chain: Chain) -> list[int]:
    """Tokens that a rollout of the chain's own length takes after the first p steps, [P].

    What the chain itself still has from there on, and one for the end; never more than `max_tokens`.
    """
    shown = tokens_shown(rollouts, chain)
    return [min(shown[-1] - before + 1, rollouts.options.max_tokens) for before in shown]


def full_cost(rollouts: Rollouts, chain: Chain) -> int:
    """Tokens that full Monte Carlo of a chain is expected to compute.

    The chain once, and N rollouts of the chain's own length after each of the prefixes 1..S. A function of
    the chain and the tokenizer alone.
    """
    to_come = tokens_to_come(rollouts, chain)
    return tokens_shown(rollouts, chain)[-1] + rollouts.options.rollouts * sum(to_come[1:])


class Meter:
    """Lets requests pass as long as they cannot exceed a limit, and counts what they really cost.

    The bound on a request is strict for engines that compute every distinct token of a request once at most
    and pad nothing, as the tree path and `FakeEngine` do, whatever else is in the batch: a tree costs at most
    its distinct tokens, samples at most their prompt and all tokens they may draw. The plain path pads what
    it batches and computes a shared prefix once per branch; there a request can cost more than its bound, and
    the next ones are refused.

    Args:
        limit: tokens computed, of one chain.
        full: the chain's `full_cost`, for what is said of the limit.
        record: id of the chain.

    Attributes:
        spent: tokens that the replies so far have cost.
    """

    def __init__(self, limit: int, *, full: int, record: str) -> None:
        self._limit = limit
        self._full = full
        self._record = record
        self.spent = 0

    @classmethod
    def of_share(cls, share: float, rollouts: Rollouts, chain: Chain) -> Meter:
        """A limit that is a share of the chain's full cost, rounded down."""
        full = full_cost(rollouts, chain)
        # Rounded first: 0.29 · 100 is a hair below 29 in floating point.
        return cls(math.floor(round(share * full, 6)), full=full, record=chain.id)

    @property
    def left(self) -> int:
        return self._limit - self.spent

    def through(self, flow: Flow[T]) -> Flow[T]:
        """The same flow, whose requests pass the meter.

        Raises:
            RecordError: what it asks next could exceed the limit. Nothing of it is asked.
        """
        move: Callable[[], tuple[Request, ...]] = partial(next, flow)
        try:
            while True:
                try:
                    requests = move()
                except StopIteration as end:
                    result: T = end.value
                    return result
                self._admit(requests)
                try:
                    replies = yield requests
                except ContextTooLongError as error:
                    move = partial(flow.throw, error)
                    continue
                self._pay(replies)
                move = partial(flow.send, replies)
        finally:
            flow.close()

    def _admit(self, requests: Sequence[Request]) -> None:
        needed = self.spent + sum(map(bound, requests))
        if needed <= self._limit:
            return
        smallest = math.ceil(1000 * needed / self._full) / 10
        raise RecordError(
            "the budget is too small for the first pass over the chain",
            got=f"{self._limit} of the {self._full} tokens of full Monte Carlo",
            expected=f"at least {needed}",
            hint=f"The smallest --budget that would do for this chain is {smallest}%; "
            "or use --on-error skip to leave such chains out.",
            record_id=self._record,
        )

    def _pay(self, replies: Sequence[Reply]) -> None:
        self.spent += sum(reply.usage.computed_tokens for reply in replies)


def bound(request: Request) -> int:
    """The most tokens that a request can make an engine compute that shares and pads nothing."""
    if isinstance(request, ScoreTree):
        return request.distinct_tokens
    return len(request.prompt) + request.num_samples * request.max_tokens
