"""Best-of-N samples: several chains a problem, each with the score of its final answer.

The chains are plain text, cut into steps by `cpmi.steps`.

Source: the evaluation output of github.com/QwenLM/Qwen2.5-Math.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from cpmi.data.cut import AUTO, cut_text
from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.record import RawRecord
from cpmi.errors import RecordError
from cpmi.types import Chain


def recognize_best_of_n(fields: Mapping[str, object]) -> bool:
    """Whether a record has the fields of a best-of-N sample."""
    return {"question", "gt", "code", "score"} <= fields.keys()


def _read_record(record: RawRecord, rule: str = AUTO) -> Iterator[ReadOutcome]:
    base_id = f"best_of_n-{record.stem}-{record.index}"
    record = record.named(base_id)
    question, gold = record.text("question"), record.text("gt")
    chains, scores = record.texts("code"), record.booleans("score")
    record.check_length("score", len(scores), "code", len(chains))
    answers: tuple[str, ...] | tuple[None, ...] = (None,) * len(chains)
    if "pred" in record.fields:
        answers = record.texts("pred")
        record.check_length("pred", len(answers), "code", len(chains))
    for number, (chain, score, answer) in enumerate(zip(chains, scores, answers, strict=True)):
        cut = cut_text(chain, rule)
        try:
            yield Chain(
                id=f"{base_id}/{number}",
                question=question,
                steps=cut.steps,
                gold=gold,
                answer=answer or cut.answer,
                meta={"outcome": "right" if score else "wrong", **cut.meta},
                source=record.source,
            )
        except RecordError as error:  # the other chains are fine
            yield error


BEST_OF_N: Format = Format(
    name="best_of_n",
    summary="best-of-N samples: question, gt, code = list of chains, score = list of true or false",
    recognize=recognize_best_of_n,
    read=each(_read_record),
    by_rule=lambda rule: replace(BEST_OF_N, read=each(partial(_read_record, rule=rule))),
)
