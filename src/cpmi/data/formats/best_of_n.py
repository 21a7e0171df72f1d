"""Best-of-N samples: several chains a problem, each with the score of its final answer.

The chains are plain text, cut into steps by `cpmi.steps`.

Source: the evaluation output of github.com/QwenLM/Qwen2.5-Math.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.record import RawRecord
from cpmi.errors import RecordError
from cpmi.steps import split_text
from cpmi.types import Chain


def recognize_best_of_n(fields: Mapping[str, object]) -> bool:
    """Whether a record has the fields of a best-of-N sample."""
    return {"question", "gt", "code", "score"} <= fields.keys()


def _read_record(record: RawRecord) -> Iterator[ReadOutcome]:
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
        try:
            yield Chain(
                id=f"{base_id}/{number}",
                question=question,
                steps=split_text(chain).steps,
                gold=gold,
                answer=answer or None,
                meta={"outcome": "right" if score else "wrong"},
                source=record.source,
            )
        except RecordError as error:  # the other chains are fine
            yield error


BEST_OF_N = Format(
    name="best_of_n",
    summary="best-of-N samples: question, gt, code = list of chains, score = list of true or false",
    recognize=recognize_best_of_n,
    read=each(_read_record),
)
