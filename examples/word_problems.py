"""Generate word problems with worked solutions, some of them with one corrupted step; write cpmi's JSONL.

    python examples/word_problems.py OUT.jsonl [--num 20] [--seed 3]

Half of the chains get an error: one number that a step computes is changed, and where later steps use it,
the wrong number replaces the right one; what they compute from it stays. Ratings: RIGHT before the corrupted
step, WRONG at it, not judged after it.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import reasoning_gym

from cpmi.data import write_jsonl
from cpmi.types import Rating, Trajectory

RESULT = re.compile(r"= *\$?(\d+)(?![\d.]|\s*[-+*/x])")


def chains(num: int, seed: int) -> Iterator[Trajectory]:
    """Alternately a right chain and one with a corrupted step."""
    rng = random.Random(seed)
    found = 0
    for index, item in enumerate(reasoning_gym.create_dataset("gsm_symbolic", size=num * 4, seed=seed)):
        steps = [s for s in item["metadata"]["answer_cot"].split("\n") if s.strip() and s[:4] != "####"]
        question = item["question"].removesuffix(
            " Give the result as your final answer. Do not include units."
        )
        if len(steps) < 2 or "." in item["answer"]:
            continue
        chain = Trajectory(
            id=f"word-{index:03d}",
            question=question,
            steps=tuple(steps),
            gold=item["answer"],
            ratings=(Rating.RIGHT,) * len(steps),
        )
        if found % 2:
            corrupted = corrupt(chain, rng)
            if corrupted is None:
                continue
            chain = corrupted
        found += 1
        yield chain


def corrupt(chain: Trajectory, rng: random.Random) -> Trajectory | None:
    """The chain with one computed number changed from its step on, or None if no step computes one."""
    places = [i for i, step in enumerate(chain.steps) if RESULT.search(step)]
    if not places:
        return None
    at = rng.choice(places)
    number = RESULT.search(chain.steps[at])[1]
    wrong = str(max(1, int(number) + rng.choice([-10, -2, -1, 1, 2, 10])))
    if wrong == number:
        return None
    whole = re.compile(rf"(?<![\d.]){number}(?![\d.]*\d)")
    first = RESULT.sub(lambda m: m[0].replace(number, wrong), chain.steps[at], count=1)
    later = [whole.sub(wrong, step) for step in chain.steps[at + 1 :]]
    num_after = len(chain.steps) - at - 1
    return replace(
        chain,
        steps=(*chain.steps[:at], first, *later),
        ratings=(Rating.RIGHT,) * at + (Rating.WRONG,) + (Rating.NOT_JUDGED,) * num_after,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--num", type=int, default=20)
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    num = write_jsonl(islice(chains(arguments.num, arguments.seed), arguments.num), arguments.out)
    print(f"{num} chains written to {arguments.out}")


if __name__ == "__main__":
    main()
