"""The beginning of a chain from one label set and the rest from another, both on one scale.

After the hybrid of arXiv 2604.10660, which mixes them raw. Axes: S steps, K first ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Source = Literal["first", "rest"]
Values = Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """One chain under two label sets.

    Attributes:
        targets: [S] None where neither set that may speak for the step does.
        sources: [S] the set that each target comes from; None where there is none.
        reasons: step index -> why its target is None; exactly these steps.
        stood_in: step index -> why the first set has nothing for one of the first K steps, where the other
            stands in.
    """

    targets: tuple[float | None, ...]
    sources: tuple[Source | None, ...]
    reasons: Mapping[int, str]
    stood_in: Mapping[int, str]


def merge(
    first: Values,
    rest: Values,
    num_first: int,
    *,
    first_reasons: Mapping[int, str],
    rest_reasons: Mapping[int, str],
) -> Merged:
    """The first K steps as the first set has them, the others as the other does.

    Where the first set has nothing for one of the first K steps, the other stands in. After them the first
    set is never asked.

    Args:
        first, rest: [S] targets on one scale.
        num_first: K.
        first_reasons, rest_reasons: why targets are None, by step.

    Raises:
        ValueError: the sets label different numbers of steps.
    """
    targets: list[float | None] = []
    sources: list[Source | None] = []
    reasons: dict[int, str] = {}
    stood_in: dict[int, str] = {}
    for index, (mine, theirs) in enumerate(zip(first, rest, strict=True)):
        early = index < num_first
        source: Source | None = None
        if early and mine is not None:
            source = "first"
        elif theirs is not None:
            source = "rest"
            if early:
                stood_in[index] = first_reasons[index]
        else:
            reasons[index] = (first_reasons if early else rest_reasons)[index]
        sources.append(source)
        targets.append(mine if source == "first" else theirs if source == "rest" else None)
    return Merged(targets=tuple(targets), sources=tuple(sources), reasons=reasons, stood_in=stood_in)


def overlap(first: Values, rest: Values, num_first: int) -> list[tuple[float, float]]:
    """The label pairs (rest, first) of the first K steps that both sets label."""
    pairs = zip(rest[:num_first], first[:num_first], strict=True)
    return [(theirs, mine) for theirs, mine in pairs if theirs is not None and mine is not None]
