"""Pack score trees into one flat row of tokens in which every distinct token stands once.

A tree becomes: its shared prefix, then the tries of its branches, one trie for each position of the shared
prefix they leave from. Leaves are scored but never read, so they are not forwarded at all. Trees stand one
after the other in the row without padding; who sees whom is said by blocks, so nothing is spent on pairs that
do not see each other.

Letters: N tokens in the row, R vocabulary rows, E scored edges (an edge = one token predicted at one node).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cpmi.requests import ScoreTree, num_shared

# Subtrees that leave the shared prefix at the same position are joined into one attention block until it is
# this long: fewer blocks mean fewer calls, longer blocks mean more pairs that do not see each other.
BLOCK_TOKENS = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Queries `start:stop` see keys `shared_start : shared_start + num_shared` and some of their own.

    `visible` [stop-start, stop-start] says which of themselves (ancestors and self);
    None means causal.
    """

    start: int
    stop: int
    shared_start: int
    num_shared: int
    visible: npt.NDArray[np.bool_] | None

    @property
    def num_pairs(self) -> int:
        """Query-key pairs the block computes, masked ones included."""
        size = self.stop - self.start
        return size * (size + 1) // 2 if self.visible is None else size * (size + self.num_shared)


@dataclass(slots=True, kw_only=True)
class PackedTree:
    """One tree laid out from row position 0.

    tokens, positions [N]; edges are (row index of the predicting node, token); branch_edges names, for
    every branch, its scored edges in order.
    """

    tokens: list[int]
    positions: list[int]
    blocks: list[Block]
    edges: list[tuple[int, int]]
    branch_edges: list[list[int]]
    num_rows: int = 0


@dataclass(slots=True)
class _Node:
    """A trie node. `index` is its place in the row, or -1 for a leaf, which is not forwarded."""

    token: int
    children: dict[int, _Node] = field(default_factory=dict)
    index: int = -1


def pack_tree(tree: ScoreTree) -> PackedTree:
    """Lay one tree out: shared prefix first, then the tries by the position they leave from."""
    length = len(tree.shared_prefix)
    packed = PackedTree(
        tokens=list(tree.shared_prefix),
        positions=list(range(length)),
        blocks=[Block(start=0, stop=length, shared_start=0, num_shared=0, visible=None)],
        edges=[],
        branch_edges=[],
    )
    # Leading tokens of a branch that repeat the shared prefix are not laid out again.
    shared = [num_shared(branch.tokens, tree.shared_prefix, start=branch.at) for branch in tree.branches]
    roots: dict[int, _Node] = {}
    for branch, along in zip(tree.branches, shared, strict=True):
        node = roots.setdefault(branch.at + along, _Node(token=-1))
        for token in branch.tokens[along:]:
            node = node.children.setdefault(token, _Node(token=token))
    for at, root in sorted(roots.items()):
        root.index = at - 1
        _lay_out(packed, at, root)
    _number_edges(packed, tree, shared, roots)
    return packed


def _number_edges(
    packed: PackedTree, tree: ScoreTree, shared: Sequence[int], roots: dict[int, _Node]
) -> None:
    """Fill `edges` with the distinct scored predictions and `branch_edges` with each branch's own."""
    edge_of: dict[tuple[int, int], int] = {}
    for branch, along in zip(tree.branches, shared, strict=True):
        predictors = list(range(branch.at - 1, branch.at + along - 1))
        node = roots[branch.at + along]
        for token in branch.tokens[along:]:
            predictors.append(node.index)
            node = node.children[token]
        scored = list(zip(predictors, branch.tokens, strict=True))[branch.num_context :]
        packed.branch_edges.append([edge_of.setdefault(edge, len(edge_of)) for edge in scored])
    packed.edges.extend(edge_of)
    packed.num_rows = len({predictor for predictor, _ in edge_of})


def _lay_out(packed: PackedTree, at: int, root: _Node) -> None:
    """Append the trie under `root` in depth-first order, its subtrees grouped into blocks."""
    start = len(packed.tokens)
    ancestors: list[list[int]] = []  # for every node of the open block: itself and what it sees of the block

    def close() -> None:
        nonlocal start, ancestors
        if ancestors:
            visible = np.zeros((len(ancestors), len(ancestors)), dtype=np.bool_)
            for query, seen in enumerate(ancestors):
                visible[query, seen] = True
            stop = start + len(ancestors)
            packed.blocks.append(
                Block(start=start, stop=stop, shared_start=0, num_shared=at, visible=visible)
            )
        start, ancestors = len(packed.tokens), []

    for child in root.children.values():
        if len(ancestors) + _num_forwarded(child) > BLOCK_TOKENS:
            close()
        stack: list[tuple[_Node, int, list[int]]] = [(child, at, [])]
        while stack:
            node, position, above = stack.pop()
            if not node.children:
                continue  # a leaf is predicted, never read
            node.index = len(packed.tokens)
            seen = [*above, node.index - start]
            packed.tokens.append(node.token)
            packed.positions.append(position)
            ancestors.append(seen)
            stack.extend((grandchild, position + 1, seen) for grandchild in reversed(node.children.values()))
    close()


def _num_forwarded(node: _Node) -> int:
    """How many nodes of this subtree have children, hence are forwarded."""
    count, stack = 0, [node]
    while stack:
        top = stack.pop()
        if top.children:
            count += 1
            stack.extend(top.children.values())
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedBatch:
    """Packed trees side by side in one row. `offsets` [trees] is where each begins."""

    trees: tuple[PackedTree, ...]
    offsets: tuple[int, ...]

    @property
    def num_tokens(self) -> int:
        return sum(len(tree.tokens) for tree in self.trees)

    def blocks(self) -> Iterator[Block]:
        """All blocks in row order, moved to their place. Together they cover every token once."""
        for tree, offset in zip(self.trees, self.offsets, strict=True):
            for block in tree.blocks:
                yield Block(
                    start=block.start + offset,
                    stop=block.stop + offset,
                    shared_start=offset,
                    num_shared=block.num_shared,
                    visible=block.visible,
                )


def batches(
    trees: Sequence[PackedTree], *, batch_tokens: int, batch_rows: int
) -> Iterator[tuple[list[int], PackedBatch]]:
    """Fill batches in order, with the indices of the trees in each.

    The plan depends on the trees alone, not on what was computed before, so that a resumed run computes the
    same batches. A tree larger than the limits stands alone.
    """
    chosen: list[int] = []
    tokens = rows = 0
    for index, tree in enumerate(trees):
        if chosen and (tokens + len(tree.tokens) > batch_tokens or rows + tree.num_rows > batch_rows):
            yield chosen, _side_by_side([trees[i] for i in chosen])
            chosen, tokens, rows = [], 0, 0
        chosen.append(index)
        tokens += len(tree.tokens)
        rows += tree.num_rows
    if chosen:
        yield chosen, _side_by_side([trees[i] for i in chosen])


def _side_by_side(trees: list[PackedTree]) -> PackedBatch:
    ends = np.cumsum([0, *(len(tree.tokens) for tree in trees)])
    return PackedBatch(trees=tuple(trees), offsets=tuple(int(end) for end in ends[:-1]))
