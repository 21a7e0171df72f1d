"""Does the world keep its promises? `python -m benchmarks.world_check [--chains FILE]`.

Draws problems, rates their solutions, plants faults; with --chains also plants faults into the right chains
of that file (sampled from a model, say).
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

from cpmi.data import read_chains
from cpmi.embedded.world import (
    PLANTED,
    Fault,
    Split,
    draw_problem,
    first_error,
    plant,
    rate,
    read_problem,
    solve,
)
from cpmi.embedded.world.plan import Plan
from cpmi.types import Chain

Planned = tuple[Plan, Sequence[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=10_000)
    parser.add_argument("--faults", type=int, default=5_000)
    parser.add_argument("--chains")
    arguments = parser.parse_args()
    random = Random(0)
    chains: list[Planned] = []
    num_right = num_steps = 0
    for index in range(arguments.problems):
        problem = draw_problem(random, tuple(Split)[index % 3])
        plan = read_problem(problem.text)
        assert plan is not None, problem.text
        steps = solve(plan, random)
        num_right += first_error(rate(plan, steps)) is None
        num_steps += len(steps)
        chains.append((plan, steps))
    print(f"{arguments.problems} problems, {num_steps} steps: {num_right} solutions all right")
    report("generated", chains, arguments.faults, random)
    if arguments.chains:
        sampled = [chain for read in read_chains(arguments.chains) if (chain := right_chain(read))]
        print(f"{len(sampled)} right chains in {arguments.chains}")
        report("sampled", sampled, arguments.faults, random)


def right_chain(read: object) -> Planned | None:
    if not isinstance(read, Chain) or (plan := read_problem(read.question)) is None:
        return None
    return None if first_error(rate(plan, read.steps)) is not None else (plan, read.steps)


def report(name: str, chains: Sequence[Planned], num_faults: int, random: Random) -> None:
    """Recall: faults found where and as planted. Precision: findings of a kind that were planted so."""
    planted: Counter[Fault] = Counter()
    found: Counter[Fault | None] = Counter()
    both: Counter[Fault] = Counter()
    for number, (fault, steps, index, plan) in enumerate(plantings(chains, random), start=1):
        findings = rate(plan, steps)
        first = first_error(findings)
        planted[fault] += 1
        found[None if first is None else findings[first].fault] += 1
        both[fault] += first == index and findings[index].fault is fault
        if number == num_faults:
            break
    print(f"{planted.total()} faults planted into {name} chains")
    for fault in PLANTED:
        if planted[fault]:
            recall, precision = both[fault] / planted[fault], both[fault] / max(found[fault], 1)
            print(f"  {fault:<24} {planted[fault]:5}  recall {recall:8.2%}  precision {precision:8.2%}")


def plantings(chains: Sequence[Planned], random: Random) -> Iterable[tuple[Fault, list[str], int, Plan]]:
    for _ in range(20):  # as often as it takes to plant enough
        for at, (plan, steps) in enumerate(chains):
            fault = PLANTED[(at + random.randrange(len(PLANTED))) % len(PLANTED)]
            done = plant(plan, steps, fault, random)
            if done is not None:
                yield fault, *done, plan


if __name__ == "__main__":
    main()
