"""Run folders with ratings, written as a run leaves them, for the tests of evaluation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from cpmi.runs.table import LabeledChain, encode, schema
from cpmi.types import Chain, Rating, StepLabels
from cpmi.usage import Usage

Values = Callable[[Chain], Sequence[float | None]]


def chain(index: int, first_error: int | None, num_steps: int, **changes: object) -> Chain:
    """A chain whose final answer is wrong if it holds an error; nothing is judged after the first."""
    ratings = [Rating.RIGHT] * num_steps
    if first_error is not None:
        ratings[first_error:] = [Rating.WRONG] + [Rating.NOT_JUDGED] * (num_steps - first_error - 1)
    generator = np.random.default_rng(index)
    facts: dict[str, object] = {
        "id": f"chain-{index}",
        "question": f"Question {index}?",
        "steps": tuple("x" * int(generator.integers(5, 60)) for _ in range(num_steps)),
        "gold": "7",
        "answer": "7" if first_error is None else "8",
        "ratings": tuple(ratings),
    }
    return Chain(**(facts | changes))  # type: ignore[arg-type]


def chains(num_chains: int, *, first: int = 0) -> list[Chain]:
    """Every second one wrong."""
    made = []
    for index in range(first, first + num_chains):
        generator = np.random.default_rng(1000 + index)
        num_steps = int(generator.integers(2, 8))
        made.append(chain(index, int(generator.integers(num_steps)) if index % 2 else None, num_steps))
    return made


def write_run(
    folder: Path,
    chains: Sequence[Chain],
    values: Values,
    *,
    method: str = "some",
    unit: str = "nat",
    printed: Callable[[Chain], Sequence[bool]] | None = None,
    belief: Callable[[Chain], Sequence[float]] | None = None,
    usage: Usage | None = None,
    wall_s: float = 10.0,
) -> Path:
    """A folder with labels.parquet and, if a usage is given, usage.json."""
    rows = []
    for chain in chains:
        found = tuple(values(chain))
        labels = StepLabels(
            chain_id=chain.id,
            method=method,
            values=found,
            unit=unit,
            parts={} if belief is None else {"belief": tuple(belief(chain))},
            marks={} if printed is None else {"mentions_candidate": tuple(printed(chain))},
            abstained={index: "unsure" for index, value in enumerate(found) if value is None},
        )
        rows.append(LabeledChain(chain=chain, labels=labels))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labels.parquet").write_bytes(
        encode(rows, schema(method, [] if belief is None else ["belief"]))
    )
    if usage is not None:
        num_steps = sum(len(chain.steps) for chain in chains)
        totals = {"usage": asdict(usage), "wall_s": wall_s, "num_steps": num_steps}
        (folder / "usage.json").write_text(json.dumps({"totals": totals}))
    return folder


def noise(seed: int, *, lowered: float = 0.0) -> Values:
    """Random values; those of first errors are lower by so much."""

    def values(chain: Chain) -> list[float]:
        generator = np.random.default_rng([seed, *chain.id.encode()])
        drawn = generator.normal(size=len(chain.steps))
        ratings = chain.ratings or ()
        if Rating.WRONG in ratings:
            drawn[ratings.index(Rating.WRONG)] -= lowered
        return [float(value) for value in drawn]

    return values
