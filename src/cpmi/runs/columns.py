"""The columns that all tables share: those of a chain, and reasons by step; the way there and back.

Every table of chains (labels, targets, scores) begins with `CHAIN_FIELDS`. A row is what pyarrow takes and
gives: a dict by the names of the columns.

`meta` is sorted by its keys. `source` is the place in the input, as "chains.jsonl:12": the name of the file
without its folder, so that an input that was moved gives the same bytes. The chain's `values` are not kept.
`options`, `other_golds`, `outcome` and `distractors` are null where a chain has none; old tables lack them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from cpmi.data.formats.own import OPTIONAL_FIELDS, to_fields
from cpmi.types import Chain, Rating

TableRow = dict[str, Any]

CHAIN_FIELDS: tuple[pa.Field, ...] = (
    pa.field("id", pa.string(), nullable=False),
    pa.field("question", pa.string(), nullable=False),
    pa.field("gold", pa.string()),
    pa.field("answer", pa.string()),
    pa.field("steps", pa.list_(pa.string()), nullable=False),
    pa.field("ratings", pa.list_(pa.string())),
    pa.field("meta", pa.map_(pa.string(), pa.string()), nullable=False),
    pa.field("source", pa.string(), nullable=False),
    pa.field("options", pa.list_(pa.string())),
    pa.field("other_golds", pa.list_(pa.string())),
    pa.field("outcome", pa.bool_()),
    pa.field("distractors", pa.list_(pa.string())),
)
REASONS = pa.list_(pa.struct({"step": pa.int32(), "reason": pa.string()}))


def chain_row(chain: Chain) -> TableRow:
    """The columns `CHAIN_FIELDS` of a chain."""
    fields = to_fields(chain)
    kept = {name: fields[name] for name in ("id", "question", "gold", "answer", "steps", "ratings")}
    return {
        **kept,
        "meta": sorted(chain.meta.items()),
        "source": chain.source.rpartition("/")[2],
        **{name: fields.get(name) for name in OPTIONAL_FIELDS},
    }


def chain_of(row: Mapping[str, Any]) -> Chain:
    """The chain of a row; columns of other names are not read."""
    return Chain(
        id=row["id"],
        question=row["question"],
        gold=row["gold"],
        answer=row["answer"],
        steps=tuple(row["steps"]),
        ratings=None if row["ratings"] is None else tuple(map(Rating, row["ratings"])),
        meta=dict(row["meta"]),
        source=row["source"],
        options=tuple(row.get("options") or ()),
        other_golds=tuple(row.get("other_golds") or ()),
        outcome=row.get("outcome"),
        distractors=tuple(row.get("distractors") or ()),
    )


def reasons_row(reasons: Mapping[int, str]) -> list[TableRow]:
    """Reasons by step as a value of the type `REASONS`, in the order of the steps."""
    return [{"step": step, "reason": reasons[step]} for step in sorted(reasons)]


def reasons_of(listed: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Back from `reasons_row`."""
    return {item["step"]: item["reason"] for item in listed}
