"""The score of a chain, made from the scores of its steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

from cpmi.errors import ConfigError
from cpmi.prm.options import Aggregation


def aggregate(scores: Sequence[float | None], how: Aggregation) -> float | None:
    """min, product, mean or the last of the step scores.

    Args:
        scores: [S >= 1] in [0, 1]; None for a step without a score.
        how: which.

    Returns:
        None if a step has no score.

    Raises:
        ConfigError: no such aggregation.
    """
    if how not in get_args(Aggregation):
        raise ConfigError(
            "unknown aggregation",
            where="option how",
            got=repr(how),
            expected=" or ".join(get_args(Aggregation)),
        )
    known = [score for score in scores if score is not None]
    if len(known) < len(scores):
        return None
    if how == "min":
        return min(known)
    if how == "product":
        return math.prod(known)
    return known[-1] if how == "last" else sum(known) / len(known)
