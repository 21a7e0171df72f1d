"""ProcessBench: chains of real models with the human's index of the first wrong step (-1 = none).

Source: Zheng et al., "ProcessBench" (arXiv 2412.06559); github.com/QwenLM/ProcessBench.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, each
from cpmi.data.formats.ratings import ratings_from_first_error
from cpmi.data.record import RawRecord
from cpmi.types import Chain


def _recognize(fields: Mapping[str, object]) -> bool:
    return {"problem", "steps", "label"} <= fields.keys() and isinstance(fields["label"], int)


def _read_record(record: RawRecord) -> Iterator[Chain]:
    record = record.named(record.text("id"))
    steps = record.texts("steps")
    label = record.integer("label")
    meta = {"generator": record.text("generator")}
    if "final_answer_correct" in record.fields:
        meta["outcome"] = "right" if record.boolean("final_answer_correct") else "wrong"
    yield Chain(
        id=record.id,
        question=record.text("problem"),
        steps=steps,
        ratings=ratings_from_first_error(record, "label", None if label == -1 else label, len(steps)),
        meta=meta,
        source=record.source,
    )


PROCESSBENCH = Format(
    name="processbench",
    summary="ProcessBench: problem, steps, label = index of the first wrong step or -1",
    recognize=_recognize,
    read=each(_read_record),
)
