"""Time, tokens and FLOPs of the tree path against the published procedure, in one run on one machine.

The published procedure forwards K·(S+1)·(1+M) full sequences a chain, in batches of 12 padded right in
natural order, and materializes the distribution over the vocabulary at every position. The tree path
computes the same log-probabilities, and each step's own besides; every answer is compared.

    make bench          the first ten ProcessBench gsm8k chains with SmolLM2-135M (needs CPMI_DATA)

Tree passes are timed before, between and after the slow one, and the rate of a 1024 x 1024 x 1024 float32
product is taken beside each, so that a change of the machine's speed shows.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch

from cpmi.answers import Equivalence
from cpmi.data import join_gold, read_chains, read_gold
from cpmi.engines.transformers import TransformersEngine, load_engine
from cpmi.engines.transformers.flops import flop_model
from cpmi.methods import Cpmi, NetGain, Setup
from cpmi.negatives import Negatives, near_miss_proposals
from cpmi.requests import ScoreTree
from cpmi.types import Chain
from cpmi.usage import Usage

PUBLISHED_BATCH = 12
TOLERANCE_NAT = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Trees of some chains; `num_answers` says how many first branches of each tree are answers."""

    trees: list[ScoreTree]
    num_answers: list[int]


def chains(data: Path, num_chains: int) -> list[Chain]:
    gold = read_gold(data / "gsm8k" / "test.jsonl")
    found = read_chains(data / "processbench" / "gsm8k.json")
    return [join_gold(t, gold) for t in islice(found, num_chains) if isinstance(t, Chain)]


def work(method: str, engine: TransformersEngine, chains: list[Chain]) -> Work:
    """The very trees the method asks for: one gold form, four rule-made negatives, four variants."""
    trees: list[ScoreTree] = []
    num_answers: list[int] = []
    with Equivalence() as equivalence:
        setup = Setup(tokenizers={"policy": engine.tokenizer}, equivalence=equivalence)
        negatives = Negatives(equivalence=equivalence, num_negatives=4)
        for chain in chains:
            assert chain.gold is not None
            candidates = negatives.select(chain.gold, near_miss_proposals(chain.gold))
            assert len(candidates.candidates) == 5, chain.id
            answers = (len(chain.steps) + 1) * 5
            if method == "cpmi":
                own = Cpmi(Cpmi.Options(), setup).trees(chain, candidates)
            else:
                own = [NetGain(NetGain.Options(), setup).tree(chain, candidates)]
                answers *= 4
            trees += own
            num_answers += [answers] * len(own)
    return Work(trees=trees, num_answers=num_answers)


def published(engine: TransformersEngine, tree: ScoreTree, num_answers: int) -> tuple[list[float], Usage]:
    """Every answer as a full sequence: summed log-probability of its scored tokens, and the cost."""
    flops = flop_model(engine.model, engine.model.get_output_embeddings())
    sums: list[float] = []
    usage = Usage()
    branches = tree.branches[:num_answers]
    for first in range(0, len(branches), PUBLISHED_BATCH):
        batch = branches[first : first + PUBLISHED_BATCH]
        ids, mask = padded([tree.shared_prefix[: branch.at] + branch.tokens for branch in batch])
        began = time.perf_counter()
        with torch.inference_mode():
            logits_BTV = engine.model(input_ids=ids, attention_mask=mask, use_cache=False).logits
            logits_BTV.float().log_softmax(-1)[:, :-1].gather(2, ids[:, 1:, None]).tolist()
        wall_s = time.perf_counter() - began
        # The comparison stands outside the clock and normalizes by logsumexp: log_softmax itself is off by
        # up to 3e-5 nat a token here.
        for branch, ids_T, logits_TV in zip(batch, ids, logits_BTV, strict=True):
            end = branch.at + len(branch.tokens)
            scored = slice(branch.at + branch.num_context - 1, end - 1)
            rows = logits_TV[scored]
            own = rows.gather(1, ids_T[scored.start + 1 : end, None])[:, 0] - rows.logsumexp(-1)
            sums.append(float(own.double().sum()))
        size = ids.numel()
        pairs = size * (ids.shape[1] + 1) // 2
        usage += Usage(
            computed_tokens=size, flops=flops.total(tokens=size, rows=size, pairs=pairs), wall_s=wall_s
        )
    return sums, usage


def padded(sequences: list[tuple[int, ...]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and mask [B, longest], padded on the right."""
    ids = torch.zeros((len(sequences), max(map(len, sequences))), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
    return ids, mask


def product_rate() -> float:
    """FLOP/s of a 1024³ float32 product: the median of nine."""
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    times = []
    for _ in range(9):
        began = time.perf_counter()
        torch.mm(a, b)
        times.append(time.perf_counter() - began)
    return float(2 * 1024**3 / statistics.median(times))


def timed_tree(engine: TransformersEngine, trees: list[ScoreTree]) -> tuple[float, Usage, list[list[float]]]:
    began = time.perf_counter()
    replies = engine.score(trees)
    wall_s = time.perf_counter() - began
    usage = sum((reply.usage for reply in replies), Usage())
    return wall_s, usage, [[sum(branch) for branch in reply.branches] for reply in replies]


def distinct_tokens(trees: list[ScoreTree]) -> int:
    """Distinct (tree, path) positions, counted by brute force from the paths themselves."""
    count = 0
    for tree in trees:
        paths = {tree.shared_prefix[: i + 1] for i in range(len(tree.shared_prefix))}
        for branch in tree.branches:
            sequence = tree.shared_prefix[: branch.at] + branch.tokens
            paths |= {sequence[: i + 1] for i in range(branch.at, len(sequence))}
        count += len(paths)
    return count


def resident_bytes(*, reset_peak: bool = False) -> int:
    """Peak resident memory since the last reset (Linux)."""
    if reset_peak:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def measure(method: str, engine: TransformersEngine, chains: list[Chain], ratios: list[str]) -> Iterator[str]:
    """Lines of the report of one method; the ratios are kept for the end."""
    asked = work(method, engine, chains)
    resident_bytes(reset_peak=True)
    timed_tree(engine, asked.trees)  # warm up
    rates, passes = [product_rate()], [timed_tree(engine, asked.trees)]
    peak_bytes = resident_bytes()
    slow, largest = Usage(), 0.0
    for index, (tree, num_answers) in enumerate(zip(asked.trees, asked.num_answers, strict=True)):
        sums, usage = published(engine, tree, num_answers)
        slow += usage
        fast = passes[0][2][index][:num_answers]
        largest = max(largest, *(abs(a - b) for a, b in zip(sums, fast, strict=True)))
        if index == len(asked.trees) // 2:
            rates.append(product_rate())
            passes.append(timed_tree(engine, asked.trees))
    rates.append(product_rate())
    passes.append(timed_tree(engine, asked.trees))
    fast_s, tree_usage = statistics.median(p[0] for p in passes), passes[0][1]
    rate = statistics.median(rates)
    slow_s = slow.wall_s
    distinct = distinct_tokens(asked.trees)
    wall, flops = slow_s / fast_s, slow.flops / tree_usage.flops
    weights = sum(p.numel() * p.element_size() for p in engine.model.parameters())
    yield f"{method}: {len(chains)} chains, {len(asked.trees)} trees, {sum(asked.num_answers)} answers"
    yield f"  largest difference of an answer     {largest:.1e} nat (must be at most {TOLERANCE_NAT:.0e})"
    yield f"  published procedure                 {slow_s:.1f} s, {slow.computed_tokens:,} tokens"
    yield f"  tree                                {fast_s:.2f} s, {tree_usage.computed_tokens:,} tokens"
    yield f"  tree passes                         {', '.join(f'{p[0]:.2f} s' for p in passes)}"
    yield f"  product rates                       {', '.join(f'{r / 1e9:.0f}' for r in rates)} GFLOP/s"
    yield f"  computed / distinct tokens          {tree_usage.computed_tokens / distinct:.3f}"
    yield f"  FLOP/s of the product's             {tree_usage.flops / fast_s / rate:.0%}"
    yield f"  FLOP/s of the product's, published  {slow.flops / slow_s / rate:.0%}"
    yield f"  peak memory above the weights       {(peak_bytes - weights) / 2**30:.2f} GiB"
    yield f"  wall ratio / FLOP ratio             {wall / flops:.2f}"
    tokens = slow.computed_tokens / tree_usage.computed_tokens
    for name, ratio in (("wall time", wall), ("computed tokens", tokens), ("FLOPs", flops)):
        ratios.append(f"{method:<9} {name:<16} {ratio:.1f}x")
    if largest > TOLERANCE_NAT:
        raise SystemExit(f"{method}: tree and published procedure differ by {largest} nat")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--chains", type=int, default=10)
    parser.add_argument("--methods", nargs="+", default=["cpmi", "net_gain"])
    parser.add_argument("--batch-tokens", type=int, default=None)
    arguments = parser.parse_args()
    data = os.environ.get("CPMI_DATA")
    if not data:
        sys.exit("CPMI_DATA is not set: it must name a folder that holds processbench/ and gsm8k/")
    engine = load_engine("smollm2-135m", batch_tokens=arguments.batch_tokens)
    read = chains(Path(data), arguments.chains)
    print(engine.describe(), flush=True)
    ratios: list[str] = []
    for method in arguments.methods:
        for line in measure(method, engine, read, ratios):
            print(line, flush=True)
    print("\n".join(ratios))


if __name__ == "__main__":
    main()
