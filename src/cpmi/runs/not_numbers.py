"""Replies of an engine that are no log-probabilities concern the record that asked, and no other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cpmi.errors import NotANumberError
from cpmi.requests import Reply, TreeLogprobs


def not_numbers(replies: Sequence[Reply], where: str) -> NotANumberError | None:
    """The error of replies that hold NaN or plus infinity; None if there are none.

    Minus infinity is the log-probability of what a model excludes, on which methods abstain.

    Args:
        replies: to one flow.
        where: its record.
    """
    for reply in replies:
        if isinstance(reply, TreeLogprobs) and not sum(map(sum, reply.branches)) < math.inf:
            return NotANumberError(
                "the model computed log-probabilities that are not numbers",
                where=where,
                got="NaN or infinity",
                expected="finite numbers",
                hint="A dtype of 16 bits may be too narrow: use --dtype float32; --on-error skip leaves such "
                "records out. Otherwise the weights of the model are damaged.",
            )
    return None
