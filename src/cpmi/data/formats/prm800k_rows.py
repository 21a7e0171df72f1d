"""PRM800K as step rows: one row a proposed step, with its prefix and rating.

The rows of a problem need not stand together, so the whole source is read before the first chain comes.
`answer` is what the step states, not the gold. Problems are told apart by their exact text.

Source: huggingface.co/datasets/xhghhh/Enhancing-PRM800K, a conversion of github.com/openai/prm800k.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, ReadOutcome, Records
from cpmi.data.formats.ratings import rating_of_prm800k
from cpmi.data.formats.step_tree import RatedStep, StepTree
from cpmi.data.record import RawRecord
from cpmi.errors import RecordError


def _recognize(fields: Mapping[str, object]) -> bool:
    return {"instruction", "responses", "next_response", "rating"} <= fields.keys()


def _read(records: Records) -> Iterator[ReadOutcome]:
    trees: dict[str, tuple[RawRecord, StepTree]] = {}
    for record in records:
        if isinstance(record, RecordError):
            yield record
            continue
        try:
            question, row = record.text("instruction"), _row(record)
        except RecordError as error:
            yield error
            continue
        if question not in trees:
            trees[question] = (record.named(f"prm800k-{record.stem}-{len(trees)}"), StepTree())
        trees[question][1].add(row)
    for question, (first_record, tree) in trees.items():
        yield from tree.outcomes(first_record, question=question)


def _row(record: RawRecord) -> RatedStep:
    return RatedStep(
        prefix=record.texts("responses"),
        step=record.text("next_response"),
        rating=rating_of_prm800k(record, "rating"),
        answer=record.optional_text("answer"),
        source=record.source,
    )


PRM800K_ROWS = Format(
    name="prm800k_rows",
    summary="PRM800K as step rows: instruction, responses (prefix), next_response, rating",
    recognize=_recognize,
    read=_read,
    stands_alone=False,
)
