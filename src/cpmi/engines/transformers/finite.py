"""What a model computes has to be numbers; NaN would pass unnoticed through sums and comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterable

from cpmi.errors import NotANumberError


def expect_numbers(values: Iterable[float], what: str) -> None:
    """Check values that a model computed.

    Args:
        values: log-probabilities, scores or logits.
        what: they are.

    Raises:
        NotANumberError: one is NaN.
    """
    if any(map(math.isnan, values)):
        raise NotANumberError(
            f"the model computed {what} that are not numbers",
            got="NaN",
            hint="Its dtype may be too narrow: use --dtype float32. Otherwise its weights are damaged.",
        )
