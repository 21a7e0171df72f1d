"""Sample logs of the LM Evaluation Harness (`--log_samples`): one record per document and filter.

The question is the document's own, where it has one of the known names, else the prompt that was sent. A task
with several filters logs every response once for each, so the filter is part of the id.

Source: github.com/EleutherAI/lm-evaluation-harness, files samples_TASK_DATE.jsonl.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from cpmi.data.cut import AUTO, cut_text
from cpmi.data.format import Format, ReadOutcome, each
from cpmi.data.found_columns import QUESTIONS
from cpmi.data.record import RawRecord, describe, is_number
from cpmi.data.stated_gold import stated_gold
from cpmi.errors import RecordError
from cpmi.types import Chain


def _recognize(fields: Mapping[str, object]) -> bool:
    return {"doc", "target", "resps", "arguments"} <= fields.keys()


def _read_record(record: RawRecord, rule: str = AUTO) -> Iterator[ReadOutcome]:
    number = record.value("doc_id", "a number or text")
    chosen = record.optional_text("filter")
    base = f"{record.stem}-{number}" + (f"/{chosen}" if chosen else "")
    record = record.named(base)
    question, gold = _question(record), _gold(record)
    responses = _responses(record)
    metrics = {name: str(record.fields[name]) for name in _metrics(record)}
    for index, response in enumerate(responses):
        cut = cut_text(response, rule)
        try:
            yield Chain(
                id=base if len(responses) == 1 else f"{base}/{index}",
                question=question,
                steps=cut.steps,
                gold=gold,
                answer=cut.answer,
                meta={**({"filter": chosen} if chosen else {}), **metrics, **cut.meta},
                source=record.source,
            )
        except RecordError as error:  # the other responses are fine
            yield error


def _question(record: RawRecord) -> str:
    document = record.inner("doc", record.value("doc", "an object"))
    name = next((name for name in QUESTIONS if isinstance(document.fields.get(name), str)), None)
    if name is not None:
        return document.text(name)
    sent = _first_text(record.value("arguments", "the prompt"))
    if sent is None:
        raise record.wrong("arguments", record.fields["arguments"], "the prompt as text")
    return sent


def _first_text(value: object) -> str | None:
    """The first text inside lists and objects: older logs hold lists of arguments, younger ones objects."""
    stack = [value]  # of its own: arguments may be nested beyond Python's
    while stack:
        found = stack.pop()
        if isinstance(found, str):
            return found
        inside = (
            found.values() if isinstance(found, Mapping) else found if isinstance(found, Sequence) else ()
        )
        stack += reversed(list(inside))
    return None


def _gold(record: RawRecord) -> str | None:
    target = record.value("target", "the right answer, or null")
    if target is None:
        return None
    if isinstance(target, str):
        return stated_gold(target)
    if is_number(target):
        return str(target)
    raise record.wrong("target", target, "text or a number")


def _responses(record: RawRecord) -> list[str]:
    """The sampled texts: `resps` is a list for each request of lists of responses."""
    found: list[str] = []
    for request in record.items("resps"):
        for response in request if isinstance(request, list) else [request]:
            if not isinstance(response, str):
                raise record.error(
                    "the responses are not generated text",
                    got=describe(response),
                    expected="a task that generates: log-likelihoods hold no chain",
                )
            found.append(response)
    return found


def _metrics(record: RawRecord) -> list[str]:
    named = record.fields.get("metrics")
    names = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    return [name for name in names if name in record.fields]


LM_EVAL: Format = Format(
    name="lm_eval",
    summary="LM Evaluation Harness sample logs: doc, target, arguments, resps",
    recognize=_recognize,
    read=each(_read_record),
    by_rule=lambda rule: replace(LM_EVAL, read=each(partial(_read_record, rule=rule))),
)
