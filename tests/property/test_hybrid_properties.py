"""What holds of every hybrid, whatever the labels."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cpmi.calibration import merge, targets_of
from cpmi.targets.rated import isotonic_curve

shares = st.integers(0, 8).map(lambda n: n / 8)
labels = st.integers(-6, 6).map(float) | st.floats(-1e3, 1e3)
steps = st.lists(st.tuples(st.none() | shares, st.none() | labels), min_size=1, max_size=12)


@given(steps, st.integers(1, 14), st.lists(st.tuples(labels, shares), min_size=2, max_size=30))
def test_order_within_the_rest_is_kept(
    chain: list[tuple[float | None, float | None]], num_first: int, fitted: list[tuple[float, float]]
) -> None:
    pytest.importorskip("sklearn")
    pairs = np.array(fitted)
    assume(np.ptp(pairs[:, 0]) > 0)
    first, rest = (tuple(column) for column in zip(*chain, strict=True))
    mapped = targets_of(isotonic_curve(pairs[:, 0], pairs[:, 1]), rest)
    reasons = dict.fromkeys(range(len(chain)), "none")
    found = merge(first, mapped, num_first, first_reasons=reasons, rest_reasons=reasons)
    of_rest = [step for step, source in enumerate(found.sources) if source == "rest"]
    for a, b in combinations(of_rest, 2):
        if rest[a] < rest[b]:
            assert found.targets[a] <= found.targets[b]
        elif rest[a] == rest[b]:
            assert found.targets[a] == found.targets[b]
    assert all(target is None or 0 <= target <= 1 for target in found.targets)


@given(steps, st.integers(1, 14))
def test_every_step_has_one_source_or_a_reason(
    chain: list[tuple[float | None, float | None]], num_first: int
) -> None:
    first, rest = (tuple(column) for column in zip(*chain, strict=True))
    reasons = dict.fromkeys(range(len(chain)), "none")
    found = merge(first, rest, num_first, first_reasons=reasons, rest_reasons=reasons)
    for step, (target, source) in enumerate(zip(found.targets, found.sources, strict=True)):
        assert target == {"first": first[step], "rest": rest[step], None: None}[source]
        assert (source is None) == (step in found.reasons)
        assert (step in found.stood_in) == (source == "rest" and step < num_first)
        assert source != "first" or step < num_first
