"""Stepwise supervision as TRL writes it: prompt, completions (the steps), one truth value a step.

Source: huggingface.co/docs/trl, dataset formats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, each
from cpmi.data.record import RawRecord
from cpmi.types import Chain, Rating


def _recognize(fields: Mapping[str, object]) -> bool:
    return {"prompt", "completions", "labels"} <= fields.keys()


def _read_record(record: RawRecord) -> Iterator[Chain]:
    record = record.named(f"stepwise-{record.stem}-{record.index}")
    steps, labels = record.texts("completions"), record.booleans("labels")
    record.check_length("labels", len(labels), "completions", len(steps))
    yield Chain(
        id=record.id,
        question=record.text("prompt"),
        steps=steps,
        ratings=tuple(Rating.RIGHT if label else Rating.WRONG for label in labels),
        source=record.source,
    )


STEPWISE = Format(
    name="stepwise",
    summary="stepwise supervision (TRL): prompt, completions, labels = true or false per step",
    recognize=_recognize,
    read=each(_read_record),
)
