"""Rated chains on small sums, for the tests of reward models."""

from __future__ import annotations

from pathlib import Path

from cpmi.data import write_jsonl
from cpmi.types import Chain, Rating

OPTIONS = {"base": "embedded", "lr": 1e-3, "head_lr": 1e-2, "threads": 1}


def chain(index: int) -> Chain:
    """Two chains a problem; the second one is wrong in its second step."""
    a, b, slip = index % 9 + 1, index % 7 + 2, 3 * (index % 2)
    steps = (f"Tom has {a} + {b} = {a + b} apples.", f"So {a + b} - 1 = {a + b - 1 + slip}.", "That is all.")
    ratings = (Rating.RIGHT, Rating.WRONG, Rating.NOT_JUDGED) if slip else (Rating.RIGHT,) * 3
    return Chain(
        id=f"chain-{index}",
        question=f"On day {index // 2} Tom has {a - index % 2} apples and {b} more. He eats one.",
        steps=steps,
        gold=str(a + b - 1),
        ratings=ratings,
    )


def write_chains(path: Path, num_chains: int) -> Path:
    write_jsonl((chain(index) for index in range(num_chains)), path)
    return path
