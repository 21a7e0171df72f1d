"""GSM8K example model solutions: several models' chains a record, each marked right or wrong as a whole.

Every non-empty line is a step, the closing `A: 18` as well: the model wrote it, and without it a chain
that is nothing but an answer would have no step. It is also read as the chain's answer. A chain that was
cut off has no such line and no answer.

Source: github.com/openai/grade-school-math, example_model_solutions.jsonl.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.record import RawRecord, describe
from cpmi.errors import RecordError
from cpmi.steps import StepRule, split_text
from cpmi.types import Chain

ANSWER_MARK = "A: "


def recognize_gsm8k_solutions(fields: Mapping[str, object]) -> bool:
    """Whether a record holds GSM8K solutions of several models."""
    return {"question", "ground_truth"} <= fields.keys() and bool(_models(fields))


def gold_of_solutions(record: RawRecord) -> str:
    """The gold answer, from the last line of `ground_truth`.

    Raises:
        RecordError: that line has another form.
    """
    ground_truth = record.text("ground_truth")
    gold = _stated_answer(split_text(ground_truth, StepRule.LINE).steps)
    if gold is None:
        raise record.error(
            "the gold answer is not marked",
            got=describe(ground_truth[-40:]),
            expected=f"'{ANSWER_MARK}18' in the last line of 'ground_truth'",
        )
    return gold


def _models(fields: Mapping[str, object]) -> list[str]:
    """The names of the models are no fixed list: every object with a solution is one."""
    return [name for name, value in fields.items() if isinstance(value, Mapping) and "solution" in value]


def _stated_answer(lines: tuple[str, ...]) -> str | None:
    if not lines or not lines[-1].startswith(ANSWER_MARK):
        return None
    return lines[-1].removeprefix(ANSWER_MARK).strip() or None


def _read_record(record: RawRecord) -> Iterator[ReadOutcome]:
    base_id = f"gsm8k-{record.stem}-{record.index}"
    record = record.named(base_id)
    question, gold = record.text("question"), gold_of_solutions(record)
    models = _models(record.fields)
    if not models:
        raise record.error(
            "the record holds no solution", expected="an object with 'solution' for each model"
        )
    for model in models:
        solution = record.named(f"{base_id}/{model}").inner(model, record.fields[model])
        try:
            yield _read_solution(solution, model, question, gold)
        except RecordError as error:  # the other models' solutions are fine
            yield error


def _read_solution(record: RawRecord, model: str, question: str, gold: str) -> Chain:
    steps = split_text(record.text("solution"), StepRule.LINE).steps
    return Chain(
        id=record.id,
        question=question,
        steps=steps,
        gold=gold,
        answer=_stated_answer(steps),
        meta={"generator": model, "outcome": "right" if record.boolean("is_correct") else "wrong"},
        source=record.source,
    )


GSM8K_SOLUTIONS = Format(
    name="gsm8k_solutions",
    summary="GSM8K model solutions: question, ground_truth, and {solution, is_correct} for each model",
    recognize=recognize_gsm8k_solutions,
    read=each(_read_record),
)
