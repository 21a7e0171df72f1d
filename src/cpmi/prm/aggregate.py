"""The score of a chain, made from the scores of its steps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cpmi.prm.options import Aggregation


def aggregate(scores: Sequence[float | None], how: Aggregation) -> float | None:
    """min, product, mean or the last of the step scores; None where a step has none.

    Args:
        scores: [S >= 1] in [0, 1].
        how: which.
    """
    known = [score for score in scores if score is not None]
    if len(known) < len(scores) or not known:
        return None
    if how == "min":
        return min(known)
    if how == "product":
        return math.prod(known)
    return known[-1] if how == "last" else sum(known) / len(known)
