"""PRMBench: chains edited to hold errors of a named class; `error_steps` counts from 1.

`modified_question` is the official input. One idx stands once in each class, except that a problem may
have several right solutions, which are numbered.

Malformed items (a number of `error_steps` outside the chain, an empty step) are part of the official score,
which wants a score of every step. None of their steps is rated, so nothing else counts them, and an empty
step is read as "…". `meta` keeps what the record says: `idx`, `classification`, `error_steps` as "2, 3", and
`empty_steps` where there are any.

Source: Song et al., "PRMBench" (arXiv 2501.03124); github.com/ssmisya/PRMBench.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from cpmi.data.format import Format, ReadOutcome, Records, each
from cpmi.data.record import RawRecord
from cpmi.types import Chain, Rating

EMPTY = "…"
"""Stands for an empty step."""


def _recognize(fields: Mapping[str, object]) -> bool:
    return {"modified_question", "modified_process", "error_steps"} <= fields.keys()


def _read(records: Records) -> Iterator[ReadOutcome]:
    num_seen: Counter[str] = Counter()

    def read_record(record: RawRecord) -> Iterator[Chain]:
        record_id = f"{record.text('idx')}/{record.text('classification')}"
        num_seen[record_id] += 1
        if num_seen[record_id] > 1:
            record_id = f"{record_id}/{num_seen[record_id]}"
        yield _chain(record.named(record_id))

    yield from each(read_record)(records)


def _chain(record: RawRecord) -> Chain:
    texts, error_steps = record.texts("modified_process"), record.integers("error_steps")
    numbers = range(1, len(texts) + 1)
    empty = [number for number, text in zip(numbers, texts, strict=True) if not text.strip()]
    rating = {number: Rating.WRONG if number in error_steps else Rating.RIGHT for number in numbers}
    if empty or not rating.keys() >= set(error_steps):
        rating = dict.fromkeys(numbers, Rating.NOT_JUDGED)
    meta = {
        "original_question": record.text("original_question"),
        "classification": record.text("classification"),
        "idx": record.text("idx"),
        "error_steps": _listed(error_steps),
    }
    return Chain(
        id=record.id,
        question=record.text("modified_question"),
        steps=tuple(text if text.strip() else EMPTY for text in texts),
        gold=record.optional_text("ground_truth"),
        ratings=tuple(rating.values()),
        meta=meta | ({"empty_steps": _listed(empty)} if empty else {}),
        source=record.source,
    )


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


PRMBENCH = Format(
    name="prmbench",
    summary="PRMBench: modified_question, modified_process, error_steps counted from 1",
    recognize=_recognize,
    read=_read,
)
