"""What is exported of a label set: its chains up to the last step that is decided.

A step is decided if it has a boolean label: the hard label where targets have hard labels, else whether the
target, or the label of a run, reaches a threshold. Behind the first undecided step a chain is cut, for a step
is read with all before it; where that is the first step, the chain is left out. Both are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cpmi.errors import ConfigError, InputError
from cpmi.places import expect_kind, holds
from cpmi.runs.table import LabeledChain, read_labels
from cpmi.runs.target_table import TargetRow, read_targets
from cpmi.types import Chain

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """One chain as it is exported: S steps, every one with a boolean label.

    Attributes:
        chain: the whole chain as it was labeled; its first S steps are exported.
        labels: [S] whether the step is right.
        targets: [S] soft targets in [0, 1]; None for a run whose labels are no probabilities.
        values: [S] labels in the unit of the method; None where two methods were put together.
        unit: of the values; None for targets, which do not say.
        successes, trials: [S] right rollouts among the decided ones; None where the method has no rollouts,
            and for a step that has none.
        method: that labeled it, with the map of targets.
        tokens: "unshared", "computed", "generated" -> tokens that its labels cost; None for targets.
    """

    chain: Chain
    labels: tuple[bool, ...]
    targets: tuple[float | None, ...] | None
    values: tuple[float | None, ...] | None
    unit: str | None
    successes: tuple[int | None, ...] | None
    trials: tuple[int | None, ...] | None
    method: str
    tokens: Mapping[str, int] | None

    @property
    def steps(self) -> tuple[str, ...]:
        return self.chain.steps[: len(self.labels)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """All rows, and what is not in them.

    Attributes:
        rows: the chains.
        rule: where the booleans come from, in words.
        left_out: chains that are not exported, by reason.
        cut: steps that are not exported of chains that are, by the reason of the first of them.
        num_cut_chains: chains that lose steps.
        num_decided_cut: cut steps that have a label of their own, but stand behind one that has none.
    """

    rows: tuple[ExportRow, ...]
    rule: str
    left_out: Mapping[str, int]
    cut: Mapping[str, int]
    num_cut_chains: int
    num_decided_cut: int

    @property
    def num_steps(self) -> int:
        return sum(len(row.labels) for row in self.rows)

    @property
    def num_wrong_steps(self) -> int:
        return sum(row.labels.count(False) for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """One chain before it is cut: a boolean a step, or the reason why there is none."""

    row: ExportRow
    labels: tuple[bool | None, ...]
    reasons: Mapping[int, str]


def read_export(folder: Path, threshold: float | None = None) -> Exported:
    """The chains of a run of labels or a folder of targets as they are exported.

    Args:
        folder: either.
        threshold: a target, or a label of the run, that reaches it is right; None for hard labels where there
            are some, else 0.5. Where it is given, hard labels are not used.

    Raises:
        ConfigError: the labels are no probabilities and no threshold is given, or one of targets is not in
            [0, 1].
        InputError: there is no chain, or no step is decided.
        RunError: the folder is neither a finished run nor targets.
    """
    expect_kind(folder, "labels", "targets")
    if holds(folder, "targets"):
        decided, rule = _of_targets(list(read_targets(folder)), threshold)
    else:
        decided, rule = _of_labels(list(read_labels(folder)), threshold, folder)
    exported = _cut(decided, rule)
    if not exported.rows:
        raise InputError(
            "no chain can be exported",
            where=str(folder),
            got="; ".join(f"{reason}: {n} chains" for reason, n in exported.left_out.items()) or "no chain",
            expected="a chain whose first step is labeled",
        )
    return exported


def _of_targets(rows: Sequence[TargetRow], threshold: float | None) -> tuple[list[_Decided], str]:
    if threshold is not None and not 0 <= threshold <= 1:
        raise ConfigError(
            "the threshold is one of targets",
            where="option threshold",
            got=f"{threshold:g}",
            expected="from 0 to 1",
        )
    hard = threshold is None and any(row.hard is not None for row in rows)
    limit = DEFAULT_THRESHOLD if threshold is None else threshold
    decided = []
    for row in rows:
        labels, reasons = _at_least(row.targets, limit), row.abstained
        if hard and row.hard is not None:
            labels, reasons = row.hard.values, row.hard.reasons
        made = ExportRow(
            chain=row.chain,
            labels=(),
            targets=row.targets,
            values=None if all(value is None for value in row.labels) else row.labels,
            unit=None,
            successes=None,
            trials=None,
            method=f"{row.method}, {row.map}",
            tokens=None,
        )
        decided.append(_Decided(row=made, labels=labels, reasons=reasons))
    rule = "hard labels of the targets, nothing after the first error" if hard else f"target >= {limit:g}"
    return decided, rule


def _of_labels(
    rows: Sequence[LabeledChain], threshold: float | None, folder: Path
) -> tuple[list[_Decided], str]:
    units = sorted({row.labels.unit for row in rows})
    found = [row.labels.probabilities for row in rows]
    probable = None not in found
    if threshold is None and not probable:
        raise ConfigError(
            "labels that are no probabilities have no natural threshold",
            where=str(folder),
            got=f"labels in {', '.join(units)}",
            expected="targets, or a threshold in this unit",
            hint="Export the folder that cpmi calibrate makes of it, or give --threshold.",
        )
    limit = DEFAULT_THRESHOLD if threshold is None else threshold
    if probable and not 0 <= limit <= 1:
        raise ConfigError(
            "the threshold is one of probabilities",
            where="option threshold",
            got=f"{limit:g}",
            expected="from 0 to 1",
        )
    decided = []
    for row, probabilities in zip(rows, found, strict=True):
        labels = row.labels
        targets = probabilities if probable else None
        booleans = _at_least(labels.values if targets is None else targets, limit)
        counts = labels.rollout_counts
        made = ExportRow(
            chain=row.chain,
            labels=(),
            targets=targets,
            values=labels.values,
            unit=labels.unit,
            successes=None if counts is None else tuple(count and count[0] for count in counts),
            trials=None if counts is None else tuple(count and count[1] for count in counts),
            method=labels.method,
            tokens={
                "unshared": labels.usage.unshared_tokens,
                "computed": labels.usage.computed_tokens,
                "generated": labels.usage.generated_tokens,
            },
        )
        decided.append(_Decided(row=made, labels=booleans, reasons=labels.abstained))
    if probable:
        return decided, f"probability of being right >= {limit:g}"
    return decided, f"label >= {limit:g} {', '.join(units)}"


def _at_least(values: Sequence[float | None], limit: float) -> tuple[bool | None, ...]:
    return tuple(None if value is None else value >= limit for value in values)


def _cut(decided: Iterable[_Decided], rule: str) -> Exported:
    rows: list[ExportRow] = []
    left_out: Counter[str] = Counter()
    cut: Counter[str] = Counter()
    num_cut_chains = num_decided_cut = 0
    for chain in decided:
        labels = chain.labels
        end = labels.index(None) if None in labels else len(labels)
        if end == 0:
            left_out[f"first step: {chain.reasons[0]}"] += 1
            continue
        if end < len(labels):
            cut[chain.reasons[end]] += len(labels) - end
            num_cut_chains += 1
            num_decided_cut += sum(label is not None for label in labels[end:])
        rows.append(_up_to(chain, end))
    return Exported(
        rows=tuple(rows),
        rule=rule,
        left_out=dict(sorted(left_out.items())),
        cut=dict(sorted(cut.items())),
        num_cut_chains=num_cut_chains,
        num_decided_cut=num_decided_cut,
    )


def _up_to(chain: _Decided, end: int) -> ExportRow:
    row = chain.row
    return replace(
        row,
        labels=tuple(bool(label) for label in chain.labels[:end]),
        targets=row.targets and row.targets[:end],
        values=row.values and row.values[:end],
        successes=row.successes and row.successes[:end],
        trials=row.trials and row.trials[:end],
    )
