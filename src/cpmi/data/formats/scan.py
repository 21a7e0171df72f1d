"""SCAN-PRM: question, steps, and a score in [0, 1] for every step, by rollouts; a chain ends at its first 0.

The scores are kept as values: they are estimates of a model, not ratings.

Source: github.com/yyDing1/SCAN-PRM, dataset/SCAN-Base and dataset/SCAN-Pro.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, each
from cpmi.data.record import RawRecord, is_number
from cpmi.types import Chain


def recognize_scan(fields: Mapping[str, object]) -> bool:
    """Whether a record has the three fields of SCAN-PRM and no other."""
    return fields.keys() == {"question", "steps", "scores"}


def _read_record(record: RawRecord) -> Iterator[Chain]:
    record = record.named(f"scan-{record.stem}-{record.index}")
    steps, scores = record.texts("steps"), record.items("scores")
    record.check_length("scores", len(scores), "steps", len(steps))
    values: list[float] = []
    for index, score in enumerate(scores):
        if not is_number(score) or not 0 <= score <= 1:
            raise record.wrong(f"scores[{index}]", score, "a number in [0, 1]")
        values.append(float(score))
    yield Chain(
        id=record.id,
        question=record.text("question"),
        steps=steps,
        values=tuple(values),
        source=record.source,
    )


SCAN = Format(
    name="scan",
    summary="SCAN-PRM: question, steps, scores = a number in [0, 1] per step",
    recognize=recognize_scan,
    read=each(_read_record),
)
