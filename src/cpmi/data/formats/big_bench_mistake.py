"""BIG-Bench Mistake: chains with the human's index of the first mistake (null = none) and the gold target.

Source: Tyen et al., "LLMs cannot find reasoning errors" (arXiv 2311.08516);
github.com/WHGTyen/BIG-Bench-Mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, each
from cpmi.data.formats.ratings import ratings_from_first_error
from cpmi.data.record import RawRecord
from cpmi.types import Chain


def _recognize(fields: Mapping[str, object]) -> bool:
    return {"input", "steps", "target", "mistake_index"} <= fields.keys()


def _read_record(record: RawRecord) -> Iterator[Chain]:
    record = record.named(f"bbm-{record.stem}-{record.index}")
    steps = record.texts("steps")
    no_mistake = record.value("mistake_index", "an index or null") is None
    mistake_index = None if no_mistake else record.integer("mistake_index")
    yield Chain(
        id=record.id,
        question=record.text("input"),
        steps=steps,
        gold=record.text("target"),
        answer=record.optional_text("answer"),
        ratings=ratings_from_first_error(record, "mistake_index", mistake_index, len(steps)),
        source=record.source,
    )


BIG_BENCH_MISTAKE = Format(
    name="big_bench_mistake",
    summary="BIG-Bench Mistake: input, steps, target, mistake_index or null",
    recognize=_recognize,
    read=each(_read_record),
)
