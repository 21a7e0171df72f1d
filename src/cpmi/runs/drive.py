"""Drive flows: run many of them interleaved, so that their requests fill batches.

A round asks the engine once for all trees and once for all samples that the live flows are waiting for,
in the order of the flows. So the batches depend on the flows alone, never on timing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from cpmi.errors import ContextTooLongError, CpmiError
from cpmi.flows import Flow
from cpmi.requests import Engine, Reply, Request, SampleRequest, ScoreTree
from cpmi.usage import Usage

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[T]):
    """What became of one flow: what it returned or the CpmiError it ended with, and what it cost."""

    name: str
    result: T | CpmiError
    usage: Usage = field(default_factory=Usage)


def drive(flows: Sequence[tuple[str, Flow[T]]], engine: Engine) -> list[Outcome[T]]:
    """Run (name, flow) pairs to their end, interleaved; outcomes stand in the order of the flows.

    A request that exceeds the engine's context raises ContextTooLongError inside its own flow, which may
    catch it. A flow that ends with a CpmiError has that error as its result, and the others go on.

    Raises:
        Exception: whatever else a flow or the engine raises. A bug is not a bad record.
    """
    lanes = [_Lane(name, flow) for name, flow in flows]
    try:
        for lane in lanes:
            lane.start()
        while live := [lane for lane in lanes if lane.outcome is None]:
            for lane in live:
                lane.refuse_too_long(engine)
            asking = [lane for lane in live if lane.outcome is None]
            replies = iter(_ask(engine, [request for lane in asking for request in lane.pending]))
            for lane in asking:
                lane.resume(tuple(next(replies) for _ in lane.pending))
    finally:
        for lane in lanes:
            lane.flow.close()
    return [lane.outcome for lane in lanes if lane.outcome is not None]


class _Lane(Generic[T]):
    """One flow on its way: what it waits for, what it has cost, what became of it."""

    def __init__(self, name: str, flow: Flow[T]) -> None:
        self.name = name
        self.flow = flow
        self.pending: tuple[Request, ...] = ()
        self.usage = Usage()
        self.outcome: Outcome[T] | None = None

    def start(self) -> None:
        self._advance(lambda: next(self.flow))

    def resume(self, replies: tuple[Reply, ...]) -> None:
        for reply in replies:
            self.usage += reply.usage
        self._advance(lambda: self.flow.send(replies))

    def refuse_too_long(self, engine: Engine) -> None:
        """Raise in the flow for as long as it asks for more positions than the model has."""
        while self.outcome is None and (error := self._too_long(engine)) is not None:
            self._advance(partial(self.flow.throw, error))

    def _advance(self, move: Callable[[], tuple[Request, ...]]) -> None:
        try:
            self.pending = move()
        except StopIteration as end:
            self._finish(end.value)
        except CpmiError as error:
            error.where = error.where or self.name  # a method does not know where its record stands
            self._finish(error)

    def _too_long(self, engine: Engine) -> ContextTooLongError | None:
        available = engine.max_positions
        needed = max((request.num_positions for request in self.pending), default=0)
        if available is None or needed <= available:
            return None
        return ContextTooLongError(
            "the chain does not fit into the model's context",
            where=self.name,
            got=f"{needed} tokens in the longest request",
            expected=f"at most {available}, the context of {engine.name}",
            hint="Use a model with a longer context, or --on-error skip to leave such chains out.",
        )

    def _finish(self, result: T | CpmiError) -> None:
        self.outcome = Outcome(name=self.name, result=result, usage=self.usage)


def _ask(engine: Engine, requests: Sequence[Request]) -> list[Reply]:
    """The replies in the order of the requests, by one call of the engine for each kind."""
    trees = [(at, request) for at, request in enumerate(requests) if isinstance(request, ScoreTree)]
    prompts = [(at, request) for at, request in enumerate(requests) if isinstance(request, SampleRequest)]
    replies: dict[int, Reply] = {}
    if trees:
        scored = engine.score([tree for _, tree in trees])
        replies |= {at: reply for (at, _), reply in zip(trees, scored, strict=True)}
    if prompts:
        sampled = engine.sample([prompt for _, prompt in prompts])
        replies |= {at: reply for (at, _), reply in zip(prompts, sampled, strict=True)}
    return [replies[at] for at in range(len(requests))]
