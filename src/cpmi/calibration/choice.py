"""The kinds of maps, and which one suits a rated set of a given size."""

from __future__ import annotations

from typing import Literal

RatedMap = Literal["platt", "isotonic"]

RANK_MAPS = ("robust", "quantile")
"""Their targets are ranks, not probabilities."""

MIN_ISOTONIC_STEPS = 1000
"""Below about a thousand samples isotonic regression overfits and Platt's two numbers do better
(Niculescu-Mizil and Caruana 2005, figure 8; scikit-learn's guide gives the same number)."""


def choose(num_rated_steps: int) -> RatedMap:
    """Isotonic from 1,000 rated steps with a label on, Platt below."""
    return "isotonic" if num_rated_steps >= MIN_ISOTONIC_STEPS else "platt"
