"""What is exported of a label set: its chains up to the last step that is decided.

A step is decided if it has a boolean label: the hard label where targets have hard labels, else whether the
target, or the label of a run, reaches a threshold. Behind the first undecided step a chain is cut, for a step
is read with all before it; where that is the first step, the chain is left out. Both are counted.

Rows are read again whenever they are iterated over, so that a label set of any size takes little memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cpmi.errors import ConfigError, InputError
from cpmi.places import expect_kind, holds
from cpmi.runs.table import LabeledChain, read_columns, read_labels
from cpmi.runs.target_table import TargetRow, read_targets
from cpmi.types import PROBABILITY, Chain

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
class RatedRow:
    """An exported chain whose first error is known, -1 for none, and the first step that is labeled wrong."""

    chain: Chain
    first_error: int
    predicted: int


Fits = Callable[[ExportRow], bool]


@dataclass(frozen=True, slots=True)
class ExportRows:
    """The exported rows, in their order: a collection that is read from the folder at every iteration."""

    _read: Callable[[], Iterator[ExportRow]]
    _num_rows: int

    def __len__(self) -> int:
        return self._num_rows

    def __iter__(self) -> Iterator[ExportRow]:
        return self._read()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """All rows, and what is not in them.

    Attributes:
        rows: the chains.
        rated: those of them whose first error is known.
        methods: of the rows, in the order of appearance.
        num_steps, num_wrong_steps: of the rows.
        rule: where the booleans come from, in words.
        left_out: chains that are not exported, by reason.
        num_unfit: chains that could be, but for the form; not among `left_out`.
        cut: steps that are not exported of chains that are, by the reason of the first of them.
        num_cut_chains: chains that lose steps.
        num_decided_cut: cut steps that have a label of their own, but stand behind one that has none.
    """

    rows: ExportRows
    rated: tuple[RatedRow, ...]
    methods: tuple[str, ...]
    num_steps: int
    num_wrong_steps: int
    rule: str
    left_out: Mapping[str, int]
    num_unfit: int
    cut: Mapping[str, int]
    num_cut_chains: int
    num_decided_cut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """One chain before it is cut: a boolean a step, or the reason why there is none."""

    row: ExportRow
    labels: tuple[bool | None, ...]
    reasons: Mapping[int, str]


def read_export(folder: Path, threshold: float | None = None, *, fits: Fits | None = None) -> Exported:
    """The chains of a run of labels or a folder of targets as they are exported.

    Args:
        folder: either.
        threshold: a target, or a label of the run, that reaches it is right; None for hard labels where there
            are some, else 0.5. Where it is given, hard labels are not used.
        fits: whether a row can be exported; None for all.

    Raises:
        ConfigError: the labels are no probabilities and no threshold is given, or one of targets is not in
            [0, 1].
        InputError: there is no chain, or no step is decided.
        RunError: the folder is neither a finished run nor targets.
    """
    expect_kind(folder, "labels", "targets")
    of = _of_targets if holds(folder, "targets") else _of_labels
    decided, rule = of(folder, threshold)
    exported = _counted(decided, rule, fits)
    if not len(exported.rows) + exported.num_unfit:
        raise InputError(
            "no chain can be exported",
            where=str(folder),
            got="; ".join(f"{reason}: {n} chains" for reason, n in exported.left_out.items()) or "no chain",
            expected="a chain whose first step is labeled",
        )
    return exported


_Deciding = Callable[[], Iterator[_Decided]]


def _of_targets(folder: Path, threshold: float | None) -> tuple[_Deciding, str]:
    if threshold is not None and not 0 <= threshold <= 1:
        raise ConfigError(
            "the threshold is one of targets",
            where="option threshold",
            got=f"{threshold:g}",
            expected="from 0 to 1",
        )
    hard = threshold is None and any(row.hard is not None for row in read_targets(folder))
    limit = DEFAULT_THRESHOLD if threshold is None else threshold
    rule = "hard labels of the targets, nothing after the first error" if hard else f"target >= {limit:g}"
    return lambda: (_decided_target(row, limit, hard=hard) for row in read_targets(folder)), rule


def _decided_target(row: TargetRow, limit: float, *, hard: bool) -> _Decided:
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
    return _Decided(row=made, labels=labels, reasons=reasons)


def _of_labels(folder: Path, threshold: float | None) -> tuple[_Deciding, str]:
    units, probable = _units(folder)
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
    rule = (
        f"probability of being right >= {limit:g}" if probable else f"label >= {limit:g} {', '.join(units)}"
    )
    return lambda: (
        _decided_label(row, limit, probable=probable) for row in read_labels(folder, candidates=False)
    ), rule


def _units(folder: Path) -> tuple[list[str], bool]:
    """The units of a run's labels, and whether all of its chains have `StepLabels.probabilities`."""
    units: set[str] = set()
    probable = True
    for row in read_columns(folder, ("unit", "label", "parts")):
        units.add(row["unit"])
        probable &= (
            row["unit"] == PROBABILITY
            or bool((row.get("parts") or {}).get("belief"))
            or all(value is None for value in row["label"])
        )
    return sorted(units), probable


def _decided_label(row: LabeledChain, limit: float, *, probable: bool) -> _Decided:
    labels = row.labels
    targets = labels.probabilities if probable else None
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
    booleans = _at_least(labels.values if targets is None else targets, limit)
    return _Decided(row=made, labels=booleans, reasons=labels.abstained)


def _at_least(values: Sequence[float | None], limit: float) -> tuple[bool | None, ...]:
    return tuple(None if value is None else value >= limit for value in values)


def _counted(deciding: _Deciding, rule: str, fits: Fits | None) -> Exported:
    """Go through all rows once, keeping of them what the card needs."""
    left_out: Counter[str] = Counter()
    cut: Counter[str] = Counter()
    methods: dict[str, None] = {}
    rated: list[RatedRow] = []
    num_rows = num_steps = num_wrong = num_unfit = num_cut_chains = num_decided_cut = 0
    for chain in deciding():
        labels, end = chain.labels, _end(chain)
        if end == 0:
            left_out[f"first step: {chain.reasons[0]}"] += 1
            continue
        if end < len(labels):
            cut[chain.reasons[end]] += len(labels) - end
            num_cut_chains += 1
            num_decided_cut += sum(label is not None for label in labels[end:])
        if fits is not None and not fits(_up_to(chain, end)):
            num_unfit += 1
            continue
        methods[chain.row.method] = None
        num_rows += 1
        num_steps += end
        num_wrong += labels[:end].count(False)
        if isinstance(first_error := chain.row.chain.first_error, int):
            predicted = labels.index(False) if False in labels[:end] else -1
            rated.append(RatedRow(chain=chain.row.chain, first_error=first_error, predicted=predicted))
    return Exported(
        rows=ExportRows(lambda: _rows(deciding(), fits), num_rows),
        rated=tuple(rated),
        methods=tuple(methods),
        num_steps=num_steps,
        num_wrong_steps=num_wrong,
        rule=rule,
        left_out=dict(sorted(left_out.items())),
        num_unfit=num_unfit,
        cut=dict(sorted(cut.items())),
        num_cut_chains=num_cut_chains,
        num_decided_cut=num_decided_cut,
    )


def _rows(decided: Iterator[_Decided], fits: Fits | None) -> Iterator[ExportRow]:
    rows = (_up_to(chain, end) for chain in decided if (end := _end(chain)))
    return rows if fits is None else filter(fits, rows)


def _end(chain: _Decided) -> int:
    """Steps up to the first undecided one."""
    return chain.labels.index(None) if None in chain.labels else len(chain.labels)


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
