"""The world's problems and ratings as cpmi's records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from cpmi.embedded.world.check import rate
from cpmi.embedded.world.generate import Split, draw_problem
from cpmi.embedded.world.language import read_problem
from cpmi.errors import RecordError
from cpmi.types import Chain, Rating


def draw_records(
    num_problems: int, *, split: Split | str = Split.TEST, seed: int = 0, level: int | None = None
) -> Iterator[dict[str, str]]:
    """Problems as rows with `id`, `question`, `gold`, `level`; each depends on its index, not on how many."""
    for index in range(num_problems):
        problem = draw_problem(Random(f"{seed}:{split}:{level}:{index}"), split, level)
        yield {
            "id": f"world-{split}-{seed}-{index:05d}",
            "question": problem.text,
            "gold": problem.gold,
            "level": str(problem.level),
        }


def rate_chain(chain: Chain) -> Chain:
    """The chain with exact ratings; `meta["faults"]` says "index: fault (detail)" of every wrong step.

    Raises:
        RecordError: the question is not a problem of the world.
    """
    plan = read_problem(chain.question)
    if plan is None:
        raise RecordError(
            "the question is not a problem of the world",
            where=chain.where,
            got=chain.question[:80],
            expected="a problem from `cpmi world problems`",
            record_id=chain.id,
        )
    findings = rate(plan, chain.steps)
    faults = [
        f"{index}: {finding.fault} ({finding.detail})"
        for index, finding in enumerate(findings)
        if finding.rating is Rating.WRONG
    ]
    meta = {key: value for key, value in chain.meta.items() if key != "faults"}
    if faults:
        meta["faults"] = "; ".join(faults)
    return replace(chain, ratings=tuple(finding.rating for finding in findings), meta=meta)
