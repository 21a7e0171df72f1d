"""The table of a finished run, as other libraries take it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cpmi.digests import expect_intact
from cpmi.errors import RunError
from cpmi.extras import needed


def to_pandas(table: Path) -> Any:
    """A `pandas.DataFrame`, one row per chain.

    Raises:
        MissingDependencyError: pandas is not installed.
        RunError: the table is absent, or has changed since it was written.
    """
    with needed():
        import pandas  # noqa: F401  # here, so that its absence has a remedy
    return _read(table).to_pandas()


def to_dataset(table: Path) -> Any:
    """A `datasets.Dataset`, one row per chain; maps as JSON text. Errors as `to_pandas`, for datasets."""
    with needed():
        from datasets import Dataset
    return Dataset(_without_maps(_read(table)))


def _without_maps(table: pa.Table) -> pa.Table:
    """`datasets` has no type for a map."""
    for index, field in enumerate(table.schema):
        if pa.types.is_map(field.type):
            texts = [None if pairs is None else json.dumps(dict(pairs)) for pairs in table[index].to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table.replace_schema_metadata(None)


def _read(table: Path) -> pa.Table:
    try:
        expect_intact(table)
        return pq.read_table(table)
    except FileNotFoundError as error:
        raise RunError("the run has no table", where=str(table)) from error
