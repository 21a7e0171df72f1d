"""The table of labels, `labels.parquet`: its columns, and the way there and back.

One row per chain. The writer's settings are fixed, so equal rows make equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cpmi.digests import expect_intact
from cpmi.errors import RunError
from cpmi.places import PlaceError, expect_kind, unreadable
from cpmi.runs import format_0
from cpmi.runs.columns import CHAIN_FIELDS, REASONS, TableRow, chain_of, chain_row, reasons_of, reasons_row
from cpmi.types import Candidate, Chain, Origin, StepLabels
from cpmi.usage import Usage

TABLE_NAME = "labels.parquet"
TARGETS_NAME = "targets.parquet"  # the table of another kind of folder: `cpmi.runs.target_table`
LEAKAGE_FLAGS = ("mentions_gold", "mentions_candidate")
_OF_CANDIDATES = ("candidates", "candidate_values")
_METHOD_KEY = b"cpmi.method"
_AGAIN = {"scores": "score the chains again", "targets": "make the targets again"}
_WRITER_OPTIONS = {"compression": "zstd", "compression_level": 3, "version": "2.6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabeledChain:
    """One chain and its labels: one row of the table."""

    chain: Chain
    labels: StepLabels


def schema(method: str, part_names: Sequence[str]) -> pa.Schema:
    """The columns of the table of one method."""
    numbers = pa.list_(pa.float64())
    fields = [
        *CHAIN_FIELDS,
        pa.field("candidates", pa.list_(pa.struct({"text": pa.string(), "origin": pa.string()}))),
        pa.field("candidate_values", pa.list_(numbers)),
        pa.field("label", numbers, nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("parts", pa.struct([pa.field(name, numbers) for name in part_names])),
        pa.field("missing_parts", pa.list_(pa.struct({"part": pa.string(), "reason": pa.string()}))),
        pa.field("marks", pa.struct([pa.field(name, pa.list_(pa.bool_())) for name in LEAKAGE_FLAGS])),
        pa.field("abstained", REASONS),
        pa.field("rejected_candidates", pa.list_(pa.struct({"reason": pa.string(), "count": pa.int64()}))),
        pa.field("num_tokenization_mismatches", pa.int64(), nullable=False),
        pa.field("unshared_tokens", pa.int64(), nullable=False),
        pa.field("computed_tokens", pa.int64(), nullable=False),
        pa.field("generated_tokens", pa.int64(), nullable=False),
    ]
    if not part_names:  # Parquet has no struct without fields
        fields = [field for field in fields if field.name != "parts"]
    return pa.schema(fields, metadata={_METHOD_KEY: method.encode()})


def read_schema(folder: Path) -> pa.Schema:
    """The `schema` that the table of a finished run was made with; errors as `read_labels`."""
    # What the file gives back carries Parquet's own field numbers, which would be stored as metadata.
    columns = _open_table(folder).schema_arrow
    return schema(columns.metadata[_METHOD_KEY].decode(), _part_names(columns))


def label_rows(rows: Sequence[LabeledChain], columns: pa.Schema) -> list[TableRow]:
    """Rows as the table has them.

    Raises:
        ValueError: a method carries parts or marks that it did not declare.
    """
    part_names = _part_names(columns)
    return [_to_row(row, part_names) for row in rows]


def table_of(rows: list[TableRow], columns: pa.Schema) -> pa.Table:
    """Rows of any table; those that went through JSON, which has no pairs, as well."""
    for name in [field.name for field in columns if pa.types.is_map(field.type)]:
        rows = [{**row, name: list(map(tuple, row[name]))} for row in rows]
    return pa.Table.from_pylist(rows, schema=columns)


def encode(rows: Sequence[LabeledChain], columns: pa.Schema) -> bytes:
    """The table of labels as a Parquet file of one row group; errors as `label_rows`."""
    return encoded(label_rows(rows, columns), columns)


def encoded(rows: list[TableRow], columns: pa.Schema) -> bytes:
    """Rows of any table as a Parquet file of one row group."""
    file = io.BytesIO()
    with writer(file, columns) as sink:
        if rows:
            sink.write_table(table_of(rows, columns))
    return file.getvalue()


def writer(file: Any, columns: pa.Schema) -> pq.ParquetWriter:
    """A writer with the settings that all tables share; `file` is a binary file object."""
    return pq.ParquetWriter(file, columns, **_WRITER_OPTIONS)


def open_table(
    path: Path, content: str, *, key: bytes, formats: Sequence[bytes]
) -> tuple[pq.ParquetFile, bytes]:
    """A table of scores or targets, and in which of the formats it is.

    Args:
        path: of the table.
        content: "scores" or "targets".
        key: under which the table states its format.
        formats: those that can be read.

    Raises:
        RunError: it cannot be read, is something else, or has changed since it was written.
    """
    try:
        expect_intact(path)
        file = pq.ParquetFile(path)
    except OSError as error:
        raise unreadable(path, error) from error
    except pa.ArrowInvalid as error:
        raise PlaceError(f"not a table of {content}", where=str(path), got=str(error)) from error
    written = (file.schema_arrow.metadata or {}).get(key)
    if written is None or written not in formats:
        raise RunError(
            f"not a table of {content} by this cpmi",
            where=str(path),
            got=str(file.schema_arrow.names),
            hint=f"If another version of cpmi wrote it, {_AGAIN[content]}.",
        )
    return file, written


def read_labels(folder: str | Path, *, candidates: bool = True) -> Iterator[LabeledChain]:
    """The rows of a finished run, in the order of its input.

    Args:
        folder: of the run.
        candidates: whether the candidate answers and their values are read, which are most of a table and
            which few readers need; without, labels have none.

    Raises:
        RunError: the folder holds no table of labels, or one that has changed since it was written.
    """
    file = _open_table(Path(folder))
    metadata = file.schema_arrow.metadata
    older = metadata.get(format_0.METHOD_KEY)
    method = (older or metadata[_METHOD_KEY]).decode()
    columns = [name for name in file.schema_arrow.names if candidates or name not in _OF_CANDIDATES]
    for group in range(file.num_row_groups):
        for row in file.read_row_group(group, columns=columns).to_pylist():
            yield _from_row(format_0.upgraded_chain(row) if older else row, method)


def read_columns(folder: str | Path, names: Sequence[str]) -> Iterator[TableRow]:
    """Some columns of the rows of a finished run, those that its table has; errors as `read_labels`."""
    file = _open_table(Path(folder))
    held = [name for name in names if name in file.schema_arrow.names]
    for group in range(file.num_row_groups):
        yield from file.read_row_group(group, columns=held).to_pylist()


def read_ids(folder: str | Path) -> list[str]:
    """The ids of a finished run, in the order of its input; errors as `read_labels`."""
    ids: list[str] = _open_table(Path(folder)).read(columns=["id"]).column("id").to_pylist()
    return ids


def read_part_names(folder: str | Path) -> list[str]:
    """The columns of `parts` of a finished run, filled or not; errors as `read_labels`."""
    return _part_names(_open_table(Path(folder)).schema_arrow)


def _open_table(folder: Path) -> pq.ParquetFile:
    expect_kind(folder, "labels")
    path = folder / TABLE_NAME
    try:
        expect_intact(path)
        file = pq.ParquetFile(path)
    except OSError as error:
        raise unreadable(path, error) from error
    except pa.ArrowInvalid as error:
        raise RunError("not a table of labels", where=str(path), got=str(error)) from error
    if not {_METHOD_KEY, format_0.METHOD_KEY} & (file.schema_arrow.metadata or {}).keys():
        raise RunError("not a table of labels by cpmi", where=str(path), got=str(file.schema_arrow.names))
    return file


def _part_names(columns: pa.Schema) -> list[str]:
    return [field.name for field in columns.field("parts").type] if "parts" in columns.names else []


def _to_row(row: LabeledChain, part_names: Sequence[str]) -> TableRow:
    labels = row.labels
    _expect_declared("parts", labels.parts, part_names, labels.method)
    _expect_declared("marks", labels.marks, LEAKAGE_FLAGS, labels.method)
    return {
        **chain_row(row.chain),
        "candidates": [{"text": c.text, "origin": c.origin.value} for c in labels.candidates],
        "candidate_values": [list(values) for values in labels.candidate_values],
        "label": list(labels.values),
        "unit": labels.unit,
        **({"parts": _lists(labels.parts, part_names)} if part_names else {}),
        "missing_parts": [
            {"part": part, "reason": reason} for part, reason in sorted(labels.missing_parts.items())
        ],
        "marks": _lists(labels.marks, LEAKAGE_FLAGS),
        "abstained": reasons_row(labels.abstained),
        "rejected_candidates": [
            {"reason": reason, "count": count} for reason, count in sorted(labels.rejected_candidates.items())
        ],
        "num_tokenization_mismatches": labels.num_tokenization_mismatches,
        "unshared_tokens": labels.usage.unshared_tokens,
        "computed_tokens": labels.usage.computed_tokens,
        "generated_tokens": labels.usage.generated_tokens,
    }


def _from_row(row: TableRow, method: str) -> LabeledChain:
    labels = StepLabels(
        chain_id=row["id"],
        method=method,
        values=tuple(row["label"]),
        unit=row["unit"],
        candidates=tuple(
            Candidate(text=c["text"], origin=Origin(c["origin"])) for c in row.get("candidates") or ()
        ),
        candidate_values=tuple(map(tuple, row.get("candidate_values") or ())),
        parts=_columns(row.get("parts")),
        missing_parts={item["part"]: item["reason"] for item in row.get("missing_parts") or ()},
        marks=_columns(row["marks"]),
        abstained=reasons_of(row["abstained"]),
        rejected_candidates={item["reason"]: item["count"] for item in row["rejected_candidates"]},
        num_tokenization_mismatches=row["num_tokenization_mismatches"],
        usage=Usage(
            unshared_tokens=row["unshared_tokens"],
            computed_tokens=row["computed_tokens"],
            generated_tokens=row["generated_tokens"],
        ),
    )
    return LabeledChain(chain=chain_of(row), labels=labels)


def _lists(columns: Mapping[str, Sequence[object]], names: Sequence[str]) -> TableRow:
    return {name: list(columns[name]) if name in columns else None for name in names}


def _columns(struct: TableRow | None) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(values) for name, values in (struct or {}).items() if values is not None}


def _expect_declared(kind: str, given: Mapping[str, object], declared: Sequence[str], method: str) -> None:
    """A column that is not declared would be dropped without a word."""
    if unknown := sorted(set(given) - set(declared)):
        raise ValueError(f"method {method} returned the {kind} {unknown}; it declared {list(declared)}")
