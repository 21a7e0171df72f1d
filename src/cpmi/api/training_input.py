"""What `train` learns from: targets, labels that say how probable a right step is, or ratings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from cpmi.data import locate, read_chains
from cpmi.errors import InputError, RecordError
from cpmi.places import holds, look
from cpmi.prm.examples import Example, from_ratings
from cpmi.runs.facts import facts_of
from cpmi.runs.spent import read_spent
from cpmi.runs.table import LabeledChain, read_labels
from cpmi.runs.target_table import TargetRow, read_targets
from cpmi.types import Chain, FirstErrorUnknown

OnError = Literal["stop", "skip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingInput:
    """Chains with targets, and where they come from.

    Attributes:
        examples: in the order of the input.
        facts: kind ("targets", "labels" or "ratings"), method, map, cost; for the card.
        left_out: records that are no example, by reason.
    """

    examples: tuple[Example, ...]
    facts: Mapping[str, Any]
    left_out: Mapping[str, int]


def read_training_input(
    source: str | Path, *, reading: Mapping[str, Any] = MappingProxyType({}), on_error: OnError = "stop"
) -> TrainingInput:
    """Read a folder of targets, a run whose labels are probabilities, or rated chains.

    Args:
        source: a folder by `cpmi calibrate`, `consensus` or `hybrid`; a run of `cpmi label` by evidence or
            adaptive (their belief), monte_carlo or binary_search; or a rated input of any known format.
        reading: how rated chains are read, as `cpmi.data.read_chains` takes it.
        on_error: "stop" at a malformed record of rated chains, or "skip" it and count it.

    Raises:
        InputError: nothing there can be learned from.
        RunError: a table is damaged.
    """
    folder = Path(source)
    if holds(folder, "targets"):
        found = _from_targets(folder)
    elif holds(folder, "labels"):
        found = _from_labels(folder)
    else:
        found = _from_ratings(source, reading, on_error)
    if not found.examples:
        raise InputError(
            "there is nothing to learn from",
            where=str(source),
            got=", ".join(f"{count} records {reason}" for reason, count in found.left_out.items())
            or "no chain",
            expected="targets, labels that are probabilities, or rated chains",
            hint="Label the chains and calibrate the labels first, or give a rated file.",
        )
    return found


def is_made_by_cpmi(source: str | Path) -> bool:
    """Whether a source is a folder of targets or a run of labels, not rated chains."""
    return not look(Path(source)).kinds.isdisjoint(("targets", "labels"))


def _from_targets(folder: Path) -> TrainingInput:
    rows = list(read_targets(folder))
    facts = {
        "kind": "targets",
        "method": _several(row.method for row in rows),
        "map": _several(row.map for row in rows),
        **_cost(folder),
        "facts": facts_of(folder, method=_several(row.method for row in rows), unit="").to_json(),
    }
    return TrainingInput(examples=tuple(map(_of_target_row, rows)), facts=facts, left_out={})


def _of_target_row(row: TargetRow) -> Example:
    first_error = _first_error(row.chain)
    rated = first_error is not None
    hard = None if row.hard is None else row.hard.values
    if first_error is None and hard is not None and hard[0] is not None:
        # One False at most, and nothing after it: without it, the chain is right if all its steps are.
        first_error = hard.index(False) if False in hard else -1 if None not in hard else None
    return Example(
        id=row.chain.id,
        question=row.chain.question,
        steps=row.chain.steps,
        targets=row.targets,
        hard=None if hard is None else tuple(None if value is None else float(value) for value in hard),
        first_error=first_error,
        rated=rated,
    )


def _from_labels(folder: Path) -> TrainingInput:
    rows = list(read_labels(folder))
    found = [(row, row.labels.probabilities) for row in rows]
    examples = tuple(_of_labels(row, targets) for row, targets in found if targets is not None)
    if len(examples) < len(rows):
        raise InputError(
            "the labels are not probabilities",
            where=str(folder),
            got=f"labels in {_several(row.labels.unit for row in rows)}",
            expected="a run of evidence, adaptive, monte_carlo or binary_search",
            hint="Make targets of them first: cpmi calibrate.",
        )
    method, unit = (_several(getattr(row.labels, name) for row in rows) for name in ("method", "unit"))
    facts = {
        "kind": "labels",
        "method": method,
        **_cost(folder),
        "facts": facts_of(folder, method=method, unit=unit).to_json(),
    }
    return TrainingInput(examples=examples, facts=facts, left_out={})


def _of_labels(row: LabeledChain, targets: tuple[float | None, ...]) -> Example:
    chain, labels = row.chain, row.labels
    first_error = _first_error(chain)
    return Example(
        id=chain.id,
        question=chain.question,
        steps=chain.steps,
        targets=targets,
        # A binary search counts rollouts, but its labels do not follow from the counts of their own steps.
        counts=None if "visited" in labels.parts else labels.rollout_counts,
        first_error=first_error,
        rated=first_error is not None,
    )


def _first_error(chain: Chain) -> int | None:
    """By ratings; None if it is not known."""
    return found if isinstance(found := chain.first_error, int) else None


def _from_ratings(source: str | Path, reading: Mapping[str, Any], on_error: OnError) -> TrainingInput:
    examples: list[Example] = []
    left_out: Counter[str] = Counter()
    for record in read_chains(locate(source), **reading):
        if isinstance(record, RecordError):
            if on_error == "stop":
                raise record
            left_out[record.what] += 1
        elif (example := from_ratings(record)) is None:
            left_out[FirstErrorUnknown.NO_RATINGS.value] += 1
        else:
            examples.append(example)
    return TrainingInput(examples=tuple(examples), facts={"kind": "ratings"}, left_out=left_out)


def _several(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _cost(folder: Path) -> dict[str, Any]:
    """What the labels cost, as far as their folder says."""
    spent = read_spent(folder)
    return {} if spent is None else {"cost": spent.to_json()}
