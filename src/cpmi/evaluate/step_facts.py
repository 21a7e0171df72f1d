"""What measures need to know of steps beside their values, so that the texts need not be kept.

Axes: C chains, N steps of all chains.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cpmi.metrics.layout import Bools, Floats
from cpmi.types import Chain, Rating

RATINGS = tuple(Rating)
_UNRATED = len(RATINGS)
_CODES = {rating: code for code, rating in enumerate(RATINGS)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepFacts:
    """Of all steps, chain by chain.

    Attributes:
        length_N: characters.
        random_N: a uniform draw, from (seed, id of the chain), so that it does not depend on other chains.
        rating_N: the place in `RATINGS`, behind its end without one.
    """

    length_N: Floats
    random_N: Floats
    rating_N: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, chains: Sequence[Chain], seed: int) -> StepFacts:
        """Of at least one chain; `seed` is of the random draws."""
        return cls(
            length_N=np.array([len(step) for t in chains for step in t.steps], dtype=np.float64),
            random_N=np.concatenate([_draws(chain, seed) for chain in chains]),
            rating_N=np.array([code for t in chains for code in _codes(t)], dtype=np.uint8),
        )

    def only(self, keep_N: Bools) -> StepFacts:
        """Of some of the steps."""
        return StepFacts(
            length_N=self.length_N[keep_N], random_N=self.random_N[keep_N], rating_N=self.rating_N[keep_N]
        )


def _draws(chain: Chain, seed: int) -> Floats:
    digest = hashlib.sha256(f"{seed}\0{chain.id}".encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng(int.from_bytes(digest[:8])).random(len(chain.steps))


def _codes(chain: Chain) -> list[int]:
    if chain.ratings is None:
        return [_UNRATED] * len(chain.steps)
    return [_CODES[rating] for rating in chain.ratings]
