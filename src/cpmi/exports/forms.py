"""The forms that label sets are exported to: the stepwise form as Parquet, `datasets` folder or JSONL, and
Math-Shepherd's text.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from cpmi.data.formats.math_shepherd import MATH_SHEPHERD, TAG
from cpmi.data.record import RawRecord
from cpmi.errors import RecordError
from cpmi.exports.rows import ExportRow
from cpmi.extras import needed
from cpmi.runs.columns import CHAIN_FIELDS, chain_row
from cpmi.runs.table import writer
from cpmi.storage import refused, replacing
from cpmi.types import Rating

Form = Literal["parquet", "datasets", "jsonl", "math-shepherd"]
FORMS: tuple[Form, ...] = ("parquet", "datasets", "jsonl", "math-shepherd")

PARQUET_NAME, LINES_NAME = "train.parquet", "train.jsonl"
_ROWS_PER_GROUP = 1024
NOT_WRITABLE = "cannot be told apart in Math-Shepherd's text"

SCHEMA = pa.schema(
    [
        pa.field("prompt", pa.string(), nullable=False),
        pa.field("completions", pa.list_(pa.string()), nullable=False),
        pa.field("labels", pa.list_(pa.bool_()), nullable=False),
        pa.field("targets", pa.list_(pa.float64())),
        pa.field("values", pa.list_(pa.float64())),
        pa.field("unit", pa.string()),
        pa.field("successes", pa.list_(pa.int64())),
        pa.field("trials", pa.list_(pa.int64())),
        pa.field("method", pa.string(), nullable=False),
        *(field for field in CHAIN_FIELDS if field.name not in ("question", "steps", "meta")),
        # Not a map: the library `datasets` has none.
        pa.field("meta", pa.list_(pa.struct({"key": pa.string(), "value": pa.string()})), nullable=False),
        pa.field("unshared_tokens", pa.int64()),
        pa.field("computed_tokens", pa.int64()),
        pa.field("generated_tokens", pa.int64()),
    ]
)
"""The stepwise form: `prompt`, `completions`, boolean `labels` as trainers read them, then what is ours."""


def write_form(rows: Iterable[ExportRow], form: Form, folder: Path) -> str:
    """Write rows that the form can hold into a folder; for all forms but "datasets" it exists.

    Returns:
        The name of the file, "" if the folder itself is the data set.

    Raises:
        MissingDependencyError: `datasets` is needed and not installed.
        StorageError: the disk refused.
    """
    if form == "datasets":
        _write_dataset(rows, folder)
        return ""
    if form == "parquet":
        _write_parquet(rows, folder / PARQUET_NAME)
        return PARQUET_NAME
    fields = math_shepherd_fields if form == "math-shepherd" else stepwise_fields
    _write_lines(map(fields, rows), folder / LINES_NAME)
    return LINES_NAME


def stepwise_fields(row: ExportRow) -> dict[str, Any]:
    """One row of the stepwise form, with the columns of `SCHEMA`."""
    tokens = row.tokens or {}
    chain = chain_row(row.chain)
    for name in ("steps", "ratings"):
        chain[name] = chain[name] and chain[name][: len(row.labels)]
    return {
        "prompt": chain.pop("question"),
        "completions": chain.pop("steps"),
        "meta": [{"key": key, "value": value} for key, value in chain.pop("meta")],
        "labels": list(row.labels),
        "targets": _listed(row.targets),
        "values": _listed(row.values),
        "unit": row.unit,
        "successes": _listed(row.successes),
        "trials": _listed(row.trials),
        "method": row.method,
        **chain,
        "unshared_tokens": tokens.get("unshared"),
        "computed_tokens": tokens.get("computed"),
        "generated_tokens": tokens.get("generated"),
    }


def math_shepherd_fields(row: ExportRow) -> dict[str, str] | None:
    """One record of Math-Shepherd's text form; None if it could not be read back to these steps and signs.

    A step that does not begin with its "Step N:" gets it. White space around a step is not kept.
    """
    steps = [_numbered(index, step.strip()) for index, step in enumerate(row.steps, start=1)]
    joined = [f"{row.chain.question.strip()} {steps[0]}", *steps[1:]]
    signs = ["+" if label else "-" for label in row.labels]
    fields = {
        "input": "\n".join(f"{step} {TAG}" for step in joined),
        "label": "\n".join(f"{step} {sign}" for step, sign in zip(joined, signs, strict=True)),
    }
    record = RawRecord(fields=fields, index=0, stem="export", source=row.chain.id)
    (read,) = MATH_SHEPHERD.read([record])
    if isinstance(read, RecordError):
        return None
    ratings = tuple(Rating.RIGHT if label else Rating.WRONG for label in row.labels)
    same = (read.question, read.steps, read.ratings) == (
        row.chain.question.strip(),
        tuple(steps),
        ratings,
    )
    return fields if same else None


def fits_math_shepherd(row: ExportRow) -> bool:
    """Whether `math_shepherd_fields` can hold a row."""
    return math_shepherd_fields(row) is not None


def _numbered(index: int, step: str) -> str:
    head = f"Step {index}:"
    return step if step.startswith(head) else f"{head} {step}"


def _write_lines(records: Iterable[Mapping[str, Any] | None], path: Path) -> None:
    with replacing(path) as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n")


def _tables(rows: Iterable[ExportRow]) -> Iterator[pa.Table]:
    fields = map(stepwise_fields, rows)
    while group := list(islice(fields, _ROWS_PER_GROUP)):
        yield pa.Table.from_pylist(group, schema=SCHEMA)


def _write_parquet(rows: Iterable[ExportRow], path: Path) -> None:
    with replacing(path) as file, writer(file, SCHEMA) as sink:
        for table in _tables(rows):
            sink.write_table(table, row_group_size=table.num_rows)


def _write_dataset(rows: Iterable[ExportRow], folder: Path) -> None:
    with needed():
        datasets = importlib.import_module("datasets")
    made = datasets.Dataset(pa.concat_tables(_tables(rows)))
    try:
        made.save_to_disk(str(folder))
    except OSError as error:
        raise refused(folder, error) from error


def _listed(column: Sequence[Any] | None) -> list[Any] | None:
    return None if column is None else list(column)
