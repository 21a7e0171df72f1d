"""Schedule flows: run many of them interleaved, so that their requests fill batches.

A round asks each engine once for all trees and in batches for all samples that the live flows are waiting
for, in the order of the flows. So the batches depend on the flows alone, never on timing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from cpmi.errors import ContextTooLongError, CpmiError
from cpmi.flows import Flow
from cpmi.requests import Engine, Engines, Reply, Request, Role, SampleRequest, Samples, ScoreTree
from cpmi.runs.journal import Journal
from cpmi.runs.not_numbers import not_numbers
from cpmi.usage import Usage

T = TypeVar("T")

# Samples of one batch, which is what a kill can cost. An engine keeps several hundred in flight at once and
# is badly filled at the end of a batch, so a batch should be several times as long.
MAX_BATCH_SAMPLES = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[T]):
    """What became of one flow: what it returned or the CpmiError it ended with, and what it cost."""

    name: str
    result: T | CpmiError
    usage: Usage = field(default_factory=Usage)


def run_flows(
    flows: Sequence[tuple[str, Flow[T]]], engines: Engines, *, journal: Journal | None = None
) -> list[Outcome[T]]:
    """Run (name, flow) pairs to their end, interleaved; outcomes are in the order of the flows.

    With several engines, each gets the requests of its role, and the usage of a flow is its total over all.
    A request that exceeds the engine's context raises ContextTooLongError inside its own flow, and a reply
    with NaN raises NotANumberError; the flow may catch them. A flow that ends with a CpmiError has that error
    as its result, and the others go on.

    Args:
        flows: to be run.
        engines: the model, or the models by their roles.
        journal: keeps batches of samples and answers those that it holds; None to ask for all of them.

    Raises:
        StorageError: the journal cannot be written.
        KeyError: a flow asks a role that has no engine.
        Exception: whatever else a flow or the engine raises. A bug is not a bad record.
    """
    tasks = [_Task(name, flow) for name, flow in flows]
    try:
        for task in tasks:
            task.start()
        while live := [task for task in tasks if task.outcome is None]:
            for task in live:
                task.refuse_too_long(engines)
            asking = [task for task in live if task.outcome is None]
            requests = [request for task in asking for request in task.pending]
            replies = iter(_ask(engines, requests, journal))
            for task in asking:
                task.resume(tuple(next(replies) for _ in task.pending))
    finally:
        for task in tasks:
            task.flow.close()
    return [task.outcome for task in tasks if task.outcome is not None]


class _Task(Generic[T]):
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
        if (error := not_numbers(replies, self.name)) is not None:
            self._advance(partial(self.flow.throw, error))
            return
        self._advance(lambda: self.flow.send(replies))

    def refuse_too_long(self, engines: Engines) -> None:
        """Raise in the flow for as long as it asks for more positions than the model has."""
        while self.outcome is None and (error := self._too_long(engines)) is not None:
            self._advance(partial(self.flow.throw, error))

    def _advance(self, move: Callable[[], tuple[Request, ...]]) -> None:
        try:
            self.pending = move()
        except StopIteration as end:
            self._finish(end.value)
        except CpmiError as error:
            error.where = error.where or self.name  # a method does not know where its record stands
            self._finish(error)

    def _too_long(self, engines: Engines) -> ContextTooLongError | None:
        longest: dict[Role, int] = {}
        for request in self.pending:
            longest[request.role] = max(request.num_positions, longest.get(request.role, 0))
        for role, needed in longest.items():
            engine = _engine_of(role, engines)
            available = engine.max_positions
            if available is not None and needed > available:
                return ContextTooLongError(
                    "the chain does not fit into the model's context",
                    where=self.name,
                    got=f"{needed} tokens in the longest request",
                    expected=f"at most {available}, the context of {engine.name}",
                    hint="Use a model with a longer context, or --on-error skip to leave such chains out.",
                )
        return None

    def _finish(self, result: T | CpmiError) -> None:
        self.outcome = Outcome(name=self.name, result=result, usage=self.usage)


def _ask(engines: Engines, requests: Sequence[Request], journal: Journal | None) -> list[Reply]:
    """The replies in the order of the requests: one call of each engine for trees, one a batch of samples."""
    replies: dict[int, Reply] = {}
    for role in sorted({request.role for request in requests}):
        engine = _engine_of(role, engines)
        asked = [(at, request) for at, request in enumerate(requests) if request.role == role]
        trees = [(at, request) for at, request in asked if isinstance(request, ScoreTree)]
        prompts = [(at, request) for at, request in asked if isinstance(request, SampleRequest)]
        if trees:
            scored = engine.score([tree for _, tree in trees])
            replies |= {at: reply for (at, _), reply in zip(trees, scored, strict=True)}
        sampled: list[Samples] = []
        for batch in _batches([prompt for _, prompt in prompts]):
            sampled += engine.sample(batch) if journal is None else journal.sample(batch, engine.sample)
        replies |= {at: reply for (at, _), reply in zip(prompts, sampled, strict=True)}
    return [replies[at] for at in range(len(requests))]


def _batches(requests: Sequence[SampleRequest]) -> Iterator[list[SampleRequest]]:
    """Consecutive requests of at most MAX_BATCH_SAMPLES samples; a larger request stands alone."""
    batch: list[SampleRequest] = []
    num_samples = 0
    for request in requests:
        if batch and num_samples + request.num_samples > MAX_BATCH_SAMPLES:
            yield batch
            batch, num_samples = [], 0
        batch.append(request)
        num_samples += request.num_samples
    if batch:
        yield batch


def _engine_of(role: Role, engines: Engines) -> Engine:
    return engines[role] if isinstance(engines, Mapping) else engines
