"""A tiny method and its runs, for the tests of this folder; as a program, a run that can be killed.

python tiny.py OUT DELAY_S [LIMIT]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cpmi.engines.fake import CharacterTokenizer, FakeEngine
from cpmi.errors import RecordError
from cpmi.flows import Flow, sample, score
from cpmi.requests import Branch, Engine, SampleRequest, ScoreTree
from cpmi.runs.chunks import Shard
from cpmi.runs.label import Labeling
from cpmi.runs.manifest import Manifest
from cpmi.runs.records import Join
from cpmi.runs.stages import Progress, run_stage
from cpmi.runs.totals import Totals
from cpmi.types import Candidate, Chain, Origin, Rating, StepLabels

ENCODE = CharacterTokenizer().encode
NUM_CHAINS = 45  # six chunks, the last one shorter


class TinyLabeler:
    """Gold against one sampled answer after every prefix. Abstains at steps that say "?"."""

    name = "tiny"
    columns = ("gold",)
    needs_gold = True

    def label(self, chain: Chain) -> Flow[StepLabels]:
        if "impossible" in chain.question:
            raise RecordError("the question is impossible")
        prompt = ENCODE(chain.question)
        (drawn,) = yield from sample(
            [SampleRequest(prompt=prompt, num_samples=1, max_tokens=4, seed=len(prompt))]
        )
        answers = (chain.gold or "", "x" + drawn.texts[0])
        shared_prefix = ENCODE(chain.question + "".join(chain.steps))
        ends = [len(chain.question)]
        for step in chain.steps:
            ends.append(ends[-1] + len(step))
        branches = tuple(Branch(at=end, tokens=ENCODE(answer)) for answer in answers for end in ends)
        (reply,) = yield from score([ScoreTree(shared_prefix=shared_prefix, branches=branches)])
        sums = [sum(branch) for branch in reply.branches]
        gold, wrong = sums[: len(ends)], sums[len(ends) :]
        gains = [g - w for g, w in zip(gold[1:], wrong[1:], strict=True)]
        unsure = [index for index, step in enumerate(chain.steps) if "?" in step]
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=tuple(None if index in unsure else gain for index, gain in enumerate(gains)),
            unit="nat",
            candidates=(
                Candidate(text=answers[0], origin=Origin.GOLD),
                Candidate(text=answers[1], origin=Origin.SAMPLED),
            ),
            candidate_values=(tuple(gold), tuple(wrong)),
            parts={"gold": tuple(gold[1:])},
            abstained=dict.fromkeys(unsure, "unsure"),
        )


def chain(index: int, **changes: Any) -> Chain:
    made = Chain(
        id=f"chain-{index}",
        question=f"Question {index}: how many?",
        steps=tuple(
            f"Step {step}{'?' if (index + step) % 11 == 0 else '.'}" for step in range(1 + index % 4)
        ),
        gold=str(index * 7),
        ratings=(Rating.RIGHT,) * (1 + index % 4) if index % 2 else None,
        source=f"chains.jsonl, line {index + 1}",
    )
    return replace(made, **changes)


def all_chains() -> list[Chain | RecordError]:
    return [chain(index) for index in range(NUM_CHAINS)]


def run(
    out: Path,
    chains: Iterable[Chain | RecordError] | None = None,
    *,
    engine: Engine | None = None,
    shard: str = "0/1",
    limit: int | None = None,
    join: Join | None = None,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> Totals:
    manifest = Manifest(
        determines={"method": "tiny", "seed": seed},
        circumstances={"shard": shard, "out": str(out), "limit": limit},
    )
    return run_stage(
        Labeling(TinyLabeler(), engine or FakeEngine(), join=join),
        all_chains() if chains is None else chains,
        out=out,
        manifest=manifest,
        shard=Shard.parse(shard),
        limit=limit,
        progress=progress,
        **options,
    )


if __name__ == "__main__":
    run(
        Path(sys.argv[1]),
        engine=FakeEngine(delay_s=float(sys.argv[2])),
        limit=int(sys.argv[3]) if len(sys.argv) > 3 else None,
    )
