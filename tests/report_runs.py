"""Invented run folders for the tests of the report: three methods over the same chains, with ratings.

As a program it makes a folder to look at:  python -m tests.report_runs OUT [--num 300]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from cpmi.runs.manifest import Manifest, write_manifest
from cpmi.runs.table import LabeledChain, encode, schema
from cpmi.runs.totals import Totals
from cpmi.storage import write_json
from cpmi.types import Candidate, Chain, Origin, Rating, StepLabels
from cpmi.usage import Usage

METHODS = ("cpmi", "net_gain", "monte_carlo")
NASTY = (
    "A script: </script><script>window.owned = 1</script>"
    '<img src=x onerror="window.owned = 2"> & <!-- $\\frac{1}{2}$'
)
PART_NAMES = {
    "cpmi": ("gold_gain", "wrong_gain", "step_logprob", "step_tokens"),
    "net_gain": ("value", "gain", "net", "step_logprob", "step_tokens"),
    "monte_carlo": ("successes", "rollouts", "undecided", "cut_off"),
}
_COSTS = {"cpmi": (27_000, 2_600, 106), "net_gain": (51_000, 880, 0), "monte_carlo": (120_000, 96_000, 7_900)}
_OPTIONS: dict[str, dict[str, Any]] = {
    "cpmi": {"context": "single_step", "num_negatives": 4, "num_variants": 4},
    "net_gain": {"pool": "max", "label": "value", "num_negatives": 5},
    "monte_carlo": {"num_rollouts": 8},
}
_SUBJECTS = ("Ann", "Tom", "Mira", "Otis", "Wen", "Lena")
_THINGS = ("apples", "pages", "tickets", "stamps", "liters of paint", "tiles")


def chains(num: int, *, seed: int = 0, rated: bool = True) -> list[Chain]:
    """Chains of two to eight steps; in every second one per step is wrong, and the answer with it."""
    rng = random.Random(seed)
    made = []
    for index in range(num):
        num_steps = rng.randint(2, 8)
        numbers = [rng.randint(2, 40) for _ in range(num_steps + 1)]
        sums = [sum(numbers[: i + 2]) for i in range(num_steps)]
        first_error = rng.randrange(num_steps) if index % 2 else None
        shown = [s + (3 if first_error is not None and i >= first_error else 0) for i, s in enumerate(sums)]
        who, what = rng.choice(_SUBJECTS), rng.choice(_THINGS)
        steps = [
            f"On day {i + 1} {who} adds {numbers[i + 1]} {what} to what was there before, so that makes "
            f"${numbers[0] if i == 0 else shown[i - 1]} + {numbers[i + 1]} = {shown[i]}$ {what} altogether."
            for i in range(num_steps)
        ]
        steps[-1] += f" The answer is \\boxed{{{shown[-1]}}}."
        question = (
            f"{who} has {numbers[0]} {what}. On each of the next {num_steps} days some are added: "
            f"{', '.join(map(str, numbers[1:]))}. How many {what} does {who} have in the end?"
        )
        made.append(
            Chain(
                id=f"chain-{index:03d}",
                question=NASTY if index == 3 else question,
                steps=(NASTY, *steps[1:]) if index == 3 else tuple(steps),
                gold=str(sums[-1]),
                answer=str(shown[-1]),
                ratings=_ratings(first_error, num_steps) if rated else None,
            )
        )
    return made


def _ratings(first_error: int | None, num_steps: int) -> tuple[Rating, ...]:
    if first_error is None:
        return (Rating.RIGHT,) * num_steps
    left = num_steps - first_error - 1
    return (Rating.RIGHT,) * first_error + (Rating.WRONG,) + (Rating.NOT_JUDGED,) * left


def write_runs(folder: Path, chains: Sequence[Chain], *, seed: int = 0) -> list[Path]:
    """Write one run folder a method; return the folders."""
    made = []
    for method in METHODS:
        rng = random.Random(f"{seed} {method}")
        rows = [
            LabeledChain(chain=t, labels=_labels(method, t, rng, abstains=index % 17 == 5))
            for index, t in enumerate(chains)
        ]
        made.append(write_run(folder / method, method, rows))
    return made


def write_run(out: Path, method: str, rows: Sequence[LabeledChain]) -> Path:
    """A finished run folder as `cpmi label` leaves it, as far as readers look."""
    out.mkdir(parents=True)
    (out / "labels.parquet").write_bytes(encode(rows, schema(method, PART_NAMES[method])))
    usage = sum((row.labels.usage for row in rows), Usage())
    usage = replace(usage, flops=usage.computed_tokens * 269_000_000, wall_s=usage.computed_tokens / 520)
    reasons = [reason for row in rows for reason in row.labels.abstained.values()]
    totals = Totals(
        num_chunks=1,
        num_records=len(rows),
        num_chains=len(rows),
        num_steps=sum(len(row.labels.values) for row in rows),
        num_tokenization_mismatches=0,
        abstained={reason: reasons.count(reason) for reason in sorted(set(reasons))},
        rejected={},
        usage=usage,
        wall_s=usage.wall_s,
    )
    write_json(out / "usage.json", {"num_chunks_of_input": 1, "totals": totals.to_json(), "chunks": []})
    write_manifest(
        out,
        Manifest(
            determines={
                "cpmi": "0.1.0",
                "versions": {"python": "3.11.7", "numpy": "2.4.6", "torch": "2.13.0+cpu"},
                "method": method,
                "options": _OPTIONS[method],
                "model": {"architecture": "LlamaForCausalLM", "parameters": 134_515_008, "dtype": "float32"},
                "input_sha256": "0cf54a217183ca2d",
            },
            circumstances={
                "input": "chains.jsonl",
                "gold": "gold.jsonl",
                "model": "smollm2-135m",
                "out": f"runs/{method}",
                "machine": {"cpu": "AMD EPYC", "cores": 2, "threads": 2, "platform": "Linux"},
            },
        ),
    )
    return out


def _labels(method: str, t: Chain, rng: random.Random, *, abstains: bool) -> StepLabels:
    """Values that sink at the first error, by an amount that depends on the method."""
    num_steps = len(t.steps)
    wrong_at = [i for i, r in enumerate(t.ratings or ()) if r is Rating.WRONG]
    usage = _usage(method, num_steps, rng)
    if abstains and method != "monte_carlo":
        reason = "no negative for a gold answer of type text"
        return StepLabels(
            chain_id=t.id,
            method=method,
            values=(None,) * num_steps,
            unit="nat",
            abstained=dict.fromkeys(range(num_steps), reason),
            usage=usage,
        )
    if method == "monte_carlo":
        return _rollout_labels(t, wrong_at, rng, usage)
    drop = {"cpmi": 0.5, "net_gain": 3.0}[method]
    gold, wrong = [-4.0 + rng.gauss(0, 1)], [-4.5 + rng.gauss(0, 1)]
    for i in range(num_steps):
        harm = drop if wrong_at and i >= wrong_at[0] else 0.0
        gold.append(gold[-1] + rng.gauss(0.35, 0.7) - harm * 0.5)
        wrong.append(wrong[-1] + rng.gauss(0.2, 0.7) + harm * 0.2)
    net = [g - w for g, w in zip(gold, wrong, strict=True)]
    gains = [after - before for before, after in pairwise(net)]
    values = gains if method == "cpmi" else [n - net[0] for n in net[1:]]
    parts: dict[str, Sequence[float]] = {
        "gold_gain": gains,
        "wrong_gain": gains,
        "value": values,
        "gain": gains,
        "net": net,
        "step_logprob": [rng.gauss(-30, 8) for _ in gains],
        "step_tokens": [30.0] * num_steps,
    }
    return StepLabels(
        chain_id=t.id,
        method=method,
        values=tuple(values),
        unit="nat",
        candidates=(
            Candidate(text=t.gold or "", origin=Origin.GOLD),
            Candidate(text=str(int(t.gold or 0) + 3) if (t.gold or "").isdigit() else "x", origin=Origin.OWN),
            Candidate(text="7", origin=Origin.RULE),
        ),
        candidate_values=(tuple(gold), tuple(wrong), tuple(w - 2.0 for w in wrong)),
        parts={name: tuple(parts[name]) for name in PART_NAMES[method]},
        marks={
            "mentions_gold": tuple((t.gold or "-") in s for s in t.steps),
            "mentions_candidate": (False,) * num_steps,
        },
        usage=usage,
    )


def _rollout_labels(t: Chain, wrong_at: Sequence[int], rng: random.Random, usage: Usage) -> StepLabels:
    chances = [
        0.08 if wrong_at and i >= wrong_at[0] else min(0.95, 0.5 + 0.45 * i / len(t.steps))
        for i in range(len(t.steps))
    ]
    successes = [sum(rng.random() < chance for _ in range(7)) for chance in chances]
    return StepLabels(
        chain_id=t.id,
        method="monte_carlo",
        values=tuple(count / 7 for count in successes),
        unit="probability",
        candidates=(Candidate(text=t.gold or "", origin=Origin.GOLD),),
        parts={
            "successes": tuple(map(float, successes)),
            "rollouts": (8.0,) * len(successes),
            "undecided": (0.0,) * len(successes),
            "cut_off": (1.0,) * len(successes),
        },
        usage=usage,
    )


def _usage(method: str, num_steps: int, rng: random.Random) -> Usage:
    scale = num_steps / 5 * rng.uniform(0.8, 1.2)
    logical, computed, generated = (round(cost * scale) for cost in _COSTS[method])
    return Usage(calls=1, unshared_tokens=logical, computed_tokens=computed, generated_tokens=generated)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--num", type=int, default=300)
    parser.add_argument("--processbench", type=Path, help="take the chains from this file of ProcessBench")
    arguments = parser.parse_args()
    made = chains(arguments.num)
    if arguments.processbench:
        made = _real_chains(arguments.processbench, arguments.num)
    write_runs(arguments.out, made)


def _real_chains(path: Path, num: int) -> list[Chain]:
    from cpmi.answers import extract_answer
    from cpmi.data import read_chains

    read = [t for t in read_chains(str(path)) if isinstance(t, Chain)]
    step = max(1, len(read) // num)
    made = []
    for t in read[::step][:num]:
        found = extract_answer(t.steps[-1])
        own = found.text if found else "0"
        wrong = t.ratings is not None and Rating.WRONG in t.ratings
        made.append(replace(t, answer=own, gold="42" if wrong else own))
    return made


if __name__ == "__main__":
    main()
