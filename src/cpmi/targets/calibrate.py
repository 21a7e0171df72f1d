"""`calibrate_labels`: a run of labels in, a folder of targets out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from cpmi.answers import Equivalence, Grading
from cpmi.arguments import checked
from cpmi.calibration import AFTER_FIRST_ERROR, HardLabels, Map, decode_change_point, hard_by_threshold
from cpmi.calibration.hard import hard_by_first_error, no_hard_labels
from cpmi.errors import ConfigError, InputError, did_you_mean
from cpmi.runs.facts import facts_of
from cpmi.runs.final_answers import final_answer_verdicts
from cpmi.runs.grading import circumstance, determining, settled
from cpmi.runs.manifest import Manifest
from cpmi.runs.spent import read_spent
from cpmi.runs.table import TABLE_NAME, LabeledChain, read_labels
from cpmi.runs.target_table import TargetRow
from cpmi.targets.fitting import MAP_CHOICES, RATED_MAPS, Fitting, MapChoice, Rows, fit_map
from cpmi.targets.folder import (
    MAP_NAME,
    expect_free,
    make_manifest,
    models_of,
    source_facts,
    store_targets,
)
from cpmi.types import PROBABILITY, Relation

Decode = Literal["change_point"]

_NO_PROBABILITIES = (
    "decoding reads targets as probabilities of being right; those of the map {name} are none, and half of "
    "all steps look wrong: use ratings with --map platt or isotonic"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What a calibration came to.

    Attributes:
        out: the folder.
        fitting: the map and what it was fitted on.
        num_chains, num_steps: in the table.
        abstained: steps without a target, by reason.
        hard: steps by hard label: right, wrong, or the reason why there is none; None if none were asked for.
        notes: what a reader should know.
    """

    out: Path
    fitting: Fitting
    num_chains: int
    num_steps: int
    abstained: Mapping[str, int]
    hard: Mapping[str, int] | None
    notes: tuple[str, ...]


@checked
def calibrate_labels(
    folder: str | Path,
    out: str | Path,
    *,
    map: MapChoice = "auto",
    rated: str | Path | None = None,
    hard: float | None = None,
    decode: Decode | None = None,
    grading: Grading | None = None,
    overwrite: bool = False,
) -> Calibrated:
    """Map the labels of a run to targets in [0, 1] and write them into a folder of their own.

    Args:
        folder: a finished run of labels.
        out: where `targets.parquet`, `map.json` and the manifest are written.
        map: see `cpmi.targets.fitting.fit_map`.
        rated: a rated run of the same method on other problems, to fit Platt's or the isotonic map on;
            without it a run that is rated itself is cross-fitted.
        hard: hard labels too: the first target below this threshold is the first error.
        decode: hard labels too: "change_point", the most probable first error of the whole chain.
        grading: how the final answers that decoding uses are compared; None for as in the run.
        overwrite: replace targets that are in `out`.

    Raises:
        ConfigError: options that do not exist or contradict each other.
        InputError: as `fit_map`, or the run has no chain.
        RunError: a folder is no finished run or its usage is damaged, or `out` holds something else.
        MissingDependencyError: scikit-learn is needed and not installed.
        StorageError: the disk refused.
    """
    _check(map, hard, decode)
    folder, out = Path(folder), Path(out)
    expect_free(out)
    grading = settled(grading, [folder])
    rows = read_slim(folder)
    rated_rows = None if rated is None else read_slim(Path(rated))
    fitting = fit_map(rows, rated_rows, map, where=str(folder), rated_where=str(rated))
    made = map_rows(rows, fitting)
    if hard is not None:
        made = [replace(row, hard=hard_by_threshold(row.targets, hard, row.abstained)) for row in made]
    elif decode is not None:
        made = _decoded(made, rows, grading)
    options = {"map": map, "hard": hard, "decode": decode, "percent": grading.percent}
    manifest = _manifest(folder, rated, out, rows, options=options, fitting=fitting, grading=grading)
    fitted_on = source_facts(folder if rated is None else Path(rated), TABLE_NAME)
    facts = {**fitting.to_json(), "fitted_on": fitted_on}
    store_targets(
        out,
        manifest,
        made,
        facts_name=MAP_NAME,
        facts=facts,
        spent=read_spent(folder),
        overwrite=overwrite,
    )
    notes = (*fitting.notes, *manifest.circumstances["facts"]["notices"])
    if decode is not None and fitting.name not in RATED_MAPS:
        notes += (_NO_PROBABILITIES.format(name=fitting.name),)
    return _calibrated(out, fitting, made, notes)


def read_slim(folder: Path) -> list[LabeledChain]:
    """The rows of a run without what targets do not follow from.

    Raises:
        InputError: there is none.
        RunError: the folder is no finished run.
    """

    def slim() -> Iterator[LabeledChain]:
        for row in read_labels(folder, candidates=False):
            labels = replace(row.labels, candidates=(), candidate_values=(), parts={})
            yield replace(row, labels=labels)

    rows = list(slim())
    if not rows:
        raise InputError("the run has no chain", where=str(folder), expected="at least one labeled chain")
    return rows


def map_rows(rows: Rows, fitting: Fitting) -> list[TargetRow]:
    """The targets of all chains, without hard labels."""
    # One call of a map for all its labels: a large quantile map is slow to look up chain by chain.
    by_map: dict[int, tuple[Map, list[float]]] = {}
    for row in rows:
        map = fitting.map_of(row.chain.question)
        by_map.setdefault(id(map), (map, []))[1].extend(v for v in row.labels.values if v is not None)
    targets = {
        key: iter(map.apply(np.array(values, dtype=np.float64)).tolist())
        for key, (map, values) in by_map.items()
    }
    made = []
    for row in rows:
        remaining = targets[id(fitting.map_of(row.chain.question))]
        found = tuple(None if v is None else next(remaining) for v in row.labels.values)
        made.append(target_row(row, found, map=fitting.name))
    return made


def target_row(row: LabeledChain, targets: tuple[float | None, ...], *, map: str) -> TargetRow:
    """One chain with these targets, without hard labels."""
    labels = row.labels
    return TargetRow(
        chain=row.chain,
        method=labels.method,
        labels=labels.values,
        targets=targets,
        abstained=labels.abstained,
        map=map,
        printed=labels.marks.get("mentions_candidate"),
    )


def _decoded(made: Sequence[TargetRow], rows: Rows, grading: Grading) -> list[TargetRow]:
    with Equivalence(grading=grading) as equivalence:
        verdicts = final_answer_verdicts([row.chain for row in rows], equivalence)
    return [
        replace(row, hard=_decode(row, verdict.relation)) for row, verdict in zip(made, verdicts, strict=True)
    ]


def _decode(row: TargetRow, final_answer: Relation) -> HardLabels:
    found = decode_change_point(row.targets, final_answer)
    if found.undecided:
        return no_hard_labels(len(row.chain.steps), found.undecided)
    return hard_by_first_error(row.targets, found.first_error, row.abstained)


def _check(map: str, hard: float | None, decode: str | None) -> None:
    if map not in MAP_CHOICES:
        raise ConfigError(
            "no such map",
            where="option map",
            got=map,
            expected=f"{', '.join(MAP_CHOICES)}; recommended is auto",
            hint=did_you_mean(map, MAP_CHOICES),
        )
    if decode is not None and decode not in get_args(Decode):
        raise ConfigError("no such decoding", where="option decode", got=decode, expected="change_point")
    if hard is not None and not 0 <= hard <= 1:
        raise ConfigError(
            "the threshold is one of targets", where="option hard", got=f"{hard:g}", expected="from 0 to 1"
        )
    if hard is not None and decode is not None:
        raise ConfigError(
            "hard labels come from a threshold or from decoding, not both",
            where="options hard and decode",
            hint="Give one of them.",
        )


def _manifest(
    folder: Path,
    rated: str | Path | None,
    out: Path,
    rows: Rows,
    *,
    options: Mapping[str, object],
    fitting: Fitting,
    grading: Grading,
) -> Manifest:
    labels = rows[0].labels
    facts = facts_of(folder, method=labels.method, unit=labels.unit)
    return make_manifest(
        "calibrate",
        determines={
            "options": dict(options),
            "labels": source_facts(folder, TABLE_NAME),
            "method": labels.method,
            "unit": labels.unit,
            "rated": None if rated is None else source_facts(Path(rated), TABLE_NAME),
            "fitted": fitting.how,
            **determining(grading),
        },
        circumstances={
            "labels": str(folder),
            "model": models_of([folder]),
            "rated": None if rated is None else str(rated),
            "out": str(out),
            **circumstance(grading),
            "facts": facts.made_into(facts.method, PROBABILITY).to_json(),
        },
        fitted=fitting.uses_ratings,
    )


def _calibrated(out: Path, fitting: Fitting, made: Sequence[TargetRow], notes: tuple[str, ...]) -> Calibrated:
    abstained = Counter(reason for row in made for reason in row.abstained.values())
    hard: Counter[str] = Counter()
    for row in made:
        if row.hard is not None:
            hard["right"] += row.hard.values.count(True)
            hard["wrong"] += row.hard.values.count(False)
            hard.update(row.hard.reasons.values())
    order = [name for name in ("right", "wrong", AFTER_FIRST_ERROR) if name in hard]
    order += sorted(set(hard) - set(order))
    return Calibrated(
        out=out,
        fitting=fitting,
        num_chains=len(made),
        num_steps=sum(len(row.chain.steps) for row in made),
        abstained=dict(sorted(abstained.items())),
        hard={name: hard[name] for name in order} if hard else None,
        notes=notes,
    )
