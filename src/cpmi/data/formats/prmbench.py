"""PRMBench: chains edited to hold errors of a named class; `error_steps` counts from 1.

`modified_question` is the official input. One idx stands once in each class, except that a problem may
have several right solutions, which are numbered.

Source: Song et al., "PRMBench" (arXiv 2501.03124); github.com/ssmisya/PRMBench.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, ReadOutcome, Records, each
from cpmi.data.record import RawRecord
from cpmi.types import Chain, Rating


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
    steps, error_steps = record.texts("modified_process"), record.integers("error_steps")
    outside = [number for number in error_steps if not 1 <= number <= len(steps)]
    if outside:
        raise record.error(
            "'error_steps' points outside the chain",
            got=", ".join(map(str, outside)),
            expected=f"numbers from 1 to {len(steps)}",
        )
    return Chain(
        id=record.id,
        question=record.text("modified_question"),
        steps=steps,
        gold=record.optional_text("ground_truth"),
        ratings=tuple(
            Rating.WRONG if number in error_steps else Rating.RIGHT for number in range(1, len(steps) + 1)
        ),
        meta={
            "original_question": record.text("original_question"),
            "classification": record.text("classification"),
        },
        source=record.source,
    )


PRMBENCH = Format(
    name="prmbench",
    summary="PRMBench: modified_question, modified_process, error_steps counted from 1",
    recognize=_recognize,
    read=_read,
)
