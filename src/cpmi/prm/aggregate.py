"""The score of a chain, made from the scores of its steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

from cpmi.errors import ConfigError
from cpmi.prm.options import Aggregation


def aggregate(scores: Sequence[float], how: Aggregation) -> float:
    """min, product, mean or the last of the step scores.

    Args:
        scores: [S >= 1] in [0, 1].
        how: which.

    Raises:
        ConfigError: no such aggregation.
    """
    if how == "min":
        return min(scores)
    if how == "product":
        return math.prod(scores)
    if how == "last":
        return scores[-1]
    if how == "mean":
        return sum(scores) / len(scores)
    raise ConfigError(
        "unknown aggregation", where="option how", got=repr(how), expected=" or ".join(get_args(Aggregation))
    )
