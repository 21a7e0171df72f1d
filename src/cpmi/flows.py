"""Flows: methods written as generators that yield requests and are sent the replies.

A flow never calls an engine. So it is one short file, it is tested with canned replies, and hundreds run
interleaved and fill a batch (the precedent is httpx's authentication flow).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from hashlib import sha256
from typing import TypeVar

from cpmi.requests import Reply, Request, SampleRequest, Samples, ScoreTree, TreeLogprobs

T = TypeVar("T")

Flow = Generator[tuple[Request, ...], tuple[Reply, ...], T]


def score(trees: Sequence[ScoreTree]) -> Flow[tuple[TreeLogprobs, ...]]:
    """Ask for trees, in a flow: `replies = yield from score(trees)`."""
    replies = yield tuple(trees)
    return tuple(_expect(reply, TreeLogprobs) for reply in replies)


def sample(requests: Sequence[SampleRequest]) -> Flow[tuple[Samples, ...]]:
    """Ask for samples, in a flow: `replies = yield from sample(requests)`."""
    replies = yield tuple(requests)
    return tuple(_expect(reply, Samples) for reply in replies)


def draw_seed(seed: int, record_id: str) -> int:
    """The seed of a record's draws: of the run's seed and the record's id, and of nothing else."""
    return int.from_bytes(sha256(f"{seed}:{record_id}".encode()).digest()[:8])


def _expect(reply: Reply, kind: type[T]) -> T:
    if not isinstance(reply, kind):
        raise TypeError(f"the engine answered with {type(reply).__name__}, expected {kind.__name__}")
    return reply
