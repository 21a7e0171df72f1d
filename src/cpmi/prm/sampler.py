"""The order in which chains are trained on: a function of their lengths, the batch size, seed and epoch.

transformers' own samplers draw from the process's generator; an order that does not is the same after a kill.
Chains of like length share a batch, so little padding is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

_POOL = 16  # batches within whose chains lengths are sorted: enough for the padding, few enough to stay mixed


class LengthSampler(Sampler[int]):
    """Shuffle the chains, sort each pool of 16 batches by length, cut it into batches, shuffle those.

    Within a batch the longest chain comes first. A last batch that is not full stays the last one.

    Args:
        lengths: of the chains, in tokens.
        batch_size: chains of one step of the optimizer: of all devices and accumulated batches together.
        seed: of the order.
    """

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int) -> None:
        self._lengths = np.asarray(lengths)
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the loader at the beginning of every epoch, a resumed one too."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        generator = np.random.default_rng((self._seed, self._epoch))
        order = generator.permutation(len(self._lengths))
        size, pool = self._batch_size, self._batch_size * _POOL
        batches: list[list[int]] = []
        for first in range(0, len(order), pool):
            some = order[first : first + pool]
            some = some[np.argsort(-self._lengths[some], kind="stable")]
            batches += [some[at : at + size].tolist() for at in range(0, len(some), size)]
        # A short batch stays the last one: in the middle it would shift the borders of all that follow.
        last = [batches.pop()] if batches and len(batches[-1]) < size else []
        for index in generator.permutation(len(batches)):
            yield from batches[index]
        for batch in last:
            yield from batch
