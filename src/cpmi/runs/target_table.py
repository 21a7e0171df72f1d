"""The table of targets, `targets.parquet`: its columns, and the way there and back.

One row per chain, with its ratings, so that targets can be held against them wherever the run that they were
made from is. The writer's settings are fixed, so equal rows make equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from cpmi.calibration import HardLabels
from cpmi.places import expect_kind
from cpmi.runs import format_0
from cpmi.runs.columns import CHAIN_FIELDS, REASONS, TableRow, chain_of, chain_row, reasons_of, reasons_row
from cpmi.runs.table import TARGETS_NAME, open_table, writer
from cpmi.storage import replacing
from cpmi.types import Chain

CONSENSUS = "consensus"
"""The map of targets that two label sets agree on."""

_KEY = b"cpmi.targets"
_FORMAT = b"3"
_ROWS_PER_GROUP = 1024

_SCHEMA = pa.schema(
    [
        *CHAIN_FIELDS,
        pa.field("method", pa.string(), nullable=False),
        pa.field("label", pa.list_(pa.float64()), nullable=False),
        pa.field("target", pa.list_(pa.float64()), nullable=False),
        pa.field("hard", pa.list_(pa.bool_())),
        pa.field("abstained", REASONS, nullable=False),
        pa.field("hard_abstained", REASONS),
        pa.field("map", pa.string(), nullable=False),
        pa.field("mentions_candidate", pa.list_(pa.bool_())),
    ],
    metadata={_KEY: _FORMAT},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """One chain and its targets: one row of the table.

    Attributes:
        chain: the chain.
        method: that labeled it, or how two methods were put together.
        labels: [S] as the method gave them, in its unit; None where it abstained, and everywhere where two
            methods were put together, which have no unit in common.
        targets: [S] in [0, 1], greater is better; None where there is none.
        abstained: step index -> why its target is None; exactly these steps.
        hard: right and wrong; None if none were asked for.
        map: the map from labels to targets.
        printed: [S] which steps print a candidate answer; None if the method compares no candidates.

    Raises:
        ValueError: lengths differ, a target is not in [0, 1], or a None has no reason.
    """

    chain: Chain
    method: str
    labels: tuple[float | None, ...]
    targets: tuple[float | None, ...]
    map: str
    abstained: Mapping[int, str] = field(default_factory=dict)
    hard: HardLabels | None = None
    printed: tuple[bool, ...] | None = None

    def __post_init__(self) -> None:
        hard = None if self.hard is None else self.hard.values
        columns = (self.labels, self.targets, hard, self.printed)
        if any(column is not None and len(column) != len(self.chain.steps) for column in columns):
            raise ValueError(f"{self.chain.id}: the columns differ in length")
        nulls = {index for index, target in enumerate(self.targets) if target is None}
        if nulls != set(self.abstained):
            raise ValueError(
                f"{self.chain.id}: no target at {sorted(nulls)}, reasons at {sorted(self.abstained)}"
            )
        if not all(0 <= target <= 1 for target in self.targets if target is not None):
            raise ValueError(f"{self.chain.id}: a target is not in [0, 1]: {self.targets}")


def write_targets(rows: Sequence[TargetRow], folder: Path) -> None:
    """Write the table into a folder, at once or not at all.

    Raises:
        StorageError: the disk refused.
    """
    with replacing(folder / TARGETS_NAME) as file, writer(file, _SCHEMA) as table:
        for first in range(0, len(rows), _ROWS_PER_GROUP):
            group = [_to_row(row) for row in rows[first : first + _ROWS_PER_GROUP]]
            table.write_table(pa.Table.from_pylist(group, schema=_SCHEMA), row_group_size=len(group))


def read_targets(folder: str | Path) -> Iterator[TargetRow]:
    """The rows of a folder of targets, in the order of its input.

    Raises:
        RunError: the folder holds no table of targets.
    """
    expect_kind(Path(folder), "targets")
    path = Path(folder) / TARGETS_NAME
    file, written = open_table(path, "targets", key=_KEY, formats=(_FORMAT, format_0.TARGETS_FORMAT))
    for group in range(file.num_row_groups):
        for row in file.read_row_group(group).to_pylist():
            yield _from_row(row if written == _FORMAT else format_0.upgraded_chain(row))


def _to_row(row: TargetRow) -> TableRow:
    return {
        **chain_row(row.chain),
        "method": row.method,
        "label": list(row.labels),
        "target": list(row.targets),
        "hard": None if row.hard is None else list(row.hard.values),
        "abstained": reasons_row(row.abstained),
        "hard_abstained": None if row.hard is None else reasons_row(row.hard.reasons),
        "map": row.map,
        "mentions_candidate": None if row.printed is None else list(row.printed),
    }


def _from_row(row: TableRow) -> TargetRow:
    hard = None
    if row["hard"] is not None:
        hard = HardLabels(values=tuple(row["hard"]), reasons=reasons_of(row["hard_abstained"]))
    return TargetRow(
        chain=chain_of(row),
        method=row["method"],
        labels=tuple(row["label"]),
        targets=tuple(row["target"]),
        abstained=reasons_of(row["abstained"]),
        hard=hard,
        map=row["map"],
        printed=None if row["mentions_candidate"] is None else tuple(row["mentions_candidate"]),
    )
