"""GSM8K: the reference solution as a chain, one step a line, the gold after `####`.

Calculator marks `<<a+b=c>>` are kept: they are part of the text as given.

Source: Cobbe et al., "Training Verifiers to Solve Math Word Problems" (arXiv 2110.14168);
github.com/openai/grade-school-math.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, each
from cpmi.data.found_columns import samples_in
from cpmi.data.record import RawRecord, describe
from cpmi.data.stated_gold import GOLD_MARK
from cpmi.steps import StepRule, split_text
from cpmi.types import Chain


def recognize_gsm8k(fields: Mapping[str, object]) -> bool:
    """Whether a record is a GSM8K problem with its reference answer, and no sampled solution beside it."""
    answer = fields.get("answer")
    if "question" not in fields or "steps" in fields or samples_in(fields):
        return False
    return isinstance(answer, str) and GOLD_MARK in answer


def split_gold(record: RawRecord) -> tuple[str, str]:
    """The reference solution and the gold answer of a record.

    Raises:
        RecordError: there is not exactly one mark, or nothing stands after it.
    """
    answer = record.text("answer")
    solution, _, gold = answer.partition(GOLD_MARK)
    if answer.count(GOLD_MARK) != 1 or not gold.strip():
        raise record.error(
            "the gold answer is not marked",
            got=describe(answer[-40:]),
            expected=f"one '{GOLD_MARK} 18' at the end",
        )
    return solution, gold.strip()


def _read_record(record: RawRecord) -> Iterator[Chain]:
    record = record.named(f"gsm8k-{record.stem}-{record.index}")
    solution, gold = split_gold(record)
    yield Chain(
        id=record.id,
        question=record.text("question"),
        steps=split_text(solution, StepRule.LINE).steps,
        gold=gold,
        answer=gold,  # the chain is the reference: its own answer is the gold by definition
        source=record.source,
    )


GSM8K = Format(
    name="gsm8k",
    summary="GSM8K: question, answer = reference solution and '#### gold'",
    recognize=recognize_gsm8k,
    read=each(_read_record),
)
