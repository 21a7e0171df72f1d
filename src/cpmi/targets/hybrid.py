"""`hybrid_of`: the first K steps of every chain from one run, the others from another, on one scale.

After the hybrid of arXiv 2604.10660, Monte Carlo for the first steps and a contrast for the rest. There the
two are mixed raw; here either both runs are mapped to the probability of being right, or the second run's
labels to the success rates of the first (`cpmi.targets.overlap`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from cpmi.calibration import Merged, merge
from cpmi.errors import ConfigError, InputError
from cpmi.facts import combined
from cpmi.places import real
from cpmi.runs.facts import facts_of
from cpmi.runs.manifest import Manifest
from cpmi.runs.matching import Chains, agreed, shared_ids
from cpmi.runs.spent import read_spent, spent_together
from cpmi.runs.table import TABLE_NAME, LabeledChain
from cpmi.runs.target_table import TargetRow
from cpmi.targets.calibrate import map_rows, read_slim, target_row
from cpmi.targets.fitting import Fitting, Rows, fit_map
from cpmi.targets.folder import (
    HYBRID_NAME,
    expect_free,
    make_manifest,
    models_of,
    source_facts,
    store_targets,
)
from cpmi.targets.overlap import OVERLAP, fit_overlap
from cpmi.types import PROBABILITY, StepLabels

HybridMap = Literal["overlap", "platt", "isotonic"]

BEYOND = "after the first steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hybrid:
    """What was put together.

    Attributes:
        num_first: K.
        map: "overlap", "platt" or "isotonic".
        methods: of the first run and of the other.
        num_chains, num_steps: that both runs have, all of them in the table.
        num_from_first: targets of the first run.
        num_from_rest: targets of the other run, those that replaces the first one included.
        stood_in: the latter, by the reason why the first run has no label.
        num_outside: targets of the other run whose label lies outside those that `overlap` was fitted on, so
            that they get the map's lowest or highest target; None with another map.
        abstained: steps without a target, by reason.
        left_out: chains that only one run has, by reason.
        fits: the maps of either run; None for success rates that are used as they are.
        notes: what a reader should know.
    """

    num_first: int
    map: HybridMap
    methods: tuple[str, str]
    num_chains: int
    num_steps: int
    num_from_first: int
    num_from_rest: int
    stood_in: Mapping[str, int]
    num_outside: int | None
    abstained: Mapping[str, int]
    left_out: Mapping[str, int]
    fits: tuple[Fitting | None, Fitting]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As in `hybrid.json`."""
        return {
            "first_steps": self.num_first,
            "map": self.map,
            "methods": list(self.methods),
            "num_chains": self.num_chains,
            "num_steps": self.num_steps,
            "num_from_first": self.num_from_first,
            "num_from_rest": self.num_from_rest,
            "stood_in": dict(self.stood_in),
            "num_outside": self.num_outside,
            "abstained": dict(self.abstained),
            "left_out": dict(self.left_out),
            "fits": [None if fit is None else fit.to_json() for fit in self.fits],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scaled:
    """Both runs on one scale, chain by chain."""

    first: Sequence[TargetRow]
    rest: Sequence[TargetRow]
    fits: tuple[Fitting | None, Fitting]
    range: tuple[float, float] | None


def hybrid_of(
    first: str | Path,
    rest: str | Path,
    out: str | Path,
    *,
    num_first: int,
    map: HybridMap = "overlap",
    overwrite: bool = False,
) -> Hybrid:
    """Take the first K steps of every chain from one run and the others from another, and write targets.

    Where the first run has no label for one of the first K steps, the other stands in. Labels of the first
    run after the first K steps are never read, so that a run with --first-steps K gives the same targets.

    Args:
        first: a run of labels, by monte_carlo as a rule.
        rest: a run of labels on the same chains.
        out: where `targets.parquet`, `hybrid.json`, `usage.json` and the manifest are written.
        num_first: K.
        map: "overlap" maps the second run's labels to the first run's success rates and needs no ratings;
            "platt" and "isotonic" map either run to the probability of being right, cross-fitted on ratings.
        overwrite: replace targets that are in `out`.

    Raises:
        ConfigError: options that do not exist or are out of range, or the same folder twice.
        InputError: the runs disagree about a chain or share none, or no map can be fitted.
        RunError: a folder is no finished run of labels or its usage is damaged, or `out` holds something
            else.
        MissingDependencyError: scikit-learn is not installed.
        StorageError: the disk refused.
    """
    first, rest, out = Path(first), Path(rest), Path(out)
    _check(first, rest, num_first, map)
    expect_free(out)
    first_rows, rest_rows, left_out = _matched(first, rest)
    first_rows = [_cut(row, num_first) for row in first_rows]
    scaled = _scale(first_rows, rest_rows, num_first, map, folders=(first, rest))
    merged = [
        merge(a.targets, b.targets, num_first, first_reasons=a.abstained, rest_reasons=b.abstained)
        for a, b in zip(scaled.first, scaled.rest, strict=True)
    ]
    methods = first_rows[0].labels.method, rest_rows[0].labels.method
    made = [
        _row(a, b, found, methods, map) for a, b, found in zip(scaled.first, scaled.rest, merged, strict=True)
    ]
    result = _hybrid(merged, scaled, num_first, map, methods, left_out)
    manifest = _manifest((first, rest), out, result, (first_rows[0].labels, rest_rows[0].labels))
    result = replace(result, notes=(*result.notes, *manifest.circumstances["facts"]["notices"]))
    store_targets(
        out,
        manifest,
        made,
        facts_name=HYBRID_NAME,
        facts=result.to_json(),
        spent=spent_together([read_spent(first), read_spent(rest)], result.num_steps),
        overwrite=overwrite,
    )
    return result


def _check(first: Path, rest: Path, num_first: int, map: str) -> None:
    if num_first < 1:
        raise ConfigError(
            "the first run labels at least the first step",
            where="option first",
            got=str(num_first),
            expected="1 or more",
        )
    if map not in get_args(HybridMap):
        raise ConfigError("no such map", where="option map", got=map, expected=", ".join(get_args(HybridMap)))
    if real(first) == real(rest):
        raise ConfigError("a run has nothing to add to itself", where=str(first), expected="two folders")


def _matched(first: Path, rest: Path) -> tuple[list[LabeledChain], list[LabeledChain], dict[str, int]]:
    """The chains that both runs have, in the order of the first, and how many only one has."""
    runs = [read_slim(folder) for folder in (first, rest)]
    chains = [
        Chains.of(folder, (row.chain for row in rows))
        for folder, rows in zip((first, rest), runs, strict=True)
    ]
    by_id = [{row.chain.id: row for row in rows} for rows in runs]
    # What only one run knows of a chain, ratings above all, holds for both.
    shared = {id: agreed(id, chains) for id in shared_ids(chains, Counter())}
    matched = [[replace(rows[id], chain=t) for id, t in shared.items()] for rows in by_id]
    # Not by the folders' names: the same runs elsewhere make the same file.
    only_in_one = (len(rows) - len(shared) for rows in runs)
    left_out = dict(zip(("not in the second run", "not in the first run"), only_in_one, strict=True))
    return matched[0], matched[1], {reason: count for reason, count in left_out.items() if count}


def _cut(row: LabeledChain, num_first: int) -> LabeledChain:
    """The chain without labels after the first K steps."""
    labels = row.labels
    beyond = range(num_first, len(labels.values))
    abstained = {step: reason for step, reason in labels.abstained.items() if step < num_first}
    cut = replace(
        labels,
        values=(*labels.values[:num_first], *(None for _ in beyond)),
        abstained={**abstained, **dict.fromkeys(beyond, BEYOND)},
    )
    return replace(row, labels=cut)


def _scale(first: Rows, rest: Rows, num_first: int, map: HybridMap, *, folders: tuple[Path, Path]) -> _Scaled:
    where = str(folders[0]), str(folders[1])
    if map == "overlap":
        found = fit_overlap(first, rest, num_first, first_where=where[0], rest_where=where[1])
        return _Scaled(
            first=[target_row(row, row.labels.values, map=OVERLAP) for row in first],
            rest=map_rows(rest, found.fitting),
            fits=(None, found.fitting),
            range=(found.low, found.high),
        )
    fits = _fit_rated(first, map, where[0]), _fit_rated(rest, map, where[1])
    return _Scaled(first=map_rows(first, fits[0]), rest=map_rows(rest, fits[1]), fits=fits, range=None)


def _fit_rated(rows: Rows, map: Literal["platt", "isotonic"], where: str) -> Fitting:
    try:
        return fit_map(rows, None, map, where=where, rated_where="")
    except InputError as error:
        raise InputError(
            error.what,
            where=error.where,
            got=error.got,
            expected=error.expected,
            hint="Label and rate more chains, or use --map overlap, which needs no ratings.",
        ) from error


def _row(
    first: TargetRow, rest: TargetRow, merged: Merged, methods: tuple[str, str], map: HybridMap
) -> TargetRow:
    printed = [row.printed for row in (first, rest) if row.printed is not None]
    return replace(
        rest,
        method=_name(methods),
        labels=(None,) * len(rest.targets),
        targets=merged.targets,
        abstained=merged.reasons,
        map=map,
        printed=tuple(any(marks) for marks in zip(*printed, strict=True)) if printed else None,
    )


def _hybrid(
    merged: Sequence[Merged],
    scaled: _Scaled,
    num_first: int,
    map: HybridMap,
    methods: tuple[str, str],
    left_out: Mapping[str, int],
) -> Hybrid:
    sources = [found.sources for found in merged]
    stood_in = Counter(reason for found in merged for reason in found.stood_in.values())
    abstained = Counter(reason for found in merged for reason in found.reasons.values())
    notes = [
        f"{method}: {note}" if fit.uses_ratings else note
        for method, fit in zip(methods, scaled.fits, strict=True)
        if fit is not None
        for note in fit.notes
    ]
    return Hybrid(
        num_first=num_first,
        map=map,
        methods=methods,
        num_chains=len(merged),
        num_steps=sum(len(found) for found in sources),
        num_from_first=sum(found.count("first") for found in sources),
        num_from_rest=sum(found.count("rest") for found in sources),
        stood_in=dict(sorted(stood_in.items())),
        num_outside=None if scaled.range is None else _num_outside(merged, scaled.rest, scaled.range),
        abstained=dict(sorted(abstained.items())),
        left_out=left_out,
        fits=scaled.fits,
        notes=tuple(notes),
    )


def _num_outside(merged: Sequence[Merged], rest: Sequence[TargetRow], range: tuple[float, float]) -> int:
    low, high = range
    return sum(
        source == "rest" and label is not None and not low <= label <= high
        for found, row in zip(merged, rest, strict=True)
        for source, label in zip(found.sources, row.labels, strict=True)
    )


def _manifest(
    folders: tuple[Path, Path], out: Path, result: Hybrid, labels: tuple[StepLabels, StepLabels]
) -> Manifest:
    runs = [
        {**source_facts(folder, TABLE_NAME), "method": one.method, "unit": one.unit}
        for folder, one in zip(folders, labels, strict=True)
    ]
    facts = [
        facts_of(folder, method=one.method, unit=one.unit)
        for folder, one in zip(folders, labels, strict=True)
    ]
    return make_manifest(
        "hybrid",
        determines={"options": {"first_steps": result.num_first, "map": result.map}, "runs": runs},
        circumstances={
            "runs": [str(folder) for folder in folders],
            "model": models_of(folders),
            "out": str(out),
            "facts": combined(facts, method=_name(result.methods), unit=PROBABILITY).to_json(),
        },
        fitted=True,
    )


def _name(methods: tuple[str, str]) -> str:
    return f"hybrid ({', '.join(methods)})"
