"""`consensus_of`: what two label sets on the same chains agree on.

Either set is a run of labels or a folder of targets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from cpmi.arguments import checked
from cpmi.calibration import Agreement, By, HardLabels, agree, hard_by_threshold
from cpmi.errors import ConfigError
from cpmi.facts import combined
from cpmi.places import expect_kind, holds, real
from cpmi.runs.facts import facts_of
from cpmi.runs.manifest import Manifest
from cpmi.runs.matching import Chains, agreed, shared_ids
from cpmi.runs.spent import read_spent, spent_together
from cpmi.runs.table import TABLE_NAME, TARGETS_NAME
from cpmi.runs.target_table import CONSENSUS, TargetRow, read_targets
from cpmi.targets.calibrate import map_rows, read_slim
from cpmi.targets.fitting import fit_map
from cpmi.targets.folder import (
    CONSENSUS_NAME,
    expect_free,
    make_manifest,
    models_of,
    source_facts,
    store_targets,
)
from cpmi.types import PROBABILITY, Chain

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Steps at one place that both sets label right or wrong, and how many of these they disagree about."""

    index: int
    num_compared: int
    num_disagreeing: int

    @property
    def share(self) -> float | None:
        """Of disagreeing steps; None where nothing is compared."""
        return self.num_disagreeing / self.num_compared if self.num_compared else None

    def to_json(self) -> dict[str, Any]:
        """As in `consensus.json`."""
        return {
            "index": self.index,
            "num_compared": self.num_compared,
            "num_disagreeing": self.num_disagreeing,
            "share": self.share,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """What was kept.

    Attributes:
        by: "chain" or "step".
        sources: where the hard labels of each set come from, in words.
        num_chains, num_steps: chains that both sets have, and their steps.
        num_kept_steps: steps whose label both sets give.
        num_kept_chains: chains with such a step, in the table.
        num_whole_chains: chains that lose nothing but what follows the agreed first error.
        dropped: chains that are not in the table, by reason.
        left_out: chains that only one set has, by reason.
        positions: disagreement by the index of the step.
    """

    by: By
    sources: tuple[str, str]
    num_chains: int
    num_steps: int
    num_kept_steps: int
    num_kept_chains: int
    num_whole_chains: int
    dropped: Mapping[str, int]
    left_out: Mapping[str, int]
    positions: tuple[Position, ...]

    @property
    def share_of_steps(self) -> float:
        """Kept steps among all steps of the chains that both sets have."""
        return self.num_kept_steps / self.num_steps

    @property
    def share_of_chains_whole(self) -> float:
        return self.num_whole_chains / self.num_chains

    def to_json(self) -> dict[str, Any]:
        """As in `consensus.json`."""
        return {
            "by": self.by,
            "sources": list(self.sources),
            "num_chains": self.num_chains,
            "num_steps": self.num_steps,
            "num_kept_steps": self.num_kept_steps,
            "share_of_steps": self.share_of_steps,
            "num_kept_chains": self.num_kept_chains,
            "num_whole_chains": self.num_whole_chains,
            "share_of_chains_whole": self.share_of_chains_whole,
            "dropped": dict(self.dropped),
            "left_out": dict(self.left_out),
            "positions": [position.to_json() for position in self.positions],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _LabelSet:
    """Rows and hard labels by id, the method, and where the labels come from: in words, for the manifest."""

    rows: Mapping[str, TargetRow]
    hard: Mapping[str, HardLabels]
    chains: Chains
    method: str
    source: str
    facts: Mapping[str, Any]


@checked
def consensus_of(
    first: str | Path,
    second: str | Path,
    out: str | Path,
    *,
    thresholds: tuple[float, float] | None = None,
    by: By = "chain",
    overwrite: bool = False,
) -> Consensus:
    """Keep what two label sets on the same chains agree on, and write it as targets.

    Args:
        first, second: runs of labels, whose targets are made by the robust map, or folders of targets, whose
            own hard labels are used where they have some.
        out: where `targets.parquet`, `consensus.json` and the manifest are written.
        thresholds: of the targets of each; without them 0.5, unless a folder has hard labels.
        by: "chain" drops chains whose first errors disagree; "step" keeps their steps before these.
        overwrite: replace targets that are in `out`.

    Raises:
        ConfigError: options that do not exist or are out of range, or the same folder twice.
        InputError: the sets disagree about a chain or share none, or no robust map can be fitted.
        RunError: a folder is neither a finished run of labels nor one of targets, or its usage is damaged,
            or `out` holds something else.
        StorageError: the disk refused.
    """
    first, second, out = Path(first), Path(second), Path(out)
    _check(first, second, thresholds, by)
    expect_free(out)
    if real(out) in (real(first), real(second)):
        raise ConfigError("the result cannot be in one of the label sets", where="option out", got=str(out))
    given = thresholds or (None, None)
    sets = [_read(folder, threshold) for folder, threshold in zip((first, second), given, strict=True)]
    chains = [item.chains for item in sets]
    matched = [agreed(id, chains) for id in shared_ids(chains, Counter())]
    found = [agree(sets[0].hard[t.id], sets[1].hard[t.id], by) for t in matched]
    made = [_row(t, agreement, sets) for t, agreement in zip(matched, found, strict=True)]
    result = _consensus(found, by, sets)
    store_targets(
        out,
        _manifest(first, second, out, by, sets),
        [row for row in made if row is not None],
        facts_name=CONSENSUS_NAME,
        facts=result.to_json(),
        spent=spent_together([read_spent(first), read_spent(second)], result.num_steps),
        overwrite=overwrite,
    )
    return result


def _manifest(first: Path, second: Path, out: Path, by: By, sets: Sequence[_LabelSet]) -> Manifest:
    facts = [facts_of(Path(item.chains.folder), method=item.method, unit=PROBABILITY) for item in sets]
    return make_manifest(
        "consensus",
        determines={"options": {"by": by}, "sets": [dict(item.facts) for item in sets]},
        circumstances={
            "sets": [str(first), str(second)],
            "model": models_of([first, second]),
            "out": str(out),
            "facts": combined(facts, method=_name(sets), unit=PROBABILITY).to_json(),
        },
        fitted=False,
    )


def _check(first: Path, second: Path, thresholds: tuple[float, float] | None, by: str) -> None:
    if real(first) == real(second):
        raise ConfigError("a label set always agrees with itself", where=str(first), expected="two folders")
    if by not in get_args(By):
        raise ConfigError("no such way", where="option by", got=by, expected=" or ".join(get_args(By)))
    for threshold in thresholds or ():
        if not 0 <= threshold <= 1:
            raise ConfigError(
                "the thresholds are ones of targets",
                where="option thresholds",
                got=f"{threshold:g}",
                expected="from 0 to 1",
            )


def _read(folder: Path, threshold: float | None) -> _LabelSet:
    expect_kind(folder, "labels", "targets")
    if holds(folder, "targets"):
        table = TARGETS_NAME
        rows = list(read_targets(folder))
        origin = "targets of " + ", ".join(sorted({f"the map {row.map}" for row in rows}))
    else:
        table = TABLE_NAME
        labels = read_slim(folder)
        fitting = fit_map(labels, None, "robust", where=str(folder), rated_where="")
        rows = map_rows(labels, fitting)
        origin = f"{labels[0].labels.method}, targets of the map {fitting.name}"
    if threshold is None and any(row.hard is None for row in rows):
        threshold = DEFAULT_THRESHOLD
    hard = {row.chain.id: _hard(row, threshold) for row in rows}
    source = "its own hard labels" if threshold is None else f"below {threshold:g} is wrong"
    return _LabelSet(
        rows={row.chain.id: row for row in rows},
        chains=Chains.of(folder, (row.chain for row in rows)),
        method=", ".join(sorted({row.method for row in rows})),
        hard=hard,
        source=f"{origin}, {source}",
        facts={**source_facts(folder, table), "threshold": threshold},
    )


def _hard(row: TargetRow, threshold: float | None) -> HardLabels:
    """The row's own hard labels, or with a threshold those by it."""
    if threshold is None and row.hard is not None:
        return row.hard
    return hard_by_threshold(
        row.targets, DEFAULT_THRESHOLD if threshold is None else threshold, row.abstained
    )


def _row(chain: Chain, agreement: Agreement, sets: Sequence[_LabelSet]) -> TargetRow | None:
    """Kept steps get the mean of the two targets; None if the chain is dropped."""
    if agreement.dropped:
        return None
    first, second = (item.rows[chain.id].targets for item in sets)
    targets = tuple(
        None if kept is None or mine is None or theirs is None else mine / 2 + theirs / 2
        for kept, mine, theirs in zip(agreement.kept.values, first, second, strict=True)
    )
    return TargetRow(
        chain=chain,
        method=_name(sets),
        labels=(None,) * len(chain.steps),
        targets=targets,
        abstained=agreement.kept.reasons,
        hard=agreement.kept,
        map=CONSENSUS,
    )


def _name(sets: Sequence[_LabelSet]) -> str:
    return f"consensus ({', '.join(item.method for item in sets)})"


def _consensus(found: Sequence[Agreement], by: By, sets: Sequence[_LabelSet]) -> Consensus:
    compared: Counter[int] = Counter()
    disagreeing: Counter[int] = Counter()
    for agreement in found:
        compared.update(list(agreement.compared))
        disagreeing.update(index for index, same in agreement.compared.items() if not same)
    dropped = Counter(agreement.dropped for agreement in found if agreement.dropped)
    # Not by the folders' names, as everywhere else: the same sets elsewhere make the same file.
    only_in_one = (len(item.chains.by_id) - len(found) for item in sets)
    left_out = dict(zip(("not in the second set", "not in the first set"), only_in_one, strict=True))
    longest = max(len(agreement.kept.values) for agreement in found)
    return Consensus(
        by=by,
        sources=(sets[0].source, sets[1].source),
        num_chains=len(found),
        num_steps=sum(len(agreement.kept.values) for agreement in found),
        num_kept_steps=sum(len(a.kept.values) - len(a.kept.reasons) for a in found),
        num_kept_chains=sum(not agreement.dropped for agreement in found),
        num_whole_chains=sum(agreement.whole for agreement in found),
        dropped=dict(sorted(dropped.items())),
        left_out={reason: count for reason, count in left_out.items() if count},
        positions=tuple(
            Position(index=i, num_compared=compared[i], num_disagreeing=disagreeing[i])
            for i in range(longest)
        ),
    )
