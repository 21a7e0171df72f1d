"""Labels of `pav` and `binary_search` from rollouts that are drawn already.

Both draw the rollouts of `monte_carlo`, and from the bare question: a draw's seed depends on the chain, the
prefix and the run's seed only. So their labels are computed here from the counts of both, by the methods'
own code. `binary_search` is run for itself on the timed chains, which shows how far counts differ that were
drawn in other batches: in bfloat16 a batch moves log-probabilities.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpmi.answers import Equivalence
from cpmi.engines.fake import CharacterTokenizer
from cpmi.methods import METHODS, Method, Setup
from cpmi.methods.rollouts import Count
from cpmi.runs.folder import claim
from cpmi.runs.manifest import Manifest
from cpmi.runs.table import TABLE_NAME, LabeledChain, encode, read_labels, schema
from cpmi.types import ROLLOUT_PARTS, Chain, StepLabels

Counts = Mapping[tuple[str, int], Count]
"""Of the rollouts by chain and prefix."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Stands where a method has its `Rollouts`, and asks no model."""

    counts: Counts

    def count(self, chain: Chain, prefixes: Sequence[int]) -> Generator[Any, Any, tuple[Count, ...]]:
        yield from ()
        return tuple(self.counts[chain.id, prefix] for prefix in prefixes)

    def num_tokenization_mismatches(self, chain: Chain, num_steps: int | None = None) -> int:
        del chain, num_steps
        return 0


def read_counts(folder: Path, *, first: int) -> dict[tuple[str, int], Count]:
    """The counts of a run.

    Args:
        folder: of the run.
        first: the prefix that its columns begin with.
    """
    counts = {}
    for row in read_labels(folder):
        columns = (map(int, row.labels.parts[name]) for name in ROLLOUT_PARTS)
        for prefix, (right, drawn, undecided, cut_off) in enumerate(zip(*columns, strict=True), start=first):
            wrong = drawn - right - undecided - cut_off
            count = Count(right=right, wrong=wrong, undecided=undecided, cut_off=cut_off)
            counts[row.chain.id, prefix] = count
    return counts


def derive(name: str, chains: Sequence[Chain], counts: Counts, folder: Path) -> Path:
    """Write the labels of a method with its default options; without a cost.

    Args:
        name: "pav" or "binary_search".
        chains: with their gold.
        counts: of prefixes 0 to S of every chain.
        folder: a new one.
    """
    kind = METHODS[name]
    options = kind.Options()
    with Equivalence() as equivalence:
        method = kind(options, Setup(tokenizers={"policy": CharacterTokenizer()}, equivalence=equivalence))
        method._rollouts = Drawn(counts)
        rows = [LabeledChain(chain=chain, labels=_labels(method, chain)) for chain in chains]
    manifest = Manifest(
        determines={"stage": "label", "method": name, "from": "rollouts of monte_carlo"},
        circumstances={"method": name, "facts": kind.facts(options).to_json()},
    )
    with claim(folder, manifest, files=(TABLE_NAME,)):
        (folder / TABLE_NAME).write_bytes(encode(rows, schema(name, kind.columns)))
    return folder


def _labels(method: Method, chain: Chain) -> StepLabels:
    flow = method.label(chain)
    try:
        next(flow)
    except StopIteration as ended:
        found: StepLabels = ended.value
        return found
    raise RuntimeError(f"{method.name} asked a model")
