"""Scored chains whose first errors are known, as arrays: what a reward model is measured on.

What is a wrong chain and what a right one, `Chain.first_error` says. Others are left out and counted.

Axes: N steps of all chains.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cpmi.data import GoldTable, join_gold, normalize_problem
from cpmi.errors import InputError
from cpmi.evaluate.chains import RatedChains, make_layout
from cpmi.evaluate.result import LeftOut
from cpmi.metrics.layout import Floats, StepLayout
from cpmi.places import real
from cpmi.runs.matching import Chains
from cpmi.runs.score_table import ScoreRow, read_scores
from cpmi.types import Chain

GSM8K = "gsm8k"
OFFICIAL_SPLITS = (GSM8K, "math", "olympiadbench", "omnimath")
"""The splits of ProcessBench, as the ids of its records name them: `gsm8k-0`."""

_OFFICIAL_ID = re.compile(rf"^({'|'.join(OFFICIAL_SPLITS)})-\d+$")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredSplit:
    """The scored chains of one split.

    Attributes:
        name: of the split.
        source: where they were read.
        rated: the chains with known first errors; `runs` is empty.
        scores_N: P(correct) of their steps; NaN for a step that was not scored.
    """

    name: str
    source: str
    rated: RatedChains
    scores_N: Floats

    @property
    def chains(self) -> tuple[Chain, ...]:
        return self.rated.chains

    @property
    def layout(self) -> StepLayout:
        return self.rated.layout

    @property
    def problems(self) -> frozenset[str]:
        """Their problems' texts, as they are joined by."""
        return frozenset(normalize_problem(t.question) for t in self.chains)


def read_splits(sources: Sequence[str | Path], gold: GoldTable | None = None) -> list[ScoredSplit]:
    """Read tables of scores and sort their chains into splits.

    A chain whose id is that of a ProcessBench record belongs to the split that it names; any other to a set
    with the name of its folder or file, which is no split of the benchmark whatever its name.

    Args:
        sources: folders by `cpmi score`, or their tables.
        gold: gold answers to join by the problem's text.

    Raises:
        InputError: an id stands twice in a split, no chain of a split is rated up to its first error, or two
            folders of other chains have the same name.
        RecordError: a chain has another gold answer than the table.
        RunError: a source is no table of scores.
    """
    rows_of: dict[str, list[ScoreRow]] = {}
    source_of: dict[str, str] = {}
    for source in sources:
        for row in read_scores(source):
            match = _OFFICIAL_ID.match(row.chain.id)
            name = match.group(1) if match else _own_name(source)
            rows_of.setdefault(name, []).append(row)
            if source_of.setdefault(name, str(source)) != str(source) and not match:
                raise _named_alike(name, source_of[name], source)
    if not rows_of:
        raise InputError(
            "there is no scored chain", where=", ".join(map(str, sources)), expected="at least one"
        )
    return [_split(name, source_of[name], rows, gold) for name, rows in rows_of.items()]


def _own_name(source: str | Path) -> str:
    name = source_name(source)
    return f"{name} (not of the benchmark)" if name in OFFICIAL_SPLITS else name


def _named_alike(name: str, first: str, second: str | Path) -> InputError:
    return InputError(
        "two folders have the same name, so their chains cannot be told apart",
        where=f"{first}, {second}",
        got=name,
        expected="a name for each set of chains",
        hint="Rename one of the folders, or score both inputs into one.",
    )


def source_name(source: str | Path) -> str:
    """The name of a folder of scores, or of a table that stands elsewhere."""
    path = real(source)
    if path.suffix != ".parquet":
        return path.name
    return path.parent.name if path.stem == "scores" else path.stem


def with_gold(rows: Iterable[ScoreRow], gold: GoldTable | None) -> list[Chain]:
    """The chains of the rows, with the gold answers of the table; errors as `join_gold`."""
    chains = [row.chain for row in rows]
    return chains if gold is None else [join_gold(chain, gold) for chain in chains]


def _split(name: str, source: str, rows: Sequence[ScoreRow], gold: GoldTable | None) -> ScoredSplit:
    chains = with_gold(rows, gold)
    Chains.of(f"{source} (split {name})", chains)  # every id once
    left_out: Counter[str] = Counter()
    used: list[Chain] = []
    first_errors: list[int] = []
    scores: list[float | None] = []
    for row, chain in zip(rows, chains, strict=True):
        first_error = chain.first_error
        if isinstance(first_error, str):
            left_out[first_error] += 1
            continue
        used.append(chain)
        first_errors.append(first_error)
        scores += row.scores.values
    if not used:
        raise InputError(
            "no scored chain has a known first error",
            where=f"{source} (split {name})",
            got="; ".join(f"{reason}: {count}" for reason, count in left_out.items()),
            expected="chains whose steps are rated up to the first wrong one",
            hint="Score an input with ratings, as ProcessBench; the table keeps them.",
        )
    return ScoredSplit(
        name=name,
        source=source,
        rated=RatedChains(
            chains=tuple(used),
            layout=make_layout(used, first_errors),
            runs=(),
            left_out=tuple(LeftOut(reason=reason, num_chains=n) for reason, n in sorted(left_out.items())),
        ),
        scores_N=np.array(scores, dtype=np.float64),
    )
