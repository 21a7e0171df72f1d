"""What a model computes has to be numbers; NaN would pass unnoticed through sums and comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterable

from cpmi.errors import NotANumberError


def expect_numbers(values: Iterable[float], what: str, *, dtype: object) -> None:
    """Check values that a model computed.

    Args:
        values: scores or logits.
        what: they are.
        dtype: of the model, for the error.

    Raises:
        NotANumberError: one is NaN or infinite.
    """
    for value in values:
        if not math.isfinite(value):
            raise NotANumberError(
                f"the model computed {what} that are not numbers",
                got=f"{value} in {str(dtype).removeprefix('torch.')}",
                expected="finite numbers",
                hint="A dtype of 16 bits may be too narrow: use --dtype float32. Otherwise its weights are "
                "damaged.",
            )
