"""How far the fast path is from the plain one on this machine, with this model and dtype."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from cpmi.engines.transformers import naive
from cpmi.engines.transformers.engine import TransformersEngine
from cpmi.engines.transformers.finite import expect_numbers
from cpmi.requests import Branch, ScoreTree

_QUESTION = (
    "Problem: A crate holds 12 bottles. Mia fills 3 crates and drops 5 bottles. How many are left?\n\n"
)
_STEPS = (
    "Three crates hold 3 * 12 = 36 bottles.\n",
    "Mia drops 5 of them, so 36 - 5 = 31 bottles are left.\n",
    "So the number of bottles that are left is 31.\n",
)
_ANSWERS = (" 31\n", " 36\n", " 41\n", " 3.1\n", " 29\n")
_CUES = ("The answer is:", "Final answer:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Tree against plain on one built-in chain.

    Attributes:
        num_answers: answers compared.
        largest_nat: largest difference of an answer's summed log-probability.
        tree_s, plain_s: seconds each path took.
        tree_flops_per_s: floating-point operations a second of the tree path.
    """

    num_answers: int
    largest_nat: float
    tree_s: float
    plain_s: float
    tree_flops_per_s: float


def measure_spread(engine: TransformersEngine) -> Spread:
    """Score a built-in chain by both paths, prefix and single-step contexts.

    Args:
        engine: one whose path is "tree".

    Raises:
        NotANumberError: the model computes NaN.
    """
    trees = _trees(engine)
    engine.score(trees)  # warm up: the first forward allocates
    began = time.perf_counter()
    replies = engine.score(trees)
    tree_s = time.perf_counter() - began
    began = time.perf_counter()
    plain = [naive.score_tree(engine.model, tree) for tree in trees]
    plain_s = time.perf_counter() - began
    for reply in replies:
        for branch in reply.branches:
            expect_numbers(branch, "log-probabilities", dtype=engine.model.dtype)
    differences = [
        abs(sum(fast) - sum(slow))
        for reply, branches in zip(replies, plain, strict=True)
        for fast, slow in zip(reply.branches, branches, strict=True)
    ]
    return Spread(
        num_answers=len(differences),
        largest_nat=max(differences),
        tree_s=tree_s,
        plain_s=plain_s,
        tree_flops_per_s=sum(reply.usage.flops for reply in replies) / tree_s,
    )


def _trees(engine: TransformersEngine) -> Sequence[ScoreTree]:
    encode = engine.tokenizer.encode
    question = engine.tokenizer.prefix + encode(_QUESTION)
    steps = [encode(step) for step in _STEPS]
    ends = [len(question)]
    for step in steps:
        ends.append(ends[-1] + len(step))
    prefixes = [
        Branch(at=end, tokens=encode(cue) + encode(answer), num_context=len(encode(cue)))
        for end in ends
        for cue in _CUES
        for answer in _ANSWERS
    ]
    singles = [
        Branch(at=len(question), tokens=step + encode(_CUES[0]) + encode(answer), num_context=len(step))
        for step in steps
        for answer in _ANSWERS
    ]
    whole = question + tuple(token for step in steps for token in step)
    return [
        ScoreTree(shared_prefix=whole, branches=tuple(prefixes)),
        ScoreTree(shared_prefix=question, branches=tuple(singles)),
    ]
