"""What a tree of requests comes to, counted without its whole paths."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpmi.requests import Branch, ScoreTree, num_shared

TOKENS = st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple)


@st.composite
def trees(draw: st.DrawFn) -> ScoreTree:
    prefix = draw(TOKENS)
    at = st.integers(1, len(prefix))
    branches = st.lists(st.builds(Branch, at=at, tokens=TOKENS), min_size=1, max_size=8)
    return ScoreTree(shared_prefix=prefix, branches=tuple(draw(branches)))


@given(trees())
def test_distinct_tokens_are_the_nodes_of_the_trie_of_all_paths(tree: ScoreTree) -> None:
    paths = {tree.shared_prefix, *(tree.shared_prefix[: b.at] + b.tokens for b in tree.branches)}
    nodes = {path[:length] for path in paths for length in range(1, len(path) + 1)}
    assert tree.distinct_tokens == len(nodes)


@given(TOKENS, TOKENS, st.integers(0, 8))
def test_shared_tokens_from_a_place_on(left: tuple[int, ...], right: tuple[int, ...], start: int) -> None:
    rest = right[start:]
    lengths = [n for n in range(len(left) + 1) if left[:n] == rest[:n] and n <= len(rest)]
    assert num_shared(left, right, start=start) == max(lengths)


def _tree(num_steps: int) -> ScoreTree:
    prefix = tuple(range(30 * num_steps))
    ends = range(30, len(prefix) + 1, 30)
    judged = [Branch(at=end, tokens=(-1, -2, -marker)) for end in ends for marker in (3, 4)]
    own = [Branch(at=start, tokens=prefix[start:end]) for start, end in pairwise(ends)]
    return ScoreTree(shared_prefix=prefix, branches=(*judged, *own))


@pytest.mark.parametrize("num_steps", [2000])
def test_a_long_chain_takes_little_memory(num_steps: int) -> None:
    tree = _tree(num_steps)
    tracemalloc.start()
    assert tree.distinct_tokens == 30 * num_steps + 4 * num_steps
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4e6  # its whole paths are 120 million tokens
